//! What people read of a set.

use emr_api::{
    EmrBackup,
    emr_backup::{BackupPhase, Consistency, DatabaseHalf, EmrBackupStatus, FilesHalf, Set},
};
use emr_resource::{cluster_snapshot, recovery_point};
use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;

use crate::progress::{Notice, Progress};

const HOURS_A_DAY: i64 = 24;

/// The status once both halves are there.
pub fn complete(
    backup: &EmrBackup,
    old: &EmrBackupStatus,
    database: &cluster_snapshot::Observed,
    files: &recovery_point::Observed,
    now: Timestamp,
) -> EmrBackupStatus {
    let kept = i64::from(backup.spec.keep_days);
    let expires = SignedDuration::from_hours(kept * HOURS_A_DAY);
    let expires = now.checked_add(expires).ok().filter(|_| kept > 0);
    EmrBackupStatus {
        phase: BackupPhase::Complete,
        completed_at: Some(now.to_string()),
        expires_at: expires.map(|at| at.to_string()),
        quiet_for: elapsed(old.quiesced_at.as_deref(), now),
        size: files.bytes.map(size),
        set: Some(Set {
            id: backup.uid().unwrap_or_default(),
            consistency: backup.spec.consistency,
            database: DatabaseHalf {
                snapshot_arn: database.arn.to_string(),
                taken_at: database.taken_at.map(|at| at.to_string()),
            },
            files: FilesHalf {
                recovery_point_arn: files.id.arn.to_string(),
                vault: files.id.vault.to_string(),
                started_at: files.created_at.to_string(),
                completed_at: files.completed_at.map(|at| at.to_string()),
                bytes: files.bytes,
            },
            may_lack: may_lack(backup.spec.consistency, database, files),
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
            let message = "its days are over: both halves were removed";
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

/// What may be in one half alone.
fn may_lack(
    consistency: Consistency,
    database: &cluster_snapshot::Observed,
    files: &recovery_point::Observed,
) -> Option<String> {
    if consistency == Consistency::Quiesced {
        return None;
    }
    let taken = database.taken_at.unwrap_or(files.created_at);
    let begun = files.created_at.min(taken);
    let ended = files.completed_at.unwrap_or(files.created_at).max(taken);
    Some(format!(
        "documents that were stored or removed from {begun:.0} to {ended:.0} may be in the database and \
         not in the files, or the reverse"
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
