//! Towards both halves, and towards neither.

use std::time::Duration;

use emr_resource::{
    Change, Refusal, Step,
    backup_job::{self, Job},
    cluster_snapshot,
    ownership::{self, Claim},
    recovery_point,
};

use super::{BackupSeen, BackupStack};

/// A file system of a small clinic; a large one takes hours.
const USUAL_BACKUP: Duration = Duration::from_mins(30);
/// Recovery points of others that come about meanwhile: more than these in one backup means that ours
/// came without its tags.
const MOST_FOREIGN: usize = 30;

/// Both halves, side by side: the closer together they are taken, the less is in one of them alone. Then
/// the one is told of the other.
pub fn plan(stack: &BackupStack, seen: &BackupSeen) -> Step<Change> {
    let database: Step<cluster_snapshot::Change> =
        cluster_snapshot::plan(&stack.snapshot, seen.snapshot.as_ref(), &stack.owner);
    let halves = database.into_step().beside(files(stack, seen).into_step());
    halves.then(|| link(stack, seen).into_step())
}

/// The database's half names the other, so that either leads to both without Kubernetes.
fn link(stack: &BackupStack, seen: &BackupSeen) -> Step<cluster_snapshot::Change> {
    let (Some(snapshot), Some(files)) = (&seen.snapshot, copied(stack, seen)) else {
        return Step::Settled;
    };
    let other = files.id.to_string();
    if snapshot.tags.get(ownership::OTHER_HALF) == Some(&other) {
        return Step::Settled;
    }
    let mut tags = stack.snapshot.tags.clone();
    tags.insert(ownership::OTHER_HALF.into(), other);
    Step::change(cluster_snapshot::Change::Tag {
        id: snapshot.id.clone(),
        arn: snapshot.arn.clone(),
        tags,
    })
}

/// Jobs to our vault that began with this set or later.
fn since<'a>(stack: &'a BackupStack, seen: &'a BackupSeen) -> impl Iterator<Item = &'a Job> {
    let jobs = seen.jobs.iter().flat_map(|of| &of.jobs);
    jobs.filter(|job| job.vault == stack.job.vault && job.created_at >= stack.since)
}

/// The recovery points that complete jobs left since this set began: ours is among them.
pub fn candidates(stack: &BackupStack, seen: &BackupSeen) -> Vec<recovery_point::Id> {
    let complete = since(stack, seen).filter(|job| job.state == "COMPLETED");
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
pub fn copied<'a>(
    stack: &BackupStack,
    seen: &'a BackupSeen,
) -> Option<&'a recovery_point::Observed> {
    seen.points.values().find(|point| {
        point.status == "COMPLETED" && ownership::claim(&point.tags, &stack.owner) == Claim::Ours
    })
}

/// A job tells nothing of whose it is, its recovery point does: one that a plan began meanwhile is not
/// ours, and expires by itself.
fn files(stack: &BackupStack, seen: &BackupSeen) -> Step<backup_job::Change> {
    if copied(stack, seen).is_some() {
        return Step::Settled;
    }
    let resource = &stack.job.resource_arn;
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
    if let Some(job) = since(stack, seen).find(failed) {
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
    let complete = since(stack, seen).count();
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
        idempotency_token: format!("{}-{}", stack.job.idempotency_token, jobs.jobs.len()),
        ..stack.job.clone()
    })))
}

/// Both halves go, the files' first: a lock of the vault may hold it, and then neither goes. What is
/// still being made is waited for.
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
        .then(|| cluster_snapshot::remove(seen.snapshot.as_ref(), &stack.owner).into_step())
}
