//! IAM roles that pods take through EKS Pod Identity: one an owner, under an IAM path of their own and,
//! where one is configured, under a permissions boundary (safety.md 10).
//!
//! A role has one inline policy of ours. What somebody attached beside is left, and keeps the role from
//! being deleted.

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    bucket::canonical,
    ids::{Arn, RoleName},
    ownership,
};

mod policy;

pub use policy::{object_access, trust_policy};

/// The name of the inline policy.
pub const POLICY: &str = "emrstack";

/// The resource type.
#[derive(Debug)]
pub struct PodRole;

/// A role as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name.
    pub name: RoleName,
    /// Its path, [`names::POD_ROLE_PATH`](crate::names::POD_ROLE_PATH).
    pub path: String,
    /// What people read in the console.
    pub description: String,
    /// Who may take it, as JSON: [`trust_policy`].
    pub trust_policy: String,
    /// What it may do, as JSON: [`object_access`].
    pub policy: String,
    /// What it may do at most.
    pub permissions_boundary: Option<Arn>,
    /// Its tags.
    pub tags: Tags,
}

/// A role as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: RoleName,
    /// Its ARN.
    pub arn: Arn,
    /// Who may take it, as [`canonical`] writes it.
    pub trust_policy: String,
    /// What it may do by our inline policy, as [`canonical`] writes it.
    pub policy: Option<String>,
    /// What it may do at most.
    pub permissions_boundary: Option<Arn>,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateRole`.
    Create(Box<Desired>),
    /// `PutRolePolicy`, which replaces all of it.
    PutPolicy {
        /// The role.
        name: RoleName,
        /// The policy, as JSON.
        policy: String,
    },
    /// `DeleteRolePolicy`.
    DeletePolicy(RoleName),
    /// `DeleteRole`. IAM refuses while it has a policy.
    Delete(RoleName),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateRole",
            Self::PutPolicy { .. } => "PutRolePolicy",
            Self::DeletePolicy(_) => "DeleteRolePolicy",
            Self::Delete(_) => "DeleteRole",
        }
    }

    fn target(&self) -> String {
        PodRole::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create IAM role {}", desired.name),
            Self::PutPolicy { name, .. } => format!("set what IAM role {name} may do"),
            Self::DeletePolicy(name) => format!("let IAM role {name} do nothing"),
            Self::Delete(name) => format!("delete IAM role {name}"),
        }
    }
}

impl ResourceType for PodRole {
    const NAME: &'static str = "pod-role";
    const SERVICE: Service = Service::Iam;
    const LISTING: Listing = Listing::Single;
    type Id = RoleName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.name.clone(),
            Change::PutPolicy { name, .. } | Change::DeletePolicy(name) | Change::Delete(name) => {
                name.clone()
            }
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }
}

/// Creates the role and says what it may do.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(Box::new(desired.clone())));
    };
    ownership::guard(&format!("IAM role {}", seen.name), &seen.tags, owner)
        .then(|| is_bounded(desired, seen))
        .then(|| is_trusted(desired, seen))
        .then(|| {
            if seen.policy.as_ref() == Some(&canonical(&desired.policy)) {
                return Step::Settled;
            }
            Step::change(Change::PutPolicy {
                name: seen.name.clone(),
                policy: desired.policy.clone(),
            })
        })
}

/// Nothing is given to a role that may do more than it should.
fn is_bounded(desired: &Desired, seen: &Observed) -> Step<Change> {
    match &desired.permissions_boundary {
        Some(boundary) if seen.permissions_boundary.as_ref() != Some(boundary) => refused(format!(
            "the permissions boundary of IAM role {} is {} and not {boundary}. Set it in IAM; the \
             operator may not.",
            seen.name,
            seen.permissions_boundary
                .as_ref()
                .map_or("missing", Arn::as_str),
        )),
        _ => Step::Settled,
    }
}

/// Nor to one that somebody else can take.
fn is_trusted(desired: &Desired, seen: &Observed) -> Step<Change> {
    if seen.trust_policy == canonical(&desired.trust_policy) {
        return Step::Settled;
    }
    refused(format!(
        "somebody changed who may take IAM role {}. Delete the role in IAM, and it is made again; the \
         operator may not change its trust policy.",
        seen.name
    ))
}

fn refused(message: String) -> Step<Change> {
    Step::refuse(Refusal::RESOURCE_FAILED, message)
}

/// Removes the role, if it is this owner's: what it may do first.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    match observed {
        Some(seen) if ownership::claim(&seen.tags, owner) == ownership::Claim::Ours => {
            Step::change(if seen.policy.is_some() {
                Change::DeletePolicy(seen.name.clone())
            } else {
                Change::Delete(seen.name.clone())
            })
        }
        _ => Step::Settled,
    }
}

#[cfg(test)]
mod tests;
