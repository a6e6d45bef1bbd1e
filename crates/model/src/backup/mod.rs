//! EmrBackup: a set of two halves, which are made, kept and removed together (safety.md 2).
//!
//! ```text
//! Pending ─> Quiescing ─> Copying ─> Complete ─> Expiring ─> Expired
//!       └────(Online)─────^   └────> Failing ──> Failed
//! ```
//! A phase is written before what it does begins, so that a crash finds it again; and the pods stand
//! still in `Quiescing` and `Copying` alone, whatever goes wrong later.

mod phase;
mod plan;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use emr_api::{EmrBackup, emr_backup::BackupSource};
use emr_resource::{
    Owner, UserTags, backup_job, cluster_snapshot,
    ids::{Arn, VaultName},
    names, ownership, recovery_point,
};
use jiff::Timestamp;
use kube::ResourceExt;

pub use phase::{Moment, NotYet, begin, is_quiet, next_after, quiet_limit, ready_to_begin};
pub use plan::{candidates, copied, plan, remove};
pub use status::{complete, elapsed, resting, size};

/// A set as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct BackupStack {
    /// Whose it is: the EmrBackup.
    pub owner: Owner,
    /// The database's half.
    pub snapshot: cluster_snapshot::Desired,
    /// The job that makes the files' half.
    pub job: backup_job::Desired,
    /// Only a job that was begun then or later is of this set.
    pub since: Timestamp,
}

/// What AWS has of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackupSeen {
    /// The database's half.
    pub snapshot: Option<cluster_snapshot::Observed>,
    /// The backup jobs of the file system; not looked at once the files' half is known.
    pub jobs: Option<backup_job::Observed>,
    /// Recovery points that may be the files' half.
    pub points: BTreeMap<recovery_point::Id, recovery_point::Observed>,
}

/// The set that a backup asks for. Both halves carry all that a restore needs to know.
pub fn desire(
    owner: &Owner,
    backup: &EmrBackup,
    source: &BackupSource,
    since: Timestamp,
    user: &UserTags,
) -> BackupStack {
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
    BackupStack {
        owner: owner.clone(),
        snapshot: cluster_snapshot::Desired {
            id: names::set_snapshot(owner),
            cluster_id: source.cluster_id.as_str().into(),
            tags: tags.clone(),
        },
        job: backup_job::Desired {
            resource_arn: Arn::new(&source.file_system_arn),
            vault: VaultName::new(&source.vault),
            role_arn: Arn::new(&source.backup_role_arn),
            idempotency_token: format!("set-{}", backup.uid().unwrap_or_default()),
            recovery_point_tags: tags,
            // Both halves go together, so AWS is not to remove one by itself.
            delete_after_days: None,
        },
        since,
    }
}
