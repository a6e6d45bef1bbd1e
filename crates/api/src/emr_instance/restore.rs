//! What an instance is made from in place of an empty database, and what became of that.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The set that an instance is made from: database and files, which open only together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("[has(self.backup), has(self.snapshotArn), has(self.pointInTime)].filter(named, named).size() == 1").message("spec.restoreFrom takes exactly one of backup, pointInTime and snapshotArn"))]
#[x_kube(validation = Rule::new("!has(self.recoveryPointArn) || has(self.snapshotArn)").message("spec.restoreFrom.recoveryPointArn belongs to snapshotArn: an EmrBackup names both halves itself"))]
pub struct InstanceSource {
    /// A complete EmrBackup in the same namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub backup: Option<String>,
    /// An instance as it was at a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_in_time: Option<Moment>,
    /// The database's half of a set, for sets whose EmrBackup is gone and for what a deletion under
    /// `Snapshot` left: a DB cluster snapshot in the platform's account and region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 512),
        regex(pattern = "^arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:cluster-snapshot:.+$")
    )]
    pub snapshot_arn: Option<String>,
    /// The files' half, in the platform's vault. Omitted, it is the one that the snapshot's tags name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 512),
        regex(pattern = "^arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:recovery-point:.+$")
    )]
    pub recovery_point_arn: Option<String>,
    /// What the instance is for.
    #[serde(default)]
    pub purpose: Purpose,
}

/// An instance as it was at a moment: its database to the second, and the first recovery point of its files
/// that was begun then or later. What the two may disagree about is told, and nothing is made before
/// somebody accepts it with the annotation `emrstack.dev/approved`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// The EmrInstance, in the same namespace. An EmrRestore's own when omitted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub instance: Option<String>,
    /// The time, to the second, within the database's `backupRetentionDays`: `2026-11-23T14:05:00Z`.
    #[schemars(
        length(max = 40),
        regex(
            pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$"
        )
    )]
    pub time: String,
}

/// What an instance is for that is made from a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Purpose {
    /// To serve, once somebody lets it out of its fence.
    #[default]
    Replacement,
    /// To be looked at, and wiped: it is never let out. Asks for `deletionPolicy: Delete`.
    Drill,
}

/// The set that an instance was made from, decided once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestoredSet {
    /// The set's id; absent of what a deletion left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_id: Option<String>,
    /// The database's half; absent of a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_arn: Option<String>,
    /// The database's half of a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_at: Option<DatabaseAt>,
    /// The files' half; absent of a bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_point_arn: Option<String>,
    /// Its vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// The bucket that holds the files' half: the instance's own, which stays as it is. A record of the
    /// database names the versions that belong to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_arn: Option<String>,
    /// The database of the cache that the instance works with from then on, from 0 to 15; 0 when omitted.
    /// What the cache held of later records and jobs stays behind in the former one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_database: Option<u8>,
    /// The version that the set was taken of, where its tags tell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What may be in one half and not in the other; absent of an exact set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_lack: Option<String>,
    /// The EmrRestore that put the instance back to it; absent where it was made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<String>,
    /// When somebody let it out of its fence. Until then nobody reaches it and it reaches nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_at: Option<String>,
}

/// A database as it was at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseAt {
    /// The DB cluster.
    pub cluster_id: String,
    /// The moment.
    pub time: String,
}
