//! How an instance leaves: protection off, replicas gone, then the instance. Whether it may leave at all,
//! and whether its snapshot is complete, is decided before (the model's teardown).

use super::{Change, Observed};
use crate::{Owner, Refusal, Step, db_cluster::Removal, ownership};

/// Switches deletion protection off; the last step before anything goes.
fn unprotect(seen: &Observed) -> Step<Change> {
    if !seen.settings.deletion_protection {
        return Step::Settled;
    }
    if !seen.is_available() {
        return Step::wait(
            "ModifyingDatabase",
            format!("DB instance {} is {}", seen.id, seen.status),
        );
    }
    let mut settings = seen.settings.clone();
    settings.deletion_protection = false;
    let differences = seen.settings.differences(&settings);
    let differences = differences
        .into_iter()
        .filter(|of| of.field == "deletion protection")
        .collect();
    Step::change(Change::Modify {
        id: seen.id.clone(),
        settings: Box::new(settings),
        differences,
    })
}

fn delete(seen: &Observed, retain_automated_backups: bool) -> Step<Change> {
    Step::change(Change::Delete {
        id: seen.id.clone(),
        retain_automated_backups,
    })
}

fn is_ours(seen: &Observed, owner: &Owner) -> bool {
    ownership::claim(&seen.tags, owner) == ownership::Claim::Ours
}

fn leaving(seen: &Observed) -> Step<Change> {
    if seen.status == "deleting" {
        return Step::wait(
            "DeletingDatabase",
            format!("AWS is deleting DB instance {}", seen.id),
        );
    }
    Step::Settled
}

/// Removes the primary, given a step that removes its replicas: AWS would promote those that are left.
/// Settled once it is gone; what is not this owner's is left alone.
pub fn remove(
    observed: Option<&Observed>,
    owner: &Owner,
    removal: Removal,
    replicas: impl FnOnce() -> Step<Change>,
) -> Step<Change> {
    match observed {
        Some(seen) if is_ours(seen, owner) => leaving(seen)
            .then(|| unprotect(seen))
            .then(replicas)
            .then(|| delete(seen, removal == Removal::KeepBackups)),
        _ => Step::Settled,
    }
}

/// Deletes a replica, if it is this owner's, and waits until it is gone. One that somebody promoted holds
/// data that is nowhere else, so it is refused.
pub fn remove_replica(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    match observed {
        Some(seen) if is_ours(seen, owner) => leaving(seen)
            .then(|| promoted(seen))
            .then(|| unprotect(seen))
            .then(|| delete(seen, false)),
        _ => Step::Settled,
    }
}

/// Refuses what was a replica and accepts writes now.
pub(super) fn promoted(seen: &Observed) -> Step<Change> {
    if seen.replica_of.is_some() {
        return Step::Settled;
    }
    Step::refuse(
        Refusal::REPLACEMENT_REFUSED,
        format!(
            "DB instance {} was a read replica and was promoted, so it holds data of its own and is left \
             alone. Take a snapshot of it and delete it in AWS, or give it another identifier.",
            seen.id
        ),
    )
}
