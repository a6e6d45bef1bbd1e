//! Towards both halves, and towards neither.

use std::time::Duration;

use emr_api::emr_backup::SourceBucket;
use emr_resource::{
    Change, Refusal, Step,
    backup_job::{self, Job},
    ownership::{self, Claim},
    recovery_point,
};
use jiff::Timestamp;

use super::{BackupSeen, BackupStack, FilesWanted};

/// A file system of a small clinic; a large one takes hours.
const USUAL_BACKUP: Duration = Duration::from_mins(30);
/// Recovery points of others that come about meanwhile: more than these in one backup means that ours
/// came without its tags.
const MOST_FOREIGN: usize = 30;

/// The files' half, complete.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Copied<'a> {
    /// A recovery point.
    RecoveryPoint(&'a recovery_point::Observed),
    /// The versions that a bucket keeps: there at any time.
    Versions(&'a SourceBucket),
}

/// Both halves, side by side: the closer together they are taken, the less is in one of them alone. Then
/// the one is told of the other.
pub fn plan(stack: &BackupStack, seen: &BackupSeen) -> Step<Change> {
    let database = stack.database.plan(seen.database.as_ref(), &stack.owner);
    let files = match &stack.files {
        FilesWanted::RecoveryPoint { job, since } => files(stack, job, *since, seen).into_step(),
        FilesWanted::Versions(_) => Step::Settled,
    };
    database.beside(files).then(|| link(stack, seen))
}

/// The database's half names the other, so that either leads to both without Kubernetes. A bucket it names
/// since it was asked for.
fn link(stack: &BackupStack, seen: &BackupSeen) -> Step<Change> {
    let (Some(snapshot), Some(Copied::RecoveryPoint(files))) =
        (&seen.database, copied(stack, seen))
    else {
        return Step::Settled;
    };
    let other = files.id.to_string();
    if snapshot.tags().get(ownership::OTHER_HALF) == Some(&other) {
        return Step::Settled;
    }
    let mut tags = stack.database.tags().clone();
    tags.insert(ownership::OTHER_HALF.into(), other);
    snapshot.tag(tags)
}

/// Jobs to our vault that began with this set or later.
fn began<'a>(
    wanted: &'a backup_job::Desired,
    since: Timestamp,
    seen: &'a BackupSeen,
) -> impl Iterator<Item = &'a Job> {
    let jobs = seen.jobs.iter().flat_map(|of| &of.jobs);
    jobs.filter(move |job| job.vault == wanted.vault && job.created_at >= since)
}

/// The recovery points that complete jobs left since this set began: ours is among them.
pub fn candidates(stack: &BackupStack, seen: &BackupSeen) -> Vec<recovery_point::Id> {
    let FilesWanted::RecoveryPoint { job, since } = &stack.files else {
        return Vec::new();
    };
    let complete = began(job, *since, seen).filter(|job| job.state == "COMPLETED");
    complete
        .filter_map(|job| {
            Some(recovery_point::Id {
                vault: job.vault.clone(),
                arn: job.recovery_point_arn.clone()?,
            })
        })
        .collect()
}

/// The files' half, once it is complete.
pub fn copied<'a>(stack: &'a BackupStack, seen: &'a BackupSeen) -> Option<Copied<'a>> {
    if let FilesWanted::Versions(bucket) = &stack.files {
        return Some(Copied::Versions(bucket));
    }
    let point = seen.points.values().find(|point| {
        point.status == "COMPLETED" && ownership::claim(&point.tags, &stack.owner) == Claim::Ours
    });
    point.map(Copied::RecoveryPoint)
}

/// A job tells nothing of whose it is, its recovery point does: one that a plan began meanwhile is not
/// ours, and expires by itself.
fn files(
    stack: &BackupStack,
    wanted: &backup_job::Desired,
    since: Timestamp,
    seen: &BackupSeen,
) -> Step<backup_job::Change> {
    if copied(stack, seen).is_some() {
        return Step::Settled;
    }
    let resource = &wanted.resource_arn;
    let Some(jobs) = &seen.jobs else {
        return Step::wait(
            "LookingForJobs",
            format!("the backup jobs of {resource} are being read"),
        );
    };
    // AWS backs a file system up once at a time.
    if let Some(job) = jobs.jobs.iter().find(|job| job.is_running()) {
        return Step::wait_usually(
            "TakingRecoveryPoint",
            format!("backup job {} of {resource} is {}", job.id, job.state),
            USUAL_BACKUP,
        );
    }
    let failed = |job: &&Job| job.state != "COMPLETED";
    if let Some(job) = began(wanted, since, seen).find(failed) {
        let why = job.message.as_deref().unwrap_or("AWS gives no reason");
        return Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "backup job {} of {resource} is {}: {why}",
                job.id, job.state
            ),
        );
    }
    let unseen = candidates(stack, seen);
    if let Some(id) = unseen.iter().find(|id| !seen.points.contains_key(id)) {
        return Step::wait(
            "LookingForRecoveryPoint",
            format!("AWS does not show recovery point {} yet", id.arn),
        );
    }
    let complete = began(wanted, since, seen).count();
    if complete > MOST_FOREIGN {
        return Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "{complete} recovery points of {resource} came about and none has the tags of this set"
            ),
        );
    }
    Step::change(backup_job::Change::Start(Box::new(backup_job::Desired {
        // A retry of one call carries the same number; after a job of somebody else another can start.
        idempotency_token: format!("{}-{}", wanted.idempotency_token, jobs.jobs.len()),
        ..wanted.clone()
    })))
}

/// Both halves go, the files' first: a lock of the vault may hold it, and then neither goes. What is
/// still being made is waited for. A bucket stays as it is.
pub fn remove(stack: &BackupStack, seen: &BackupSeen) -> Step<Change> {
    let running = seen.jobs.iter().flat_map(|of| &of.jobs);
    if let Some(job) = running.into_iter().find(|job| job.is_running()) {
        return Step::wait(
            "WaitingForJob",
            format!(
                "backup job {} is {}; what it makes is removed then",
                job.id, job.state
            ),
        );
    }
    let points = seen.points.values();
    Step::all(points.map(|point| recovery_point::remove(Some(point), &stack.owner).into_step()))
        .then(|| match &seen.database {
            Some(snapshot) => snapshot.remove(&stack.owner),
            None => Step::Settled,
        })
}
