//! The one table that derives names.
//!
//! A name follows from (Kubernetes cluster, namespace, name) alone, so a second run, a second
//! replica or a rebuilt cluster arrives at the same name and finds what is there. Each carries a
//! readable part, cut to fit AWS's limit, and eight characters of hash that keep `a-b/c` and
//! `a/b-c` apart. What must never be reused (secrets, snapshots) carries the owner's UID too.

use sha2::{Digest, Sha256};

use crate::{
    Owner,
    ids::{
        AccountId, BackupPlanName, BucketName, CacheName, CacheParameterGroupName,
        CacheSnapshotName, CacheSubnetGroupName, CacheUserGroupId, CacheUserId, ClusterSnapshotId,
        CreationToken, DbClusterId, DbInstanceId, DbSnapshotId, KeyAlias, LogGroupName,
        ParameterGroupName, PodIdentity, Region, ReplicationGroupId, RestoreToken, RoleName,
        SecretName, SecurityGroupName, SubnetGroupName, VaultName,
    },
};

/// Characters of hash in a name: 40 bits.
const HASH_LENGTH: usize = 8;

/// The IAM path under which every role of ours lives, so that policies can name it.
pub const ROLE_PATH: &str = "/emrstack/";

/// The IAM path of the roles that pods take: what the operator may write into a role, it may write into
/// these alone.
pub const POD_ROLE_PATH: &str = "/emrstack/pods/";

/// Eight lower-case characters that stand for the parts.
pub fn hash(parts: &[&str]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest
        .finalize()
        .iter()
        .take(HASH_LENGTH)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

/// `emr-{namespace}-{name}-{hash}`, at most `limit` characters of `[a-z0-9-]`, starting with a
/// letter, without two hyphens in a row: what RDS, the strictest, demands.
fn derive(owner: &Owner, limit: usize) -> String {
    let hash = hash(&[&owner.cluster, &owner.namespace, &owner.name]);
    let mut readable = String::from("emr");
    for part in [&owner.namespace, &owner.name] {
        if part.is_empty() {
            continue;
        }
        readable.push('-');
        for c in part.chars() {
            let c = if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            };
            if !(c == '-' && readable.ends_with('-')) {
                readable.push(c);
            }
        }
    }
    readable.truncate(limit - HASH_LENGTH - 1);
    format!("{}-{hash}", readable.trim_end_matches('-'))
}

/// The first eight characters of a UID.
fn short_uid(owner: &Owner) -> String {
    hash(&[&owner.uid])
}

/// At most 63 characters, and room for the members' suffix.
pub fn db_cluster(owner: &Owner) -> DbClusterId {
    DbClusterId::new(derive(owner, 60))
}

/// Member `index` of a cluster: 0 is the first writer.
pub fn db_instance(cluster: &DbClusterId, index: u32) -> DbInstanceId {
    DbInstanceId::new(format!("{cluster}-{index}"))
}

/// An instance that stands alone: at most 63 characters, and room for its replicas' suffix.
pub fn rds_instance(owner: &Owner) -> DbInstanceId {
    DbInstanceId::new(derive(owner, 53))
}

/// Read replica `number` of an instance, from 1.
pub fn rds_replica(primary: &DbInstanceId, number: u32) -> DbInstanceId {
    DbInstanceId::new(format!("{primary}-reader-{number}"))
}

/// The final snapshot of this owner's instance. One a UID, as for clusters.
pub fn final_db_snapshot(owner: &Owner) -> DbSnapshotId {
    DbSnapshotId::new(format!(
        "{}-final-{}",
        rds_instance(owner),
        short_uid(owner)
    ))
}

/// The database's half of a set, of an instance that stands alone, by the EmrBackup that owns it.
pub fn set_db_snapshot(owner: &Owner) -> DbSnapshotId {
    DbSnapshotId::new(set_snapshot(owner).as_str())
}

/// The final snapshot of this owner's cluster. One a UID: a later database of the same name gets
/// another.
pub fn final_snapshot(owner: &Owner) -> ClusterSnapshotId {
    ClusterSnapshotId::new(format!("{}-final-{}", db_cluster(owner), short_uid(owner)))
}

/// The database's half of a set, by the EmrBackup that owns it. Never reused: carries the UID.
pub fn set_snapshot(owner: &Owner) -> ClusterSnapshotId {
    ClusterSnapshotId::new(format!("{}-set-{}", derive(owner, 60), short_uid(owner)))
}

/// The one restore into an owner's file system. Never reused: carries the UID.
pub fn restore(owner: &Owner) -> RestoreToken {
    RestoreToken::new(format!("{}-{}", derive(owner, 60), short_uid(owner)))
}

/// What the name of every parameter group of ours begins with.
pub const PARAMETER_GROUP: &str = "emr-";

/// Shared by all databases with the same content (there can be only 50 in an account and region).
pub fn parameter_group(cluster: &str, family: &str, content: &str) -> ParameterGroupName {
    ParameterGroupName::new(format!(
        "{PARAMETER_GROUP}{}-{}",
        family.replace(['.', '_'], "-"),
        hash(&[cluster, family, content])
    ))
}

/// One a platform.
pub fn subnet_group(owner: &Owner) -> SubnetGroupName {
    SubnetGroupName::new(derive(owner, 200))
}

/// One an owner; `purpose` is `db`, `cache` or `files`.
pub fn security_group(owner: &Owner, purpose: &str) -> SecurityGroupName {
    SecurityGroupName::new(format!("{}-{purpose}", derive(owner, 200)))
}

