//! CacheCluster: a cache in AWS.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
#[x_kube(validation = Rule::new("has(self.serverless)").message("spec.serverless is required: it names the engine and its limits"))]
pub struct CacheClusterSpec {
    /// The platform to land on; can't be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.platformRef is immutable: a cache does not move"))]
    pub platform_ref: PlatformRef,
    /// ElastiCache Serverless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serverless: Option<Serverless>,
    /// The KMS key; the platform's when omitted. AWS can't change it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.kmsKeyArn is immutable: AWS can't re-encrypt a cache in place"))]
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$"))]
    pub kms_key_arn: Option<String>,
    /// Days that daily snapshots are kept; 0 for none, which suits sessions.
    #[serde(default)]
    #[schemars(range(min = 0, max = 35))]
    pub snapshot_retention_days: u32,
    /// What happens to the cache when this object is deleted. It holds sessions only, so
    /// `Snapshot` deletes it without one.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// How much the operator may change.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
}

/// ElastiCache Serverless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Serverless {
    /// The engine.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("serverless.engine is immutable"))]
    pub engine: CacheEngine,
    /// Most data, in gigabytes.
    #[serde(default = "max_data_gb")]
    #[schemars(range(min = 1, max = 5000))]
    pub max_data_gb: u32,
    /// Most ElastiCache processing units a second.
    #[serde(default = "max_ecpu")]
    #[schemars(range(min = 1000, max = 15_000_000))]
    pub max_ecpu: u32,
}

impl Default for Serverless {
    fn default() -> Self {
        Self {
            engine: CacheEngine::default(),
            max_data_gb: max_data_gb(),
            max_ecpu: max_ecpu(),
        }
    }
}

/// A cache engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CacheEngine {
    /// Valkey 8.
    #[default]
    Valkey,
}

fn max_data_gb() -> u32 {
    10
}
fn max_ecpu() -> u32 {
    5000
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
    /// The cache's ARN.
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
    /// The Secret with host, port, username and password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_secret_ref: Option<SecretRef>,
    /// Everything in AWS that belongs to this object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceStatus>,
}
