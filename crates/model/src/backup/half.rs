//! The database's half: a snapshot of a cluster, or of an instance that stands alone. Both are taken, tagged
//! and removed alike, by calls of their own.

use emr_resource::{
    Change, Owner, Step, Tags, cluster_snapshot, db_snapshot,
    ids::{Arn, ClusterSnapshotId, DbSnapshotId},
};
use jiff::Timestamp;

/// The database's half as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseWanted {
    /// Of a cluster: Aurora.
    Cluster(cluster_snapshot::Desired),
    /// Of an instance that stands alone.
    Instance(db_snapshot::Desired),
}

impl DatabaseWanted {
    pub(super) fn cluster(id: ClusterSnapshotId, cluster: &str, tags: Tags) -> Self {
        Self::Cluster(cluster_snapshot::Desired {
            id,
            cluster_id: cluster.into(),
            tags,
        })
    }

    pub(super) fn instance(id: DbSnapshotId, instance: &str, tags: Tags) -> Self {
        Self::Instance(db_snapshot::Desired {
            id,
            instance_id: instance.into(),
            tags,
        })
    }

    /// What it is to carry.
    pub const fn tags(&self) -> &Tags {
        match self {
            Self::Cluster(wanted) => &wanted.tags,
            Self::Instance(wanted) => &wanted.tags,
        }
    }

    /// Takes it and waits until it is complete. What was seen is always of the kind that is wanted: it is
    /// looked for by the wish.
    pub(super) fn plan(&self, seen: Option<&DatabaseSeen>, owner: &Owner) -> Step<Change> {
        match self {
            Self::Cluster(wanted) => {
                let seen = seen.and_then(DatabaseSeen::of_cluster);
                cluster_snapshot::plan(wanted, seen, owner).into_step()
            }
            Self::Instance(wanted) => {
                let seen = seen.and_then(DatabaseSeen::of_instance);
                db_snapshot::plan(wanted, seen, owner).into_step()
            }
        }
    }
}

/// The database's half as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseSeen {
    /// Of a cluster.
    Cluster(cluster_snapshot::Observed),
    /// Of an instance that stands alone.
    Instance(db_snapshot::Observed),
}

impl DatabaseSeen {
    const fn of_cluster(&self) -> Option<&cluster_snapshot::Observed> {
        match self {
            Self::Cluster(seen) => Some(seen),
            Self::Instance(_) => None,
        }
    }

    const fn of_instance(&self) -> Option<&db_snapshot::Observed> {
        match self {
            Self::Cluster(_) => None,
            Self::Instance(seen) => Some(seen),
        }
    }

    /// Its ARN.
    pub const fn arn(&self) -> &Arn {
        match self {
            Self::Cluster(seen) => &seen.arn,
            Self::Instance(seen) => &seen.arn,
        }
    }

    /// The time that it shows, once AWS tells it.
    pub const fn taken_at(&self) -> Option<Timestamp> {
        match self {
            Self::Cluster(seen) => seen.taken_at,
            Self::Instance(seen) => seen.taken_at,
        }
    }

    /// What it carries.
    pub const fn tags(&self) -> &Tags {
        match self {
            Self::Cluster(seen) => &seen.tags,
            Self::Instance(seen) => &seen.tags,
        }
    }

    /// All of its tags anew.
    pub(super) fn tag(&self, tags: Tags) -> Step<Change> {
        match self {
            Self::Cluster(seen) => Step::change(cluster_snapshot::Change::Tag {
                id: seen.id.clone(),
                arn: seen.arn.clone(),
                tags,
            })
            .into_step(),
            Self::Instance(seen) => Step::change(db_snapshot::Change::Tag {
                id: seen.id.clone(),
                arn: seen.arn.clone(),
                tags,
            })
            .into_step(),
        }
    }

    /// Away with it, if it is this owner's.
    pub(super) fn remove(&self, owner: &Owner) -> Step<Change> {
        match self {
            Self::Cluster(seen) => cluster_snapshot::remove(Some(seen), owner).into_step(),
            Self::Instance(seen) => db_snapshot::remove(Some(seen), owner).into_step(),
        }
    }
}
