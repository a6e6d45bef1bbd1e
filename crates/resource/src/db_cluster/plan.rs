//! From the cluster that is seen to the one that is wanted, in this order: is it lost, is it
//! ours, can it be kept, is it at rest, does it differ.

use std::time::Duration;

use super::{Change, Desired, FAILED_STATUSES, Observed, Recorded};
use crate::{Owner, Refusal, Step, ownership};

/// Aurora takes about this long to create a cluster without members.
const USUAL_CREATION: Duration = Duration::from_mins(10);
/// A change of settings rarely takes longer.
const USUAL_MODIFICATION: Duration = Duration::from_mins(2);

/// Plans one cluster. `recorded` is what status remembers of it from when it was ready.
pub fn plan(
    desired: &Desired,
    recorded: Option<&Recorded>,
    observed: Option<&Observed>,
    owner: &Owner,
) -> Step<Change> {
    match (observed, recorded) {
        (None, None) => {
            let desired = Box::new(desired.clone());
            Step::change(match desired.source.clone() {
                Some(source) => Change::Restore { desired, source },
                None => Change::Create(desired),
            })
        }
        (None, Some(recorded)) => Step::refuse(
            Refusal::DATA_RESOURCE_MISSING,
            format!(
                "DB cluster {} was ready and is gone from AWS. It is not replaced by an empty one: \
                 restore it from a snapshot under the same identifier, or restore this object from \
                 a backup.",
                recorded.arn
            ),
        ),
        (Some(seen), recorded) => {
            ownership::guard(&format!("DB cluster {}", seen.id), &seen.tags, owner)
                .then(|| is_the_recorded_one(seen, recorded))
                .then(|| can_be_kept(desired, seen))
                .then(|| is_at_rest(seen))
                .then(|| settings(desired, seen).beside(tags(desired, seen)))
        }
    }
}

fn is_the_recorded_one(seen: &Observed, recorded: Option<&Recorded>) -> Step<Change> {
    match recorded {
        Some(recorded) if recorded.arn != seen.arn => Step::refuse(
            Refusal::DATA_RESOURCE_MISSING,
            format!(
                "status names DB cluster {}, but {} is what this account and region hold. Check \
                 the platform's account and region before anything else.",
                recorded.arn, seen.arn
            ),
        ),
        _ => Step::Settled,
    }
}

fn can_be_kept(desired: &Desired, seen: &Observed) -> Step<Change> {
    let replaced_by = |field: &str, is: &str, wanted: &str| {
        Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "{field} of DB cluster {} is {is} and can't become {wanted} without replacing the \
                 database. Set it back, or move the data by a restore into a new object.",
                seen.id
            ),
        )
    };
    if seen.kms_key_arn.as_ref() != Some(&desired.kms_key_arn) {
        let is = seen.kms_key_arn.as_ref().map_or("none", |arn| arn.as_str());
        return replaced_by("the encryption key", is, desired.kms_key_arn.as_str());
    }
    if seen.subnet_group != desired.subnet_group {
        return replaced_by(
            "the subnet group",
            seen.subnet_group.as_str(),
            desired.subnet_group.as_str(),
        );
    }
    if seen.master_username != desired.master_username {
        return replaced_by(
            "the master user",
            &seen.master_username,
            &desired.master_username,
        );
    }
    if seen.engine != desired.engine.as_str() {
        return replaced_by("the engine", &seen.engine, desired.engine.as_str());
    }
    if seen.engine_version != desired.engine_version {
        return Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "DB cluster {} runs {} and the spec says {}. The engine is not upgraded or \
                 downgraded in place under a running application: set engineVersion back.",
                seen.id, seen.engine_version, desired.engine_version
            ),
        );
    }
    Step::Settled
}

fn is_at_rest(seen: &Observed) -> Step<Change> {
    match seen.status.as_str() {
        "available" => Step::Settled,
        "stopped" => Step::change(Change::Start(seen.id.clone())),
        "creating" => Step::wait_usually(
            "CreatingDatabase",
            format!("AWS is creating DB cluster {}", seen.id),
            USUAL_CREATION,
        ),
        failed if FAILED_STATUSES.contains(&failed) => Step::refuse(
            if failed.contains("encryption") {
                Refusal::KEY_UNUSABLE
            } else {
                Refusal::RESOURCE_FAILED
            },
            format!(
                "DB cluster {} is {failed}. Check that its KMS key is enabled and its key policy \
                 unchanged; AWS Support can tell more.",
                seen.id
            ),
        ),
        other => Step::wait_usually(
            "ModifyingDatabase",
            format!("DB cluster {} is {other}", seen.id),
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

/// Takes a restored cluster over once its members are there: until then nobody knows its master
/// password. Settled for every other.
pub fn take_over(desired: &Desired, observed: Option<&Observed>) -> Step<Change> {
    match observed {
        Some(seen) if awaits_take_over(desired, seen) => is_at_rest(seen).then(|| {
            Step::change(Change::TakeOver {
                id: seen.id.clone(),
                master_secret: desired.master_secret.clone(),
            })
        }),
        _ => Step::Settled,
    }
}

fn awaits_take_over(desired: &Desired, seen: &Observed) -> bool {
    desired.source.is_some()
        && desired.settings.deletion_protection
        && !seen.settings.deletion_protection
}

fn settings(desired: &Desired, seen: &Observed) -> Step<Change> {
    let mut wanted = desired.settings.clone();
    if awaits_take_over(desired, seen) {
        wanted.deletion_protection = false;
    }
    let differences = seen.settings.differences(&wanted);
    if differences.is_empty() {
        return Step::Settled;
    }
    Step::change(Change::Modify {
        id: seen.id.clone(),
        settings: Box::new(wanted),
        differences,
    })
}
