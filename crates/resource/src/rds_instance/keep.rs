//! Whether an instance can stay what it is: what AWS could only do by replacing it is refused.

use super::{Change, Desired, ENGINE, Observed, Origin, Storage, remove::promoted};
use crate::{Refusal, Step, db_cluster::Recorded};

pub(super) fn is_the_recorded_one(seen: &Observed, recorded: Option<&Recorded>) -> Step<Change> {
    match recorded {
        Some(recorded) if recorded.arn != seen.arn => Step::refuse(
            Refusal::DATA_RESOURCE_MISSING,
            format!(
                "status names DB instance {}, but {} is what this account and region hold. Check the \
                 platform's account and region before anything else.",
                recorded.arn, seen.arn
            ),
        ),
        _ => Step::Settled,
    }
}

pub(super) fn can_be_kept(desired: &Desired, seen: &Observed) -> Step<Change> {
    let key = seen.kms_key_arn.as_ref().map_or("none", |arn| arn.as_str());
    let fixed = [
        ("the engine", seen.engine.as_str(), ENGINE),
        ("the encryption key", key, desired.kms_key_arn.as_str()),
        (
            "the subnet group",
            seen.subnet_group.as_str(),
            desired.subnet_group.as_str(),
        ),
        (
            "the master user",
            &seen.master_username,
            &desired.master_username,
        ),
    ];
    for (field, is, wanted) in fixed {
        if is != wanted {
            return Step::refuse(
                Refusal::REPLACEMENT_REFUSED,
                format!(
                    "{field} of DB instance {} is {is} and can't become {wanted} without replacing the \
                     database. Set it back, or move the data by a restore into a new object.",
                    seen.id
                ),
            );
        }
    }
    if seen.engine_version != desired.engine_version {
        return Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "DB instance {} runs {} and the spec says {}. The engine is not upgraded or downgraded \
                 in place under a running application: set engineVersion back.",
                seen.id, seen.engine_version, desired.engine_version
            ),
        );
    }
    follows(desired, seen).then(|| has_room(&desired.settings.storage, seen))
}

/// A replica follows its primary, and a primary follows nobody.
fn follows(desired: &Desired, seen: &Observed) -> Step<Change> {
    match (&desired.origin, &seen.replica_of) {
        (Origin::Replica(_), None) => promoted(seen),
        (Origin::Replica(of), Some(followed)) if of != followed => Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "DB instance {} is a read replica of {followed}, not of {of}. Delete it in AWS: it is \
                 made again.",
                seen.id
            ),
        ),
        (Origin::Empty | Origin::Restored(_), Some(followed)) => Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "DB instance {} is a read replica of {followed} and takes no writes. Promote it in AWS, \
                 or rename this object.",
                seen.id
            ),
        ),
        _ => Step::Settled,
    }
}

/// AWS refuses to stop growing storage at less than it has and a tenth more.
fn has_room(wanted: &Storage, seen: &Observed) -> Step<Change> {
    let has = &seen.settings.storage;
    let least = Storage::least_maximum(has.allocated_gb.max(wanted.allocated_gb));
    if wanted.max_allocated_gb == has.max_allocated_gb || wanted.max_allocated_gb >= least {
        return Step::Settled;
    }
    Step::refuse(
        Refusal::REPLACEMENT_REFUSED,
        format!(
            "spec.rdsPostgres.storage.maxAllocatedGb is {}, and DB instance {} has grown to {} GiB, which \
             can't shrink. Set maxAllocatedGb to {least} or more.",
            wanted.max_allocated_gb, seen.id, has.allocated_gb
        ),
    )
}
