//! EKS Pod Identity associations: which role the pods of a service account take.
//!
//! EKS knows one an EKS cluster, namespace and service account, so these are its identity. Source: Amazon
//! EKS API reference, `CreatePodIdentityAssociation`.

use crate::{
    Listing, Mutation, Owner, ResourceType, Service, Step, Tags,
    ids::{Arn, PodIdentity, PodIdentityAssociationId},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct PodIdentityAssociation;

/// An association as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Whose pods.
    pub identity: PodIdentity,
    /// The role that they take.
    pub role_arn: Arn,
    /// Its tags.
    pub tags: Tags,
}

/// An association as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Whose pods.
    pub identity: PodIdentity,
    /// AWS's id.
    pub id: PodIdentityAssociationId,
    /// Its ARN.
    pub arn: Arn,
    /// The role that they take.
    pub role_arn: Arn,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreatePodIdentityAssociation`.
    Create(Desired),
    /// `UpdatePodIdentityAssociation`.
    Update {
        /// Whose pods.
        identity: PodIdentity,
        /// AWS's id.
        id: PodIdentityAssociationId,
        /// The role that they take from now on.
        role_arn: Arn,
    },
    /// `DeletePodIdentityAssociation`.
    Delete {
        /// Whose pods.
        identity: PodIdentity,
        /// AWS's id.
        id: PodIdentityAssociationId,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreatePodIdentityAssociation",
            Self::Update { .. } => "UpdatePodIdentityAssociation",
            Self::Delete { .. } => "DeletePodIdentityAssociation",
        }
    }

    fn target(&self) -> String {
        PodIdentityAssociation::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!(
                "let pods of {} take IAM role {}",
                desired.identity, desired.role_arn
            ),
            Self::Update {
                identity, role_arn, ..
            } => format!("let pods of {identity} take IAM role {role_arn} and no other"),
            Self::Delete { identity, .. } => format!("let pods of {identity} take no IAM role"),
        }
    }
}

impl ResourceType for PodIdentityAssociation {
    const NAME: &'static str = "pod-identity-association";
    const SERVICE: Service = Service::Eks;
    /// The list tells neither role nor tags, and is one a cluster.
    const LISTING: Listing = Listing::Single;
    type Id = PodIdentity;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.identity.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.identity.clone(),
            Change::Update { identity, .. } | Change::Delete { identity, .. } => identity.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }
}

/// Creates the association, and points it back where somebody pointed it elsewhere.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(desired.clone()));
    };
    let what = format!(
        "the EKS pod identity association of {} ({})",
        seen.identity, seen.id
    );
    ownership::guard(&what, &seen.tags, owner).then(|| {
        if seen.role_arn == desired.role_arn {
            return Step::Settled;
        }
        Step::change(Change::Update {
            identity: seen.identity.clone(),
            id: seen.id.clone(),
            role_arn: desired.role_arn.clone(),
        })
    })
}

/// Removes the association, if it is this owner's.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    match observed {
        Some(seen) if ownership::claim(&seen.tags, owner) == ownership::Claim::Ours => {
            Step::change(Change::Delete {
                identity: seen.identity.clone(),
                id: seen.id.clone(),
            })
        }
        _ => Step::Settled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Refusal, names};

    fn owner() -> Owner {
        Owner {
            cluster: "clinics".into(),
            kind: "ObjectStore".into(),
            namespace: "a".into(),
            name: "scans".into(),
            uid: "1".into(),
        }
    }

    fn desired() -> Desired {
        Desired {
            identity: names::pod_identity(&owner(), "viewer"),
            role_arn: "arn:role".into(),
            tags: owner().tags(&Tags::new()),
        }
    }

    fn seen() -> Observed {
        Observed {
            identity: desired().identity,
            id: "a-1".into(),
            arn: "arn:association".into(),
            role_arn: "arn:role".into(),
            tags: desired().tags,
        }
    }

    #[test]
    fn made_pointed_back_and_removed_but_never_anothers() {
        assert_eq!(desired().identity.as_str(), "clinics/a/viewer");
        let step = |seen: Option<&Observed>| plan(&desired(), seen, &owner());
        assert_eq!(step(None), Step::change(Change::Create(desired())));
        assert!(step(Some(&seen())).is_settled());
        let mut elsewhere = seen();
        elsewhere.role_arn = "arn:admin".into();
        let Step::Change(changes) = step(Some(&elsewhere)) else {
            panic!("expected a change")
        };
        assert_eq!(changes[0].operation(), "UpdatePodIdentityAssociation");
        let mut foreign = elsewhere;
        foreign.tags.clear();
        assert!(
            matches!(step(Some(&foreign)), Step::Refuse(no) if no.reason == Refusal::FOREIGN_RESOURCE)
        );
        assert!(remove(Some(&foreign), &owner()).is_settled());
        assert!(matches!(remove(Some(&seen()), &owner()), Step::Change(_)));
    }
}
