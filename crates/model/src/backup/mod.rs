//! EmrBackup: a set of two halves, which are made, kept and removed together (safety.md 2).
//!
//! ```text
//! Pending ─> Quiescing ─> Copying ─> Complete ─> Expiring ─> Expired
//!       └────(Online)─────^   └────> Failing ──> Failed
//! ```
//! The database's half is a snapshot, of a cluster or of an instance that stands alone. The files' half is a
//! recovery point, or the versions that a bucket keeps anyway: of those nothing is made and nothing removed.
//! A phase is written before what it does begins, so that a crash finds it again; and the pods stand
//! still in `Quiescing` and `Copying` alone, whatever goes wrong later.

mod half;
mod phase;
mod plan;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use emr_api::{
    EmrBackup,
    emr_backup::{BackupSource, SourceBucket},
};
use emr_resource::{
    Owner, Tags, UserTags, backup_job,
    ids::{Arn, VaultName},
    names, ownership, recovery_point,
};
use jiff::Timestamp;
use kube::ResourceExt;

pub use half::{DatabaseSeen, DatabaseWanted};
pub use phase::{Moment, NotYet, begin, is_quiet, next_after, quiet_limit, ready_to_begin};
pub use plan::{Copied, candidates, copied, plan, remove};
pub use status::{complete, elapsed, resting, size};

/// A set as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct BackupStack {
    /// Whose it is: the EmrBackup.
    pub owner: Owner,
    /// The database's half.
    pub database: DatabaseWanted,
    /// The files' half.
    pub files: FilesWanted,
}

/// The files' half as it should be.
#[derive(Clone, Debug, PartialEq)]
pub enum FilesWanted {
    /// A recovery point of a file system.
    RecoveryPoint {
        /// The job that makes it.
        job: Box<backup_job::Desired>,
        /// Only a job that was begun then or later is of this set.
        since: Timestamp,
    },
    /// What the bucket keeps of itself.
    Versions(SourceBucket),
}

/// What AWS has of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackupSeen {
    /// The database's half.
    pub database: Option<DatabaseSeen>,
    /// The backup jobs of the file system; not looked at once the files' half is known.
    pub jobs: Option<backup_job::Observed>,
    /// Recovery points that may be the files' half.
    pub points: BTreeMap<recovery_point::Id, recovery_point::Observed>,
}

/// The set that a backup asks for, unless its source names no database or no files. Both halves carry all
/// that a restore needs to know.
pub fn desire(
    owner: &Owner,
    backup: &EmrBackup,
    source: &BackupSource,
    since: Timestamp,
    user: &UserTags,
) -> Option<BackupStack> {
    let mut tags = tags(owner, backup, source, user);
    let files = match (&source.file_system_arn, &source.bucket) {
        (Some(file_system), _) => FilesWanted::RecoveryPoint {
            job: Box::new(backup_job::Desired {
                resource_arn: Arn::new(file_system),
                vault: VaultName::new(source.vault.as_deref()?),
                role_arn: Arn::new(source.backup_role_arn.as_deref()?),
                idempotency_token: format!("set-{}", backup.uid().unwrap_or_default()),
                recovery_point_tags: tags.clone(),
                // Both halves go together, so AWS is not to remove one by itself.
                delete_after_days: None,
            }),
            since,
        },
        (None, Some(bucket)) => {
            // Known beforehand, so the snapshot has it from the beginning.
            tags.insert(ownership::OTHER_HALF.into(), bucket.arn.clone());
            FilesWanted::Versions(bucket.clone())
        }
        (None, None) => return None,
    };
    let database = match (&source.cluster_id, &source.db_instance_id) {
        (Some(cluster), _) => DatabaseWanted::cluster(names::set_snapshot(owner), cluster, tags),
        (None, Some(instance)) => {
            DatabaseWanted::instance(names::set_db_snapshot(owner), instance, tags)
        }
        (None, None) => return None,
    };
    Some(BackupStack {
        owner: owner.clone(),
        database,
        files,
    })
}

/// What both halves tell of their set.
fn tags(owner: &Owner, backup: &EmrBackup, source: &BackupSource, user: &UserTags) -> Tags {
    let instance = &backup.spec.instance_ref.name;
    let mut tags = owner.tags(user);
    for (key, value) in [
        (ownership::SET, format!("{}/{instance}", owner.namespace)),
        (ownership::SET_ID, owner.uid.clone()),
        (ownership::INSTANCE_UID, source.instance_uid.clone()),
        (
            ownership::APPLICATION,
            format!("{}/{}", source.application.name, source.application.version),
        ),
        (ownership::KEY, source.placement.kms_key_arn.clone()),
        (
            ownership::CONSISTENCY,
            format!("{:?}", backup.spec.consistency),
        ),
    ] {
        tags.insert(key.into(), value);
    }
    tags
}
