//! ManagedDatabase: a database in AWS.

mod aurora;
mod rds;
mod source;
#[cfg(test)]
mod tests;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    policy::{DeletionPolicy, ManagementPolicy},
    references::{Placement, PlatformRef, ResourceStatus, SecretRef},
};
pub use aurora::{
    AuroraMysql, AuroraPostgresql, Capacity, LogExport, engine_version, postgresql_version,
};
pub use rds::{RdsPostgres, RdsStorage, rds_postgres_version};
pub use source::{DatabaseSource, PointInTime};

/// A database in AWS: encrypted, TLS only, protected from deletion, in several zones.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "ManagedDatabase",
    plural = "manageddatabases",
    shortname = "mdb",
    category = "emr",
    namespaced,
    status = "ManagedDatabaseStatus",
    doc = "A database in AWS: encrypted, TLS only, protected from deletion, in several zones.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Version","type":"string","jsonPath":".status.engineVersion"}"#,
    printcolumn = r#"{"name":"Endpoint","type":"string","jsonPath":".status.endpoint"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.restoreFrom) == has(oldSelf.restoreFrom)").message("spec.restoreFrom is immutable: a database that exists is not replaced; restore into a new object"))]
#[x_kube(validation = Rule::new("[has(self.auroraMysql), has(self.auroraPostgresql), has(self.rdsPostgres)].filter(one, one).size() == 1").message("spec takes exactly one of auroraMysql, auroraPostgresql and rdsPostgres: it names the engine and its size"))]
#[x_kube(validation = Rule::new("has(self.auroraMysql) == has(oldSelf.auroraMysql) && has(self.rdsPostgres) == has(oldSelf.rdsPostgres)").message("the engine is immutable: AWS can't make one of the other; dump the data and load it into a new object"))]
#[x_kube(validation = Rule::new("!has(self.logExports) || self.logExports.all(log, log == 'postgresql' ? !has(self.auroraMysql) : log == 'upgrade' ? has(self.rdsPostgres) : has(self.auroraMysql))").message("spec.logExports must be logs of the engine: audit, error and slowquery of MySQL, postgresql of PostgreSQL, upgrade of RDS for PostgreSQL"))]
#[x_kube(validation = Rule::new("!has(self.restoreFrom) || !has(self.restoreFrom.snapshotArn) || self.restoreFrom.snapshotArn.contains(':snapshot:') == has(self.rdsPostgres)").message("spec.restoreFrom.snapshotArn must be a snapshot of the engine: a DB snapshot for rdsPostgres, a DB cluster snapshot for Aurora"))]
#[x_kube(validation = Rule::new("!has(self.restoreFrom) || !has(self.restoreFrom.pointInTime) || (has(self.restoreFrom.pointInTime.instanceId) || (has(self.restoreFrom.pointInTime.resourceId) && self.restoreFrom.pointInTime.resourceId.startsWith('db-'))) == has(self.rdsPostgres)").message("spec.restoreFrom.pointInTime must name a database of the engine: instanceId or a resourceId db-… for rdsPostgres, clusterId or a resourceId cluster-… for Aurora"))]
pub struct ManagedDatabaseSpec {
    /// The platform to land on; can't be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.platformRef is immutable: a database does not move"))]
    pub platform_ref: PlatformRef,
    /// Aurora MySQL Serverless v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aurora_mysql: Option<AuroraMysql>,
    /// Aurora PostgreSQL Serverless v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aurora_postgresql: Option<AuroraPostgresql>,
    /// RDS for PostgreSQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rds_postgres: Option<RdsPostgres>,
    /// The KMS key; the platform's when omitted. AWS can't change it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.kmsKeyArn is immutable: AWS can't re-encrypt a database in place"))]
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$"))]
    pub kms_key_arn: Option<String>,
    /// What it is made from, in place of an empty database. Read once, when it is made. The master user
    /// gets a new password, and readers and settings are those of this spec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.restoreFrom is immutable: a database that exists is not replaced; restore into a new object"))]
    pub restore_from: Option<DatabaseSource>,
    /// Days that any point in time can be restored.
    #[serde(default = "thirty")]
    #[schemars(range(min = 1, max = 35))]
    pub backup_retention_days: u32,
    /// Daily backup window in UTC.
    #[serde(default = "backup_window")]
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub preferred_backup_window: String,
    /// Weekly maintenance window in UTC: `Sun:04:00-05:00`.
    #[serde(default = "maintenance_window")]
    #[schemars(regex(
        pattern = "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"
    ))]
    pub maintenance_window: String,
    /// Performance Insights, encrypted with the same key.
    #[serde(default = "yes")]
    pub performance_insights: bool,
    /// Logs that go to CloudWatch; all of these that the engine has when omitted. MySQL's general log is not
    /// offered: it writes patients' data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5), extend("x-kubernetes-list-type" = "set"))]
    pub log_exports: Option<Vec<LogExport>>,
    /// What happens to the data when this object is deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// How much the operator may change.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
}

fn thirty() -> u32 {
    30
}
fn one() -> u32 {
    1
}
fn yes() -> bool {
    true
}
fn half() -> f64 {
    0.5
}
fn greatest() -> f64 {
    256.0
}
/// An hour at night in the Americas and early morning in Europe; seed 001 asks for the same.
pub fn backup_window() -> String {
    "03:00-04:00".into()
}
/// The hour after the backup on Sundays.
pub fn maintenance_window() -> String {
    "Sun:04:00-05:00".into()
}
/// What AWS made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedDatabaseStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready`, and while true `Reconciling`, `Stalled`, `DriftDetected`, `Paused`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// Account, region, network and key, copied from the platform at creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// The cluster's ARN, or the instance's of RDS. Once set, one that is gone is never replaced by an empty
    /// one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// AWS's lasting id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// Where to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Where to read. Of RDS the first read replica that answers, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader_endpoint: Option<String>,
    /// TCP port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The engine that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// How many connections the database accepts at its greatest capacity, or with its instance class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<i32>,
    /// The master user's secret in Secrets Manager. For Jobs alone, never for serving pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_secret_arn: Option<String>,
    /// The Secret with host, port, username, password and ca.crt of the master user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_secret_ref: Option<SecretRef>,
    /// True while a changed parameter waits for a restart of the members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_reboot: Option<bool>,
    /// The final snapshot, once it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_snapshot: Option<String>,
    /// Everything in AWS that belongs to this object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceStatus>,
}
