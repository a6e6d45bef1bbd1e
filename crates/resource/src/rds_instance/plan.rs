//! From the instance that is seen to the one that is wanted, in this order: is it lost, is it ours, can it
//! be kept, is it at rest, does it differ.

use std::time::Duration;

use super::{
    Change, Desired, OPTIMIZING, Observed, Origin, Settings, is_failed,
    keep::{can_be_kept, is_the_recorded_one},
    settings::STORAGE_FIELDS,
};
use crate::{Difference, Owner, Refusal, Step, db_cluster::Recorded, ownership};

/// RDS takes about this long to create an instance in two zones.
const USUAL_CREATION: Duration = Duration::from_mins(15);
/// A change of class rarely takes longer.
const USUAL_MODIFICATION: Duration = Duration::from_mins(15);

/// Plans one instance. `recorded` is what status remembers of it from when it was ready: of a primary
/// alone, since a lost replica is made again.
pub fn plan(
    desired: &Desired,
    recorded: Option<&Recorded>,
    observed: Option<&Observed>,
    owner: &Owner,
) -> Step<Change> {
    match (observed, recorded) {
        (None, None) => Step::change(Change::making(desired)),
        (None, Some(recorded)) => Step::refuse(
            Refusal::DATA_RESOURCE_MISSING,
            format!(
                "DB instance {} was ready and is gone from AWS. It is not replaced by an empty one: \
                 restore it from a snapshot under the same identifier, or restore this object from a \
                 backup.",
                recorded.arn
            ),
        ),
        (Some(seen), recorded) => {
            ownership::guard(&format!("DB instance {}", seen.id), &seen.tags, owner)
                .then(|| is_the_recorded_one(seen, recorded))
                .then(|| can_be_kept(desired, seen))
                .then(|| is_at_rest(desired, seen))
                .then(|| settings(desired, seen).beside(tags(desired, seen)))
                .then(|| pending(seen))
        }
    }
}

fn is_at_rest(desired: &Desired, seen: &Observed) -> Step<Change> {
    match seen.status.as_str() {
        "available" | OPTIMIZING => Step::Settled,
        "stopped" => Step::change(Change::Start(seen.id.clone())),
        "creating" => Step::wait_usually(
            "CreatingDatabase",
            format!("AWS is creating DB instance {}", seen.id),
            USUAL_CREATION,
        ),
        "storage-full" => {
            let storage = &seen.settings.storage;
            if desired.settings.storage.allocated_gb > storage.allocated_gb {
                return Step::Settled;
            }
            Step::refuse(
                Refusal::RESOURCE_FAILED,
                format!(
                    "The {} GiB of DB instance {} are full and it takes no more data. Raise \
                     spec.rdsPostgres.storage.allocatedGb, and maxAllocatedGb with it.",
                    storage.allocated_gb, seen.id
                ),
            )
        }
        failed if is_failed(failed) => Step::refuse(
            if failed.contains("encryption") {
                Refusal::KEY_UNUSABLE
            } else {
                Refusal::RESOURCE_FAILED
            },
            if desired.is_replica() {
                format!(
                    "Read replica {} is {failed}. Look at its events in RDS; deleting it is safe, it is \
                     made again.",
                    seen.id
                )
            } else {
                format!(
                    "DB instance {} is {failed}. Check its events in RDS, and that its KMS key is \
                     enabled and the key's policy unchanged; AWS Support can tell more.",
                    seen.id
                )
            },
        ),
        other => Step::wait_usually(
            "ModifyingDatabase",
            format!("DB instance {} is {other}", seen.id),
            USUAL_MODIFICATION,
        ),
    }
}

fn tags(desired: &Desired, seen: &Observed) -> Step<Change> {
    let missing = desired.tags.missing_in(&seen.tags);
    if missing.is_empty() {
        return Step::Settled;
    }
    Step::change(Change::Tag {
        id: seen.id.clone(),
        arn: seen.arn.clone(),
        tags: desired.tags.clone(),
        missing,
    })
}

/// Takes a restored instance over: until then nobody knows its master password. Settled for every other.
pub fn take_over(desired: &Desired, observed: Option<&Observed>) -> Step<Change> {
    match observed {
        Some(seen) if awaits_take_over(desired, seen) => is_at_rest(desired, seen).then(|| {
            Step::change(Change::TakeOver {
                id: seen.id.clone(),
                master_secret: desired.master_secret.clone(),
            })
        }),
        _ => Step::Settled,
    }
}

fn awaits_take_over(desired: &Desired, seen: &Observed) -> bool {
    matches!(desired.origin, Origin::Restored(_))
        && desired.settings.deletion_protection
        && !seen.settings.deletion_protection
}

/// What is to be sent. Storage that AWS is still arranging is asked for again later; the rest is not.
fn settings(desired: &Desired, seen: &Observed) -> Step<Change> {
    let wanted = wanted(desired, seen);
    let differences = seen.settings.differences(&wanted);
    let of_storage = |of: &Difference| STORAGE_FIELDS.contains(&of.field);
    let (later, now): (Vec<_>, Vec<_>) = differences
        .into_iter()
        .partition(|of| seen.status == OPTIMIZING && of_storage(of));
    if !now.is_empty() {
        return Step::change(Change::Modify {
            id: seen.id.clone(),
            settings: Box::new(wanted.over(&seen.settings)),
            differences: now,
        });
    }
    if later.is_empty() {
        return Step::Settled;
    }
    Step::wait(
        "OptimizingStorage",
        format!(
            "AWS arranges the storage of DB instance {} anew, which takes hours; it serves meanwhile. \
             Next: {}",
            seen.id,
            Difference::list(&later)
        ),
    )
}

fn wanted(desired: &Desired, seen: &Observed) -> Settings {
    let mut wanted = if desired.is_replica() {
        desired.settings.of_replica(&seen.settings)
    } else {
        desired.settings.clone()
    };
    if awaits_take_over(desired, seen) {
        wanted.deletion_protection = false;
    }
    wanted
}

/// What AWS has accepted is waited for, and not sent again.
fn pending(seen: &Observed) -> Step<Change> {
    if seen.pending.is_empty() {
        return Step::Settled;
    }
    Step::wait(
        "PendingModification",
        format!(
            "AWS has accepted and not applied yet: {} of DB instance {}",
            seen.pending.join(", "),
            seen.id
        ),
    )
}
