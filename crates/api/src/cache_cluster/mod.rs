//! CacheCluster: a cache in AWS.

mod replication_group;
mod serverless;
#[cfg(test)]
mod tests;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    replication_group::{NodeEngine, ReplicationGroup},
    serverless::{CacheEngine, Serverless},
};
use crate::{
    policy::{DeletionPolicy, ManagementPolicy},
    references::{Placement, PlatformRef, ResourceStatus, SecretRef},
};

/// A cache in AWS: TLS and authentication always.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "CacheCluster",
    plural = "cacheclusters",
    shortname = "ccl",
    category = "emr",
    namespaced,
    status = "CacheClusterStatus",
    doc = "A cache in AWS: TLS and authentication always.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Endpoint","type":"string","jsonPath":".status.endpoint"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.serverless) != has(self.replicationGroup)").message("spec takes exactly one of serverless and replicationGroup: it names the engine and its size"))]
#[x_kube(validation = Rule::new("has(self.serverless) == has(oldSelf.serverless)").message("the choice between serverless and replicationGroup is immutable: AWS can't make one of the other; make another CacheCluster and let the application change over"))]
pub struct CacheClusterSpec {
    /// The platform to land on; can't be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.platformRef is immutable: a cache does not move"))]
    pub platform_ref: PlatformRef,
    /// ElastiCache Serverless: sessions, for clients that sign in with a user name and know clusters.
    /// A lost one is made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serverless: Option<Serverless>,
    /// Nodes with replicas: job queues and all else that must not be lost, for clients that know a
    /// password only. One that was ready and is gone is told, never replaced by an empty one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replication_group: Option<ReplicationGroup>,
    /// The KMS key; the platform's when omitted. AWS can't change it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.kmsKeyArn is immutable: AWS can't re-encrypt a cache in place"))]
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$"))]
    pub kms_key_arn: Option<String>,
    /// Days that daily snapshots are kept; 0 for none, which suits sessions. A job queue wants some.
    #[serde(default)]
    #[schemars(range(min = 0, max = 35))]
    pub snapshot_retention_days: u32,
    /// What happens to the cache when this object is deleted. A serverless one holds sessions only,
    /// so `Snapshot` deletes it without one; of a replication group the final snapshot is taken.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// How much the operator may change.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
}

/// What AWS made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CacheClusterStatus {
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
    /// The cache's ARN. Once set, a replication group that is gone is never replaced by an empty one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Where to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Where to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader_endpoint: Option<String>,
    /// TCP port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The engine's version that runs, of a replication group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// The AUTH token that clients hold, and how far its replacement is; of a replication group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_token: Option<AuthToken>,
    /// The Secret to connect with: host, port, password; of a serverless cache username, of a
    /// replication group reader and ca.crt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_secret_ref: Option<SecretRef>,
    /// Everything in AWS that belongs to this object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceStatus>,
}

/// The AUTH token of a replication group. Never the token: versions of its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthToken {
    /// The version of the secret that clients held before anything is replaced.
    pub version: String,
    /// While it is being replaced by another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<TokenRotation>,
}

/// A token that takes the place of another. A phase is written before what it does begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenRotation {
    /// The version of the secret that takes the place.
    pub version: String,
    /// How far it is.
    pub phase: TokenPhase,
    /// When AWS last changed the token, as it was told when the phase began: another time means
    /// that the phase's call was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_modified_at: Option<String>,
}

/// How far the replacement of a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TokenPhase {
    /// The cache is told to accept the new token beside the old one.
    Rotating,
    /// Both are valid, the Secret holds the new one, and who uses it is to take it up.
    Rolling,
    /// The cache is told to accept the new token only.
    Setting,
}