/// The log group that RDS writes `log` of a cluster to; AWS fixes the name.
pub fn db_log_group(cluster: &DbClusterId, log: &str) -> LogGroupName {
    LogGroupName::new(format!("/aws/rds/cluster/{cluster}/{log}"))
}

/// The log group that RDS writes `log` of an instance to; AWS fixes the name.
pub fn rds_log_group(instance: &DbInstanceId, log: &str) -> LogGroupName {
    LogGroupName::new(format!("/aws/rds/instance/{instance}/{log}"))
}

/// Never reused: carries the UID.
pub fn secret(owner: &Owner, purpose: &str) -> SecretName {
    SecretName::new(format!(
        "emrstack/{}/{}/{}/{}/{purpose}",
        owner.cluster,
        if owner.namespace.is_empty() {
            "-"
        } else {
            &owner.namespace
        },
        owner.name,
        short_uid(owner)
    ))
}

/// Never reused: a key outlives its owner, since it protects the owner's snapshots.
pub fn key_alias(owner: &Owner) -> KeyAlias {
    KeyAlias::new(format!("alias/{}-{}", derive(owner, 200), short_uid(owner)))
}

/// ElastiCache allows 40 characters.
pub fn cache(owner: &Owner) -> CacheName {
    CacheName::new(derive(owner, 40))
}

/// ElastiCache allows 40 characters.
pub fn cache_user(owner: &Owner) -> CacheUserId {
    CacheUserId::new(derive(owner, 40))
}

/// ElastiCache allows 40 characters.
pub fn cache_user_group(owner: &Owner) -> CacheUserGroupId {
    CacheUserGroupId::new(derive(owner, 40))
}

/// ElastiCache allows 40 characters, the members' suffix not counted.
pub fn replication_group(owner: &Owner) -> ReplicationGroupId {
    ReplicationGroupId::new(derive(owner, 40))
}

/// The final snapshot of this owner's replication group. One a UID: a later group of the same name
/// gets another.
pub fn cache_final_snapshot(owner: &Owner) -> CacheSnapshotName {
    let group = replication_group(owner);
    CacheSnapshotName::new(format!("{group}-final-{}", short_uid(owner)))
}

/// One an owner.
pub fn cache_subnet_group(owner: &Owner) -> CacheSubnetGroupName {
    CacheSubnetGroupName::new(derive(owner, 200))
}

/// Shared by all replication groups with the same content (there can be only 150 in an account and
/// region).
pub fn cache_parameter_group(
    cluster: &str,
    family: &str,
    content: &str,
) -> CacheParameterGroupName {
    CacheParameterGroupName::new(format!(
        "{PARAMETER_GROUP}{}-{}",
        family.replace('.', "-"),
        hash(&[cluster, family, content])
    ))
}

/// EFS allows 64 characters.
pub fn file_system(owner: &Owner) -> CreationToken {
    CreationToken::new(derive(owner, 64))
}

/// EFS allows 64 characters. `path` is part of the identity: an access point can't be changed.
pub fn access_point(owner: &Owner, name: &str, path: &str) -> CreationToken {
    CreationToken::new(format!("{}-{}", derive(owner, 55), hash(&[name, path])))
}

/// One a platform.
pub fn backup_vault(owner: &Owner) -> VaultName {
    VaultName::new(derive(owner, 50))
}

/// Few a platform; `covers` is `database`, `files` or `files-hourly`. AWS Backup allows 50 characters.
pub fn backup_plan(owner: &Owner, covers: &str) -> BackupPlanName {
    BackupPlanName::new(format!("{}-{covers}", derive(owner, 37)))
}

/// One a platform. IAM allows 64 characters.
pub fn backup_role(owner: &Owner) -> RoleName {
    RoleName::new(format!("{}-backup", derive(owner, 57)))
}

/// One an owner. IAM allows 64 characters.
pub fn pod_role(owner: &Owner) -> RoleName {
    RoleName::new(format!("{}-pods", derive(owner, 59)))
}

/// The pods of one service account in the owner's namespace.
pub fn pod_identity(owner: &Owner, service_account: &str) -> PodIdentity {
    PodIdentity::new(format!(
        "{}/{}/{service_account}",
        owner.cluster, owner.namespace
    ))
}

/// What the names of all our buckets in an account and region begin with.
pub fn bucket_prefix(account: &AccountId, region: &Region) -> String {
    format!("emr-{account}-{region}-")
}

/// Characters of an object's name in a bucket's: with account, region, hash and `-logs` it stays below
/// the 63 characters that S3 allows.
const BUCKET_READABLE: usize = 15;

/// One an owner, or one a `purpose` of it. All accounts of a partition share the names of buckets, so
/// account and region are part of it.
pub fn bucket(
    owner: &Owner,
    account: &AccountId,
    region: &Region,
    purpose: Option<&str>,
) -> BucketName {
    let letters = owner.name.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    });
    let readable: String = letters.take(BUCKET_READABLE).collect();
    let hash = hash(&[&owner.cluster, &owner.namespace, &owner.name]);
    let purpose = purpose.map_or_else(String::new, |purpose| format!("-{purpose}"));
    let prefix = bucket_prefix(account, region);
    BucketName::new(format!(
        "{prefix}{}-{hash}{purpose}",
        readable.trim_matches('-')
    ))
}

#[cfg(test)]
mod tests;
