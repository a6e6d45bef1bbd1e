//! One newtype for each identifier, so that a subnet can't be passed where a key is meant. Copies share
//! the text: the same few identifiers stand in everything that is wanted, seen and remembered.

use std::sync::Arc;

/// Defines string newtypes with the usual conversions.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps an identifier as AWS or [`crate::names`] gave it.
            pub fn new(id: impl Into<String>) -> Self {
                Self(Arc::from(id.into()))
            }
            /// The identifier as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(Arc::from(id))
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(Arc::from(id))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }
    )+};
}

ids! {
    /// A twelve-digit AWS account.
    AccountId,
    /// A region: `eu-central-1`.
    Region,
    /// An availability zone: `eu-central-1a`.
    Zone,
    /// An Amazon Resource Name.
    Arn,
    /// `vpc-…`
    VpcId,
    /// `subnet-…`
    SubnetId,
    /// `sg-…`
    SecurityGroupId,
    /// `fs-…`
    FileSystemId,
    /// `fsap-…`
    AccessPointId,
    /// `fsmt-…`
    MountTargetId,
    /// A KMS key's id (a UUID, or `mrk-…`).
    KeyId,
    /// What a restore is started with: tells it from every other.
    RestoreToken,
    /// The name of a security group, unique in its VPC.
    SecurityGroupName,
    /// The name of a DB subnet group.
    SubnetGroupName,
    /// The name of a DB cluster parameter group, or of a DB parameter group.
    ParameterGroupName,
    /// A DB cluster identifier.
    DbClusterId,
    /// A DB instance identifier.
    DbInstanceId,
    /// A DB cluster snapshot identifier.
    ClusterSnapshotId,
    /// A DB snapshot identifier, of an instance that stands alone.
    DbSnapshotId,
    /// The name of a secret in Secrets Manager.
    SecretName,
    /// The id of one version of a secret's value: another value has another.
    SecretVersion,
    /// The alias of a KMS key, with its `alias/` prefix.
    KeyAlias,
    /// The name of a CloudWatch log group.
    LogGroupName,
    /// The name of a serverless cache.
    CacheName,
    /// The id of a replication group.
    ReplicationGroupId,
    /// The name of a cache subnet group.
    CacheSubnetGroupName,
    /// The name of a cache parameter group.
    CacheParameterGroupName,
    /// The name of a snapshot of a replication group.
    CacheSnapshotName,
    /// The id of an ElastiCache user.
    CacheUserId,
    /// The id of an ElastiCache user group.
    CacheUserGroupId,
    /// The creation token of a file system, or the client token of an access point.
    CreationToken,
    /// The name of a backup vault.
    VaultName,
    /// The name of a backup plan, which is its creator's request id too.
    BackupPlanName,
    /// AWS's id of a backup plan.
    BackupPlanId,
    /// AWS's id of what a backup plan covers.
    BackupSelectionId,
    /// The name of an IAM role, without its path.
    RoleName,
    /// The name of an S3 bucket, unique in a partition of AWS.
    BucketName,
    /// Whose pods a role is for: EKS cluster, namespace and service account, `cluster/namespace/name`.
    PodIdentity,
    /// AWS's id of a pod identity association: `a-…`.
    PodIdentityAssociationId,
}
