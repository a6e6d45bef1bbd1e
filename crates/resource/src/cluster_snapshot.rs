//! Manual snapshots of DB clusters: the database's half of a set (safety.md 2 and 3).

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    ids::{Arn, ClusterSnapshotId, DbClusterId},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct ClusterSnapshot;

/// A snapshot as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its identifier.
    pub id: ClusterSnapshotId,
    /// The cluster to copy.
    pub cluster_id: DbClusterId,
    /// Its tags.
    pub tags: Tags,
}

/// A snapshot as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its identifier.
    pub id: ClusterSnapshotId,
    /// Its ARN.
    pub arn: Arn,
    /// The cluster it is of.
    pub cluster_id: DbClusterId,
    /// `creating`, `available`, `failed`, `deleting`.
    pub status: String,
    /// The time that it shows; AWS tells it once the snapshot is being made.
    pub taken_at: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateDBClusterSnapshot`.
    Create(Desired),
    /// `AddTagsToResource`: what became known after it was asked for.
    Tag {
        /// Its identifier.
        id: ClusterSnapshotId,
        /// Its ARN.
        arn: Arn,
        /// All of ours, so that a policy can ask for them.
        tags: Tags,
    },
    /// `DeleteDBClusterSnapshot`: of a set that expires or failed, never of a deletion.
    Delete(ClusterSnapshotId),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateDBClusterSnapshot",
            Self::Tag { .. } => "AddTagsToResource",
            Self::Delete(_) => "DeleteDBClusterSnapshot",
        }
    }

    fn target(&self) -> String {
        ClusterSnapshot::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!(
                "snapshot DB cluster {} as {}",
                desired.cluster_id, desired.id
            ),
            Self::Tag { id, .. } => format!("tag DB cluster snapshot {id} with its other half"),
            Self::Delete(id) => format!("delete DB cluster snapshot {id}"),
        }
    }
}

impl ResourceType for ClusterSnapshot {
    const NAME: &'static str = "db-cluster-snapshot";
    const SERVICE: Service = Service::Rds;
    const LISTING: Listing = Listing::Pages;
    type Id = ClusterSnapshotId;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.id.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.id.clone(),
            Change::Tag { id, .. } | Change::Delete(id) => id.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        !matches!(observed.status.as_str(), "available" | "failed")
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let Change::Tag { tags, .. } = change else {
            return None;
        };
        let mut seen = before.clone();
        seen.tags.extend(tags.clone());
        Some(seen)
    }
}

/// Takes the snapshot and waits until it is complete. Settled only when AWS says `available`.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(desired.clone()));
    };
    ownership::guard(
        &format!("DB cluster snapshot {}", seen.id),
        &seen.tags,
        owner,
    )
    .then(|| match seen.status.as_str() {
        "available" => Step::Settled,
        "failed" => Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "DB cluster snapshot {} failed, so nothing that waits for it is done. Remove \
                     the failed snapshot in AWS and it is taken again.",
                seen.id
            ),
        ),
        _ => Step::wait_usually(
            "TakingSnapshot",
            format!("AWS is taking DB cluster snapshot {}", seen.id),
            Duration::from_mins(10),
        ),
    })
}

/// Deletes a snapshot of this owner, and waits until it is gone. One that is being made is waited for:
/// AWS deletes an available one only. Source: RDS API reference, `DeleteDBClusterSnapshot`.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    if ownership::claim(&seen.tags, owner) != ownership::Claim::Ours {
        return Step::Settled;
    }
    match seen.status.as_str() {
        "available" | "failed" => Step::change(Change::Delete(seen.id.clone())),
        state => Step::wait(
            "RemovingSnapshot",
            format!("DB cluster snapshot {} is {state}", seen.id),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner {
            cluster: "c".into(),
            kind: "ManagedDatabase".into(),
            namespace: "a".into(),
            name: "b".into(),
            uid: "1".into(),
        }
    }

    fn seen(status: &str) -> Observed {
        Observed {
            id: "s".into(),
            arn: "arn".into(),
            cluster_id: "c".into(),
            status: status.into(),
            taken_at: None,
            tags: owner().tags(&Tags::new()),
        }
    }

    #[test]
    fn removed_once_it_is_made_and_only_by_its_owner() {
        let next = |status: &str| remove(Some(&seen(status)), &owner());
        assert!(matches!(next("creating"), Step::Wait(_)));
        assert!(matches!(next("available"), Step::Change(_)));
        assert!(matches!(next("failed"), Step::Change(_)));
        assert!(matches!(next("deleting"), Step::Wait(_)));
        assert!(remove(None, &owner()).is_settled());
        let other = Owner {
            uid: "2".into(),
            ..owner()
        };
        assert!(remove(Some(&seen("available")), &other).is_settled());
    }

    #[test]
    fn settled_only_when_available() {
        let owner = owner();
        let desired = Desired {
            id: "s".into(),
            cluster_id: "c".into(),
            tags: owner.tags(&Tags::new()),
        };
        assert!(matches!(plan(&desired, None, &owner), Step::Change(_)));
        assert!(matches!(
            plan(&desired, Some(&seen("creating")), &owner),
            Step::Wait(_)
        ));
        assert!(matches!(
            plan(&desired, Some(&seen("failed")), &owner),
            Step::Refuse(_)
        ));
        assert!(plan(&desired, Some(&seen("available")), &owner).is_settled());
    }
}
