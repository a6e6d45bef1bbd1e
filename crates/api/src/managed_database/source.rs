//! What a database may be made from, in place of an empty one.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// What a database is made from: a snapshot, or what another database held at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.snapshotArn) != has(self.pointInTime)").message("spec.restoreFrom takes exactly one of snapshotArn and pointInTime"))]
pub struct DatabaseSource {
    /// A snapshot in the same account and region, manual or of AWS Backup: a DB cluster snapshot for Aurora, a
    /// DB snapshot for RDS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 512),
        regex(
            pattern = "^arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:(cluster-snapshot|snapshot):.+$"
        )
    )]
    pub snapshot_arn: Option<String>,
    /// A database of this operator as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_in_time: Option<PointInTime>,
}

/// A database as it was, within its `backupRetentionDays`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("[has(self.clusterId), has(self.instanceId), has(self.resourceId)].filter(one, one).size() == 1").message("spec.restoreFrom.pointInTime takes exactly one of clusterId, instanceId and resourceId"))]
pub struct PointInTime {
    /// The identifier of a DB cluster that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63), regex(pattern = "^emr-[a-z0-9-]+$"))]
    pub cluster_id: Option<String>,
    /// The identifier of a DB instance of RDS that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63), regex(pattern = "^emr-[a-z0-9-]+$"))]
    pub instance_id: Option<String>,
    /// The lasting id of a deleted one, whose automated backups AWS retains: `cluster-ABC…`, `db-ABC…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63), regex(pattern = "^(cluster|db)-[A-Z0-9]+$"))]
    pub resource_id: Option<String>,
    /// The time, to the second: `2026-11-23T14:05:00Z`. The latest that AWS can restore when omitted,
    /// usually some minutes ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 40),
        regex(
            pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$"
        )
    )]
    pub time: Option<String>,
}
