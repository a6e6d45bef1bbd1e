//! From the file system that is seen to the one that is wanted, in this order: is it lost, is it
//! ours, can it be kept, is it at rest, can it be reached, does it differ.

use std::{collections::BTreeSet, time::Duration};

use super::{Change, Desired, Details, MountTarget, Observed};
use crate::{
    Difference, Owner, Refusal, Step,
    ids::{Arn, FileSystemId},
    ownership,
};

/// A file system without mount targets is there within seconds.
const USUAL_CREATION: Duration = Duration::from_secs(15);
/// A mount target takes AWS about a minute and a half.
const USUAL_MOUNT_TARGET: Duration = Duration::from_secs(90);

/// Plans one file system. `recorded` is the id that status remembers from when it was there.
pub fn plan(
    desired: &Desired,
    recorded: Option<&FileSystemId>,
    observed: Option<&Observed>,
    owner: &Owner,
) -> Step<Change> {
    match (observed, recorded) {
        (None, None) => Step::change(Change::Create(Box::new(desired.clone()))),
        (None, Some(id)) => missing(&format!("file system {id} was ready and is gone from AWS")),
        (Some(seen), recorded) => {
            ownership::guard(&format!("file system {}", seen.id), &seen.tags, owner)
                .then(|| is_the_recorded_one(seen, recorded))
                .then(|| can_be_kept(desired, seen))
                .then(|| is_at_rest(seen))
                .then(|| reach(desired, seen))
                .then(|| throughput(desired, seen))
        }
    }
}

fn missing(what: &str) -> Step<Change> {
    Step::refuse(
        Refusal::DATA_RESOURCE_MISSING,
        format!(
            "{what}. It is not replaced by an empty one: restore its last recovery point in AWS \
             Backup, or restore this object from a backup."
        ),
    )
}

fn is_the_recorded_one(seen: &Observed, recorded: Option<&FileSystemId>) -> Step<Change> {
    match recorded {
        Some(id) if *id != seen.id => Step::refuse(
            Refusal::DATA_RESOURCE_MISSING,
            format!(
                "status names file system {id}, but {} is what this account and region hold. Check \
                 the platform's account and region before anything else.",
                seen.id
            ),
        ),
        Some(id) if seen.state.starts_with("delet") => missing(&format!(
            "file system {id} was ready and is being deleted in AWS"
        )),
        _ => Step::Settled,
    }
}

fn can_be_kept(desired: &Desired, seen: &Observed) -> Step<Change> {
    if seen.kms_key_arn.as_ref() == Some(&desired.kms_key_arn) {
        return Step::Settled;
    }
    Step::refuse(
        Refusal::REPLACEMENT_REFUSED,
        format!(
            "the encryption key of file system {} is {} and can't become {} without replacing the \
             file system. Set it back, or move the data by a restore into a new object.",
            seen.id,
            seen.kms_key_arn.as_ref().map_or("none", Arn::as_str),
            desired.kms_key_arn
        ),
    )
}

fn is_at_rest(seen: &Observed) -> Step<Change> {
    match seen.state.as_str() {
        "available" => Step::Settled,
        "creating" => Step::wait_usually(
            "CreatingFileSystem",
            format!("AWS is creating file system {}", seen.id),
            USUAL_CREATION,
        ),
        "error" => Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "file system {} is in state error. Check that its KMS key is enabled and its key \
                 policy unchanged; AWS Support can tell more.",
                seen.id
            ),
        ),
        other => Step::wait(
            "ModifyingFileSystem",
            format!("file system {} is {other}", seen.id),
        ),
    }
}

/// Settings and mount targets, side by side: none stands in the other's way.
fn reach(desired: &Desired, seen: &Observed) -> Step<Change> {
    let Some(details) = &seen.details else {
        return Step::wait(
            "ReadingFileSystem",
            format!("file system {} is being read", seen.id),
        );
    };
    let targets = details
        .mount_targets
        .iter()
        .map(|target| mount_target(desired, seen, target));
    settings(desired, seen, details)
        .beside(missing_mount_targets(desired, seen, details))
        .beside(Step::all(targets))
}

fn settings(desired: &Desired, seen: &Observed, details: &Details) -> Step<Change> {
    let (token, id) = (&seen.token, &seen.id);
    let lifecycle = (details.lifecycle != desired.lifecycle).then(|| Change::PutLifecycle {
        token: token.clone(),
        id: id.clone(),
        lifecycle: desired.lifecycle.clone(),
    });
    let backups =
        (details.automatic_backups != desired.automatic_backups).then(|| Change::PutBackupPolicy {
            token: token.clone(),
            id: id.clone(),
            automatic_backups: desired.automatic_backups,
        });
    let missing = desired.tags.missing_in(&seen.tags);
    let tags = (!missing.is_empty()).then(|| Change::Tag {
        token: token.clone(),
        id: id.clone(),
        tags: desired.tags.clone(),
        missing,
    });
    let changes = [lifecycle, backups, tags];
    Step::changes(changes.into_iter().flatten().collect())
}

/// EFS allows one mount target a zone, so a zone that has one, in whatever subnet, is served.
fn missing_mount_targets(desired: &Desired, seen: &Observed, details: &Details) -> Step<Change> {
    let served: BTreeSet<_> = details
        .mount_targets
        .iter()
        .map(|target| &target.zone)
        .collect();
    Step::changes(
        desired
            .mount_targets
            .iter()
            .filter(|(zone, _)| !served.contains(zone))
            .map(|(zone, subnet_id)| Change::CreateMountTarget {
                token: seen.token.clone(),
                id: seen.id.clone(),
                zone: zone.clone(),
                subnet_id: subnet_id.clone(),
                security_group_id: desired.security_group_id.clone(),
            })
            .collect(),
    )
}

/// Every mount target admits our group alone, those that somebody added too. One that AWS could not
/// make is taken away, so that the next pass makes it again.
fn mount_target(desired: &Desired, seen: &Observed, target: &MountTarget) -> Step<Change> {
    match target.state.as_str() {
        "available" => Difference::between(
            "security groups",
            &target.security_group_ids,
            &BTreeSet::from([desired.security_group_id.clone()]),
        )
        .map_or(Step::Settled, |difference| {
            Step::change(Change::ModifyMountTargetSecurityGroups {
                token: seen.token.clone(),
                mount_target_id: target.id.clone(),
                security_group_id: desired.security_group_id.clone(),
                difference,
            })
        }),
        "error" => Step::change(Change::DeleteMountTarget {
            token: seen.token.clone(),
            mount_target_id: target.id.clone(),
            zone: target.zone.clone(),
        }),
        state => Step::wait_usually(
            "CreatingMountTargets",
            format!("mount target {} in {} is {state}", target.id, target.zone),
            USUAL_MOUNT_TARGET,
        ),
    }
}

/// Last, since it takes the file system out of `available` for a while.
fn throughput(desired: &Desired, seen: &Observed) -> Step<Change> {
    if seen.throughput == desired.throughput {
        return Step::Settled;
    }
    Step::change(Change::UpdateThroughput {
        token: seen.token.clone(),
        id: seen.id.clone(),
        throughput: desired.throughput.clone(),
        difference: Difference {
            field: "throughput",
            seen: seen.throughput.to_string(),
            wanted: desired.throughput.to_string(),
        },
    })
}
