//! What people read of a file system.

use emr_api::{
    references::Placement,
    shared_file_system::{AccessPointStatus, MountTargetStatus, SharedFileSystemStatus},
};
use emr_resource::{
    ResourceType, access_point, backup_job, file_system,
    ownership::{self, Claim},
    security_group,
};
use k8s_openapi::jiff::Timestamp;

use super::{FilesSeen, FilesStack};
use crate::inventory::line;

/// The file system, if it is this owner's: another's is neither used nor remembered.
fn ours<'a>(stack: &FilesStack, seen: &'a FilesSeen) -> Option<&'a file_system::Observed> {
    let system = seen.file_system.as_ref();
    system.filter(|system| ownership::claim(&system.tags, &stack.owner) == Claim::Ours)
}

/// A sentence when pods of every zone can mount it.
pub fn usable(stack: &FilesStack, seen: &FilesSeen) -> Option<String> {
    let system = ours(stack, seen)?;
    let details = system.details.as_ref()?;
    let mounted = stack.file_system.mount_targets.keys().all(|zone| {
        details
            .mount_targets
            .iter()
            .any(|target| target.zone == *zone && target.state == "available")
    });
    let points = stack.access_points.iter().all(|point| {
        seen.access_points
            .get(&point.token)
            .is_some_and(|point| point.state == "available")
    });
    let restored = stack.restore.is_none() || is_restored(seen);
    let answers = matches!(system.state.as_str(), "available" | "updating");
    (answers && mounted && points && restored).then(|| {
        format!(
            "{} can be mounted in {} zones",
            system.id,
            details.mount_targets.len()
        )
    })
}

/// Whether what was to be restored is there.
fn is_restored(seen: &FilesSeen) -> bool {
    let job = seen.restore_job.as_ref();
    job.is_some_and(|job| job.state == "COMPLETED")
}

/// The status that follows from what is seen; `old` keeps what must not be forgotten.
pub fn status(
    old: &SharedFileSystemStatus,
    stack: &FilesStack,
    seen: &FilesSeen,
    placement: &Placement,
    quiesced_at: Option<Timestamp>,
) -> SharedFileSystemStatus {
    let system = ours(stack, seen);
    // Remembered from the moment it can hold data, and never forgotten (safety.md 1).
    let remembered = system.filter(|system| system.state == "available");
    let details = system.and_then(|system| system.details.as_ref());
    SharedFileSystemStatus {
        observed_generation: old.observed_generation,
        conditions: old.conditions.clone(),
        placement: Some(old.placement.clone().unwrap_or_else(|| placement.clone())),
        arn: old
            .arn
            .clone()
            .or_else(|| remembered.map(|system| system.arn.to_string())),
        file_system_id: old
            .file_system_id
            .clone()
            .or_else(|| remembered.map(|system| system.id.to_string())),
        access_points: stack
            .access_points
            .iter()
            .filter_map(|point| {
                let seen = seen.access_points.get(&point.token)?;
                Some(AccessPointStatus {
                    name: point.name.clone(),
                    id: seen.id.to_string(),
                })
            })
            .collect(),
        mount_targets: details.map_or_else(Vec::new, |details| {
            let mut targets: Vec<_> = details
                .mount_targets
                .iter()
                .map(|target| MountTargetStatus {
                    id: target.id.to_string(),
                    zone: target.zone.to_string(),
                })
                .collect();
            targets.sort_by(|a, b| a.zone.cmp(&b.zone));
            targets
        }),
        restored_from: old.restored_from.clone().or_else(|| {
            let from = stack.restore.as_ref().filter(|_| is_restored(seen))?;
            Some(from.recovery_point_arn.to_string())
        }),
        quiesced_at: old
            .quiesced_at
            .clone()
            .or_else(|| quiesced_at.map(|at| at.to_string())),
        final_recovery_point: quiesced_at
            .and_then(|at| {
                let jobs = seen.backup_jobs.as_ref()?;
                Some(backup_job::completed_since(jobs, &stack.vault, at)?.to_string())
            })
            .or_else(|| old.final_recovery_point.clone()),
        resources: resources(stack, seen),
    }
}

fn resources(stack: &FilesStack, seen: &FilesSeen) -> Vec<emr_api::references::ResourceStatus> {
    let system = seen.file_system.as_ref();
    let details = system.and_then(|system| system.details.as_ref());
    let mut lines = vec![
        line(
            security_group::SecurityGroup::NAME,
            &stack.security_group.name,
            seen.security_group
                .as_ref()
                .map(|group| (Some(group.id.as_str()), "available")),
        ),
        line(
            file_system::FileSystem::NAME,
            &stack.file_system.token,
            system.map(|system| (Some(system.arn.as_str()), system.state.as_str())),
        ),
    ];
    lines.extend(stack.file_system.mount_targets.keys().map(|zone| {
        let target = details.and_then(|details| {
            details
                .mount_targets
                .iter()
                .find(|target| target.zone == *zone)
        });
        line(
            "mount-target",
            zone,
            target.map(|target| (Some(target.id.as_str()), target.state.as_str())),
        )
    }));
    lines.extend(stack.access_points.iter().map(|point| {
        let seen = seen.access_points.get(&point.token);
        line(
            access_point::AccessPoint::NAME,
            &point.name,
            seen.map(|point| (Some(point.arn.as_str()), point.state.as_str())),
        )
    }));
    lines
}
