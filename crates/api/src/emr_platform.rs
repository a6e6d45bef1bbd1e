//! EmrPlatform: where instances land. Cluster-scoped; `default` is used where none is named.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::references::ResourceStatus;

/// Where instances land: an AWS account and region, an EKS cluster and its network, and the
/// defaults that every instance shares.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "EmrPlatform",
    plural = "emrplatforms",
    shortname = "emrp",
    category = "emr",
    status = "EmrPlatformStatus",
    doc = "Where instances land: an AWS account and region, an EKS cluster and its network.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Region","type":"string","jsonPath":".status.region"}"#,
    printcolumn = r#"{"name":"Zones","type":"integer","jsonPath":".status.zones"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct EmrPlatformSpec {
    /// The EKS cluster that instances run on. Its VPC, subnets and security group are found by
    /// its name.
    pub eks: Eks,
    /// Account and region; the operator's own by default.
    #[serde(default)]
    pub aws: Aws,
    /// Names the network instead of finding it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// The namespaces whose objects may use this platform; every one when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_namespaces: Vec<String>,
    /// Encryption at rest.
    #[serde(default)]
    pub encryption: Encryption,
    /// The certificate of the public endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// An IAM permissions boundary for the roles that the operator creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self.matches('^arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+$')").message("spec.permissionsBoundaryArn must be the ARN of an IAM policy"))]
    pub permissions_boundary_arn: Option<String>,
    /// Tags for everything that is created in AWS. Those under `emrstack.dev/` are ours.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[x_kube(validation = Rule::new("self.all(k, !k.startsWith('emrstack.dev/') && !k.startsWith('aws:'))").message("spec.tags must not use the prefixes emrstack.dev/ and aws:"))]
    #[schemars(extend("maxProperties" = 40))]
    pub tags: BTreeMap<String, String>,
}

/// The EKS cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Eks {
    /// Its name. Names and tags of everything in AWS derive from it, so it can't be changed.
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.eks.clusterName is immutable: names in AWS derive from it"))]
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = "^[0-9A-Za-z][A-Za-z0-9_-]*$")
    )]
    pub cluster_name: String,
}

/// Account and region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.externalId) || has(self.roleArn)").message("spec.aws.externalId needs spec.aws.roleArn"))]
#[x_kube(validation = Rule::new("has(self.region) == has(oldSelf.region) && (!has(self.region) || self.region == oldSelf.region)").message("spec.aws.region is immutable: data does not move with it"))]
pub struct Aws {
    /// The region; the operator's own when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z]{2}(-[a-z]+)+-[0-9]$"))]
    pub region: Option<String>,
    /// The account that must be found there; verified with STS, and pinned in status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    pub account_id: Option<String>,
    /// A role to assume, for another account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$"))]
    pub role_arn: Option<String>,
    /// The external id that the role's trust policy asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 1224))]
    pub external_id: Option<String>,
}

/// A network that is named, not found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// The VPC.
    #[schemars(regex(pattern = "^vpc-[0-9a-f]+$"))]
    pub vpc_id: String,
    /// Subnets of pods, caches and file systems; two zones at least.
    #[schemars(length(min = 2, max = 20))]
    pub private_subnet_ids: Vec<String>,
    /// Subnets of load balancers.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub public_subnet_ids: Vec<String>,
    /// Subnets of databases; the private ones when empty.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub database_subnet_ids: Vec<String>,
    /// The security group of the nodes: the only one that data resources admit.
    #[schemars(regex(pattern = "^sg-[0-9a-f]+$"))]
    pub node_security_group_id: String,
}

/// Encryption at rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Encryption {
    /// A key of yours for everything on this platform. Omitted: the operator makes customer-managed
    /// keys, rotated yearly, one for each Production instance and one for the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$"))]
    pub kms_key_arn: Option<String>,
}

/// The certificate of the public endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// A certificate in ACM that covers the instances' host names.
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$"))]
    pub certificate_arn: String,
}

/// What was found and made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmrPlatformStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready`, and while true `Reconciling`, `Stalled`.
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
