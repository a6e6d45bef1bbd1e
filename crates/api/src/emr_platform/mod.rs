//! EmrPlatform: where instances land. Cluster-scoped; `default` is used where none is named.

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod backup;
mod status;
#[cfg(test)]
mod tests;

pub use backup::{Backup, Daily, Hourly, Monthly, VaultLock, Weekly};
pub use status::{EmrPlatformStatus, NetworkStatus, SubnetStatus};

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
    /// Recurring backups of every database and file system on this platform.
    #[serde(default)]
    pub backup: Backup,
    /// Certificates: the public endpoint's, and whom the application trusts.
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

impl EmrPlatformSpec {
    /// The certificate of the public endpoint.
    pub fn certificate_arn(&self) -> Option<&str> {
        self.tls.as_ref()?.certificate_arn.as_deref()
    }

    /// Who signs the certificates of databases, where the spec says so.
    pub fn rds_ca_bundle(&self) -> Option<&str> {
        self.tls.as_ref()?.rds_ca_bundle.as_deref()
    }
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

/// Certificates: the public endpoint's, and whom the application trusts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// A certificate in ACM that covers the instances' host names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/.+$"))]
    pub certificate_arn: Option<String>,
    /// Who signs the certificates of databases: the text of AWS's `REGION-bundle.pem`, at most 64
    /// KiB. Needed in regions whose root certificates the operator does not ship, such as `GovCloud`
    /// and China; elsewhere it stands in for those that are shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    #[x_kube(validation = Rule::new("self.contains('-----BEGIN CERTIFICATE-----') && !self.contains('PRIVATE KEY-----')").message("spec.tls.rdsCaBundle must be certificates in PEM and nothing else: give the text of REGION-bundle.pem as it was downloaded"))]
    pub rds_ca_bundle: Option<String>,
}
