//! Manual snapshots of DB instances that stand alone: the database's half of a set (safety.md 2 and 3).
//! Those of Aurora are snapshots of a cluster. A snapshot outlives its instance.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    ids::{Arn, DbInstanceId, DbSnapshotId},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct DbSnapshot;

/// A snapshot as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its identifier.
    pub id: DbSnapshotId,
    /// The instance to copy.
    pub instance_id: DbInstanceId,
    /// Its tags.
    pub tags: Tags,
}

/// A snapshot as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its identifier.
    pub id: DbSnapshotId,
    /// Its ARN.
    pub arn: Arn,
    /// The instance it is of.
    pub instance_id: DbInstanceId,
    /// The instance's engine: `postgres`.
    pub engine: String,
    /// The instance's engine version, which a restore from it has.
    pub engine_version: String,
    /// The key that encrypts it; `None` when it is not encrypted.
    pub kms_key_arn: Option<Arn>,
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
    /// `CreateDBSnapshot`.
    Create(Desired),
    /// `AddTagsToResource`: what became known after it was asked for.
    Tag {
        /// Its identifier.
        id: DbSnapshotId,
        /// Its ARN.
        arn: Arn,
        /// All of ours, so that a policy can ask for them.
        tags: Tags,
    },
    /// `DeleteDBSnapshot`: of a set that expires or failed, never of a deletion.
    Delete(DbSnapshotId),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateDBSnapshot",
            Self::Tag { .. } => "AddTagsToResource",
            Self::Delete(_) => "DeleteDBSnapshot",
        }
    }

    fn target(&self) -> String {
        DbSnapshot::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!(
                "snapshot DB instance {} as {}",
                desired.instance_id, desired.id
            ),
            Self::Tag { id, .. } => format!("tag DB snapshot {id} with its other half"),
            Self::Delete(id) => format!("delete DB snapshot {id}"),
        }
    }
}

impl ResourceType for DbSnapshot {
    const NAME: &'static str = "db-snapshot";
    const SERVICE: Service = Service::Rds;
    const LISTING: Listing = Listing::Pages;
    type Id = DbSnapshotId;
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
    ownership::guard(&format!("DB snapshot {}", seen.id), &seen.tags, owner).then(|| {
        match seen.status.as_str() {
            "available" => Step::Settled,
            "failed" => Step::refuse(
                Refusal::RESOURCE_FAILED,
                format!(
                    "DB snapshot {} failed, so nothing that waits for it is done. Remove \
                     the failed snapshot in AWS and it is taken again.",
                    seen.id
                ),
            ),
            _ => Step::wait_usually(
                "TakingSnapshot",
                format!("AWS is taking DB snapshot {}", seen.id),
                Duration::from_mins(10),
            ),
        }
    })
}

/// Deletes a snapshot of this owner, and waits until it is gone. One that is being made is waited for:
/// AWS deletes an available one only. Source: RDS API reference, `DeleteDBSnapshot`.
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
            format!("DB snapshot {} is {state}", seen.id),
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
            instance_id: "c".into(),
            engine: "postgres".into(),
            engine_version: "16.11".into(),
            kms_key_arn: Some("key".into()),
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
            instance_id: "c".into(),
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
