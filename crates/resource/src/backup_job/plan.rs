//! Towards one complete recovery point that was begun after everything went quiet.

use std::time::Duration;

use jiff::Timestamp;

use super::{Change, Desired, Job, Observed};
use crate::{
    Refusal, Step,
    ids::{Arn, VaultName},
};

/// A file system of a small clinic; a large one takes hours.
const USUAL_BACKUP: Duration = Duration::from_mins(30);

/// Jobs to `vault` that were begun at or after `quiesced_at`.
fn since<'a>(
    observed: &'a Observed,
    vault: &VaultName,
    quiesced_at: Timestamp,
) -> impl Iterator<Item = &'a Job> {
    observed
        .jobs
        .iter()
        .filter(move |job| job.vault == *vault && job.created_at >= quiesced_at)
}

/// The recovery point of a job that was begun at or after `quiesced_at` and is complete.
pub fn completed_since<'a>(
    observed: &'a Observed,
    vault: &VaultName,
    quiesced_at: Timestamp,
) -> Option<&'a Arn> {
    since(observed, vault, quiesced_at)
        .filter(|job| job.state == "COMPLETED")
        .max_by_key(|job| job.created_at)
        .and_then(|job| job.recovery_point_arn.as_ref())
}

/// The last backup before deletion: settled once a job begun at or after `quiesced_at`, when
/// nothing wrote any longer, is complete. A job that runs is waited for, whenever it began, since
/// AWS backs a file system up once at a time. Refuses while the newest one failed, so that nothing
/// is deleted; a job that a person starts then counts like ours.
pub fn plan_final(
    desired: &Desired,
    quiesced_at: Timestamp,
    observed: Option<&Observed>,
) -> Step<Change> {
    let Some(seen) = observed else {
        return start(desired, 0);
    };
    if completed_since(seen, &desired.vault, quiesced_at).is_some() {
        return Step::Settled;
    }
    if let Some(job) = seen.jobs.iter().find(|job| job.is_running()) {
        return Step::wait_usually(
            "TakingFinalBackup",
            format!(
                "backup job {} of {} is {}",
                job.id, seen.resource_arn, job.state
            ),
            USUAL_BACKUP,
        );
    }
    match since(seen, &desired.vault, quiesced_at).max_by_key(|job| job.created_at) {
        None => start(desired, seen.jobs.len()),
        Some(job) => Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "backup job {} of {} is {}: {}. Nothing is deleted before a backup is complete. \
                 Mend the cause and start an on-demand backup to vault {} in AWS Backup; deletion \
                 goes on when it completes.",
                job.id,
                seen.resource_arn,
                job.state,
                job.message.as_deref().unwrap_or("AWS gives no reason"),
                job.vault
            ),
        ),
    }
}

/// The number of jobs makes the token: a retry of one call carries the same, but after a job that
/// does not count, because AWS's clock is behind ours, say, another one can start.
fn start(desired: &Desired, jobs: usize) -> Step<Change> {
    let idempotency_token = format!("{}-{jobs}", desired.idempotency_token);
    Step::change(Change::Start(Box::new(Desired {
        idempotency_token,
        ..desired.clone()
    })))
}
