//! The IAM role that AWS Backup works with. One a platform, under our IAM path and, where one is
//! configured, under a permissions boundary (safety.md 10).
//!
//! What somebody attached beside our policies is left: the operator may attach two named policies
//! and detach none.

use std::collections::BTreeSet;

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    ids::{AccountId, Arn, RoleName},
    ownership,
};

/// The policies that AWS keeps for backups and for restores.
pub const MANAGED_POLICIES: [&str; 2] = [
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
    "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
];

const TRUST: &str = include_str!("trust.json");

/// Lets AWS Backup, on behalf of `account` alone, take the role.
pub fn trust_policy(account: &AccountId) -> String {
    TRUST.replace("${account}", account.as_str())
}

/// The resource type.
#[derive(Debug)]
pub struct BackupRole;

/// A role as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name.
    pub name: RoleName,
    /// Its path, [`names::ROLE_PATH`](crate::names::ROLE_PATH).
    pub path: String,
    /// Who may take it, as JSON: [`trust_policy`].
    pub trust_policy: String,
    /// What it may do: [`MANAGED_POLICIES`].
    pub managed_policies: BTreeSet<Arn>,
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
    /// The managed policies it has.
    pub managed_policies: BTreeSet<Arn>,
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
    /// `AttachRolePolicy`.
    Attach {
        /// The role.
        name: RoleName,
        /// The policy.
        policy: Arn,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateRole",
            Self::Attach { .. } => "AttachRolePolicy",
        }
    }

    fn target(&self) -> String {
        BackupRole::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create IAM role {}", desired.name),
            Self::Attach { name, policy } => format!("attach {policy} to IAM role {name}"),
        }
    }
}

impl ResourceType for BackupRole {
    const NAME: &'static str = "backup-role";
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
            Change::Attach { name, .. } => name.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let Change::Attach { policy, .. } = change else {
            return None;
        };
        let mut seen = before.clone();
        seen.managed_policies.insert(policy.clone());
        Some(seen)
    }
}

/// Creates the role and attaches what it lacks.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(Box::new(desired.clone())));
    };
    ownership::guard(&format!("IAM role {}", seen.name), &seen.tags, owner)
        .then(|| is_bounded(desired, seen))
        .then(|| {
            Step::changes(
                desired
                    .managed_policies
                    .difference(&seen.managed_policies)
                    .map(|policy| Change::Attach {
                        name: seen.name.clone(),
                        policy: policy.clone(),
                    })
                    .collect(),
            )
        })
}

/// Nothing is attached to a role that may do more than it should.
fn is_bounded(desired: &Desired, seen: &Observed) -> Step<Change> {
    match &desired.permissions_boundary {
        Some(boundary) if seen.permissions_boundary.as_ref() != Some(boundary) => Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "the permissions boundary of IAM role {} is {} and not {boundary}. Set it in IAM; \
                 the operator may not.",
                seen.name,
                seen.permissions_boundary
                    .as_ref()
                    .map_or("missing", Arn::as_str),
            ),
        ),
        _ => Step::Settled,
    }
}

#[cfg(test)]
mod tests;
