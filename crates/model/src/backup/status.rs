//! What people read of a set.

use emr_api::{
    EmrBackup,
    emr_backup::{
        BackupPhase, Consistency, DatabaseHalf, EmrBackupStatus, FilesHalf, Set, SourceBucket,
    },
};
use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;

use super::{Copied, DatabaseSeen};
use crate::progress::{Notice, Progress};

const HOURS_A_DAY: i64 = 24;

/// The status once both halves are there.
pub fn complete(
    backup: &EmrBackup,
    old: &EmrBackupStatus,
    database: &DatabaseSeen,
    files: Copied<'_>,
    now: Timestamp,
) -> EmrBackupStatus {
    let kept = i64::from(backup.spec.keep_days);
    let expires = SignedDuration::from_hours(kept * HOURS_A_DAY);
    let expires = now.checked_add(expires).ok().filter(|_| kept > 0);
    let files_half = files_half(database, files, now);
    EmrBackupStatus {
        phase: BackupPhase::Complete,
        completed_at: Some(now.to_string()),
        expires_at: expires.map(|at| at.to_string()),
        quiet_for: elapsed(old.quiesced_at.as_deref(), now),
        size: files_half.bytes.map(size),
        set: Some(Set {
            id: backup.uid().unwrap_or_default(),
            consistency: backup.spec.consistency,
            database: DatabaseHalf {
                snapshot_arn: database.arn().to_string(),
                taken_at: database.taken_at().map(|at| at.to_string()),
            },
            files: files_half,
            may_lack: may_lack(backup.spec.consistency, database, files, now),
        }),
        ..old.clone()
    }
}

/// What is said of a backup that nothing more is done about, and whether it is as it was asked for.
pub fn resting(status: &EmrBackupStatus) -> (Progress, Option<String>) {
    match status.phase {
        BackupPhase::Failed => {
            let why = status.failure.as_deref().unwrap_or("it failed");
            let message =
                format!("{why}. Nothing of it is left; mend the cause and make another EmrBackup");
            (
                Progress::Stalled(Notice::new("BackupFailed", message)),
                None,
            )
        }
        BackupPhase::Expired => {
            let in_bucket = status.source.as_ref().is_some_and(|of| of.bucket.is_some());
            let message = if in_bucket {
                "its days are over: the snapshot was removed, the bucket is as it was"
            } else {
                "its days are over: both halves were removed"
            };
            (Progress::Settled, Some(message.to_owned()))
        }
        _ => {
            let kept = match &status.expires_at {
                Some(at) => format!("both halves are complete, and kept until {at}"),
                None => "both halves are complete, and kept".to_owned(),
            };
            (Progress::Settled, Some(kept))
        }
    }
}

/// The files' half as people find it again.
fn files_half(database: &DatabaseSeen, files: Copied<'_>, now: Timestamp) -> FilesHalf {
    match files {
        Copied::RecoveryPoint(point) => FilesHalf {
            recovery_point_arn: Some(point.id.arn.to_string()),
            vault: Some(point.id.vault.to_string()),
            bucket_arn: None,
            started_at: point.created_at.to_string(),
            completed_at: point.completed_at.map(|at| at.to_string()),
            bytes: point.bytes,
        },
        // A record may come a moment before its document: as of now the bucket has all that the database
        // names.
        Copied::Versions(bucket) => FilesHalf {
            bucket_arn: Some(bucket.arn.clone()),
            started_at: database.taken_at().unwrap_or(now).min(now).to_string(),
            completed_at: Some(now.to_string()),
            ..FilesHalf::default()
        },
    }
}

/// What may be in one half alone, or may go from it.
fn may_lack(
    consistency: Consistency,
    database: &DatabaseSeen,
    files: Copied<'_>,
    now: Timestamp,
) -> Option<String> {
    let (begun, ended, goes) = match files {
        Copied::RecoveryPoint(point) => {
            let taken = database.taken_at().unwrap_or(point.created_at);
            let ended = point.completed_at.unwrap_or(point.created_at);
            (point.created_at.min(taken), ended.max(taken), None)
        }
        Copied::Versions(bucket) => {
            let begun = database.taken_at().unwrap_or(now).min(now);
            (begun, now, versions_go(bucket, now))
        }
    };
    let apart = (consistency == Consistency::Online).then(|| {
        format!(
            "documents that were stored or removed from {begun:.0} to {ended:.0} may be in the database and \
             not in the files, or the reverse"
        )
    });
    let told: Vec<_> = apart.into_iter().chain(goes).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// From when on documents of the set may be gone from the bucket for good.
fn versions_go(bucket: &SourceBucket, now: Timestamp) -> Option<String> {
    let days = i64::from(bucket.noncurrent_expire_after_days);
    let kept = SignedDuration::from_hours(days * HOURS_A_DAY);
    let from = now.checked_add(kept).ok().filter(|_| days > 0)?;
    Some(format!(
        "documents that are overwritten or deleted later may be gone for good from {from:.0} on, as the \
         bucket keeps former versions for {days} days"
    ))
}

/// How long ago that was: `4m 12s`.
pub fn elapsed(since: Option<&str>, now: Timestamp) -> Option<String> {
    let since: Timestamp = since?.parse().ok()?;
    let span = SignedDuration::from_secs(now.duration_since(since).as_secs().max(0));
    Some(format!("{span:#}"))
}

/// Bytes for people: `1.2 GiB`.
pub fn size(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = i128::from(bytes) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}
