//! From the file system that is seen to the one that is wanted, and away.

use emr_api::policy::DeletionPolicy;
use emr_resource::{
    Change, Step, access_point, backup_job, file_system, ids::FileSystemId, ownership, restore_job,
    security_group,
};
use k8s_openapi::jiff::Timestamp;

use super::{FilesSeen, FilesStack};

/// The next step: a lost or foreign file system is refused before anything around it is touched;
/// then the security group, the file system with its mount targets, and the access points beside what is
/// restored.
pub fn plan(stack: &FilesStack, recorded: Option<&FileSystemId>, seen: &FilesSeen) -> Step<Change> {
    let owner = &stack.owner;
    let file_system = |desired: &file_system::Desired| {
        file_system::plan(desired, recorded, seen.file_system.as_ref(), owner)
    };
    let judged = match file_system(&stack.file_system) {
        Step::Refuse(refusal) => Step::Refuse(refusal),
        _ => Step::Settled,
    };
    judged
        .then(|| source(stack, seen))
        .then(|| {
            security_group::plan(&stack.security_group, seen.security_group.as_ref(), owner)
                .into_step()
        })
        .then(|| {
            let Some(group) = &seen.security_group else {
                return Step::wait("CreatingSecurityGroup", "AWS is making the security group");
            };
            let mut desired = stack.file_system.clone();
            desired.security_group_id = group.id.clone();
            file_system(&desired).into_step()
        })
        .then(|| {
            let Some(seen_system) = &seen.file_system else {
                return Step::wait("CreatingFileSystem", "AWS is making the file system");
            };
            let restore = stack.restore.iter().map(|restore| {
                let mut desired = restore.clone();
                desired.file_system_id = seen_system.id.clone();
                restore_job::plan(&desired, seen.restore_job.as_ref()).into_step()
            });
            let points = stack.access_points.iter().map(|point| {
                let mut desired = point.clone();
                desired.file_system_id = seen_system.id.clone();
                access_point::plan(&desired, seen.access_points.get(&point.token), owner)
                    .into_step()
            });
            Step::all(points.chain(restore))
        })
}

/// What is restored is this namespace's.
fn source(stack: &FilesStack, seen: &FilesSeen) -> Step<Change> {
    match (&seen.restore_job, &stack.restore) {
        (None, Some(restore)) => {
            let what = restore.recovery_point_arn.as_str();
            ownership::source(what, seen.source.as_ref(), &stack.owner)
        }
        _ => Step::Settled,
    }
}

/// What else decides over a deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// What to keep.
    pub policy: DeletionPolicy,
    /// Since when nothing writes to the files any more.
    pub quiesced_at: Timestamp,
    /// Whether the database of the same set has its copy; `Some(why)` while not.
    pub other_half_incomplete: Option<String>,
}

/// The next step towards nothing being left but what the policy keeps (safety.md 3).
pub fn teardown(
    stack: &FilesStack,
    circumstances: &Circumstances,
    seen: &FilesSeen,
) -> Step<Change> {
    match circumstances.policy {
        DeletionPolicy::Retain => Step::Settled,
        DeletionPolicy::Snapshot => copy(stack, circumstances, seen).then(|| removal(stack, seen)),
        DeletionPolicy::Delete => removal(stack, seen),
    }
}

fn copy(stack: &FilesStack, circumstances: &Circumstances, seen: &FilesSeen) -> Step<Change> {
    let Some(system) = &seen.file_system else {
        return Step::Settled;
    };
    if ownership::claim(&system.tags, &stack.owner) != ownership::Claim::Ours
        || system.state == "deleting"
    {
        return Step::Settled;
    }
    let desired = backup_job::Desired {
        resource_arn: system.arn.clone(),
        vault: stack.vault.clone(),
        role_arn: stack.backup_role_arn.clone(),
        idempotency_token: format!("{}-{}", stack.owner.uid, circumstances.quiesced_at),
        recovery_point_tags: stack.file_system.tags.clone(),
        delete_after_days: None,
    };
    let step: Step<backup_job::Change> = backup_job::plan_final(
        &desired,
        circumstances.quiesced_at,
        seen.backup_jobs.as_ref(),
    );
    step.into_step()
        .then(|| match &circumstances.other_half_incomplete {
            Some(why) => Step::wait("WaitingForSet", why.clone()),
            None => Step::Settled,
        })
}

fn removal(stack: &FilesStack, seen: &FilesSeen) -> Step<Change> {
    let owner = &stack.owner;
    Step::all(
        seen.access_points
            .values()
            .map(|point| access_point::remove(Some(point), owner).into_step()),
    )
    .then(|| file_system::remove(seen.file_system.as_ref(), owner).into_step())
    .then(|| security_group::remove(seen.security_group.as_ref(), owner).into_step())
}
