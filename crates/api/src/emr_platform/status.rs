//! What became of a platform.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::references::ResourceStatus;

/// What was found and made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmrPlatformStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready`, and while true `Reconciling`, `Stalled`. Beside them, looked at about once an hour and
    /// blocking nothing: `QuotaHeadroom` (whether the account has room for more instances) and
    /// `PrerequisitesReady` (whether EFS CSI driver, metrics API and load balancer controller are
    /// installed).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The account, pinned when it was first seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The EKS cluster's Kubernetes version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_version: Option<String>,
    /// How many zones instances spread over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zones: Option<i32>,
    /// The network that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkStatus>,
    /// The DB subnet group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub db_subnet_group: Option<String>,
    /// The key for everything that has none of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// The backup vault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_vault: Option<String>,
    /// The role that AWS Backup works under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup_role_arn: Option<String>,
    /// Everything in AWS that belongs to this object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceStatus>,
}

/// A network, as it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkStatus {
    /// The VPC.
    pub vpc_id: String,
    /// The security group of the nodes.
    pub node_security_group_id: String,
    /// Private subnets.
    #[serde(default)]
    pub private_subnets: Vec<SubnetStatus>,
    /// Public subnets.
    #[serde(default)]
    pub public_subnets: Vec<SubnetStatus>,
    /// Database subnets.
    #[serde(default)]
    pub database_subnets: Vec<SubnetStatus>,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubnetStatus {
    /// Its id.
    pub id: String,
    /// Its zone.
    pub zone: String,
    /// Its address range.
    pub cidr: String,
}
