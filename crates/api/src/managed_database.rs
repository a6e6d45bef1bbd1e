//! ManagedDatabase: a database cluster in AWS.

mod source;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    policy::{DeletionPolicy, ManagementPolicy},
    references::{Placement, PlatformRef, ResourceStatus, SecretRef},
};
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
#[x_kube(validation = Rule::new("has(self.auroraMysql)").message("spec.auroraMysql is required: it names the engine and its size"))]
pub struct ManagedDatabaseSpec {
    /// The platform to land on; can't be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.platformRef is immutable: a database does not move"))]
    pub platform_ref: PlatformRef,
    /// Aurora MySQL Serverless v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aurora_mysql: Option<AuroraMysql>,
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
    /// Logs that go to CloudWatch. The general log is not offered: it writes patients' data.
    #[serde(default = "log_exports")]
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    pub log_exports: Vec<LogExport>,
    /// What happens to the data when this object is deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// How much the operator may change.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
}

/// Aurora MySQL Serverless v2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuroraMysql {
    /// Aurora's version: `8.0.mysql_aurora.3.10.1`.
    #[serde(default = "engine_version")]
    #[schemars(regex(pattern = r"^8\.0\.mysql_aurora\.3\.[0-9]{2}\.[0-9]+$"))]
    pub engine_version: String,
    /// Least and greatest capacity.
    #[serde(default)]
    pub capacity: Capacity,
    /// Readers, each in another zone than the writer, that take over when it fails.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 15))]
    pub readers: u32,
    /// Engine parameters, over the operator's own. TLS can't be switched off.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[x_kube(validation = Rule::new("!('require_secure_transport' in self) || self['require_secure_transport'] in ['ON', '1']").message("parameters.require_secure_transport can't be switched off: patients' data travels over TLS only"))]
    #[x_kube(validation = Rule::new("!('general_log' in self) || self['general_log'] in ['0', 'OFF']").message("parameters.general_log can't be switched on: it writes patients' data to the logs"))]
    #[schemars(extend("maxProperties" = 100))]
    pub parameters: BTreeMap<String, String>,
}

impl Default for AuroraMysql {
    fn default() -> Self {
        Self {
            engine_version: engine_version(),
            capacity: Capacity::default(),
            readers: one(),
            parameters: BTreeMap::new(),
        }
    }
}

/// Capacity in Aurora capacity units (ACU), in steps of 0.5.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.minAcu <= self.maxAcu").message("capacity.minAcu must not exceed capacity.maxAcu"))]
// Not `multipleOf: 0.5`: the API server truncates the factor to 0 for whole numbers.
#[x_kube(validation = Rule::new("double(int(self.minAcu * 2.0)) == self.minAcu * 2.0").message("capacity.minAcu must be a multiple of 0.5"))]
#[x_kube(validation = Rule::new("double(int(self.maxAcu * 2.0)) == self.maxAcu * 2.0").message("capacity.maxAcu must be a multiple of 0.5"))]
pub struct Capacity {
    /// Least capacity. At 0.5 it answers at once; Aurora's pause at 0 makes the first user of the
    /// day wait for minutes, so it is not offered.
    #[serde(default = "half")]
    #[schemars(range(min = 0.5, max = 256.0))]
    pub min_acu: f64,
    /// Greatest capacity; it also bounds the number of connections.
    #[serde(default = "greatest")]
    #[schemars(range(min = 1.0, max = 256.0))]
    pub max_acu: f64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            min_acu: half(),
            max_acu: greatest(),
        }
    }
}

/// A log that goes to CloudWatch.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum LogExport {
    /// Who connected and what they did.
    Audit,
    /// The engine's own errors.
    Error,
    /// Queries that took long.
    Slowquery,
}

impl LogExport {
    /// As AWS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Error => "error",
            Self::Slowquery => "slowquery",
        }
    }
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
/// The version that a new database gets when none is named.
pub fn engine_version() -> String {
    "8.0.mysql_aurora.3.10.1".into()
}
/// An hour at night in the Americas and early morning in Europe; seed 001 asks for the same.
pub fn backup_window() -> String {
    "03:00-04:00".into()
}
/// The hour after the backup on Sundays.
pub fn maintenance_window() -> String {
    "Sun:04:00-05:00".into()
}
fn log_exports() -> Vec<LogExport> {
    vec![LogExport::Audit, LogExport::Error, LogExport::Slowquery]
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
    /// The cluster's ARN. Once set, a cluster that is gone is never replaced by an empty one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// AWS's lasting id of the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// Where to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Where to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader_endpoint: Option<String>,
    /// TCP port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The engine that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// How many connections the database accepts at its greatest capacity.
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
