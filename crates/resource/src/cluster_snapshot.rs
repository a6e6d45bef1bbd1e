//! Manual snapshots of DB clusters: the database's half of a set (safety.md 2 and 3).

use std::time::Duration;

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
    /// `creating`, `available`, `failed`.
    pub status: String,
    /// Its tags.
    pub tags: Tags,
}

/// One call. Snapshots are never deleted here: they expire with their set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateDBClusterSnapshot`.
    Create(Desired),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        "CreateDBClusterSnapshot"
    }

    fn target(&self) -> String {
        ClusterSnapshot::changed(self).to_string()
    }

    fn describe(&self) -> String {
        let Self::Create(desired) = self;
        format!(
            "snapshot DB cluster {} as {}",
            desired.cluster_id, desired.id
        )
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
        let Change::Create(desired) = change;
        desired.id.clone()
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        !matches!(observed.status.as_str(), "available" | "failed")
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
                "DB cluster snapshot {} failed, so nothing is deleted. Remove the failed \
                     snapshot in AWS and it is taken again.",
                seen.id
            ),
        ),
        _ => Step::wait_usually(
            "TakingFinalSnapshot",
            format!("AWS is taking DB cluster snapshot {}", seen.id),
            Duration::from_mins(10),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_only_when_available() {
        let owner = Owner {
            cluster: "c".into(),
            kind: "ManagedDatabase".into(),
            namespace: "a".into(),
            name: "b".into(),
            uid: "1".into(),
        };
        let desired = Desired {
            id: "s".into(),
            cluster_id: "c".into(),
            tags: owner.tags(&Tags::new()),
        };
        let seen = |status: &str| Observed {
            id: "s".into(),
            arn: "arn".into(),
            cluster_id: "c".into(),
            status: status.into(),
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
