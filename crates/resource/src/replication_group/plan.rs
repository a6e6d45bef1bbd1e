//! From the group that is seen to the one that is wanted, in this order: is it lost, is it ours, is
//! it at rest, can it be kept, does it differ. AWS takes one modification at a time, so the order of
//! the differences matters: replicas come before what needs them and go after it.

use std::time::Duration;

use super::{
    Change, Desired, Details, Observed, Strategy, Token,
    differences::{fewer_replicas, more_replicas, nodes, settings, upgrade},
};
use crate::{Owner, Refusal, Step, ids::Arn, ownership, serverless_cache::is_key};

/// AWS takes five to fifteen minutes to create one.
const USUAL_CREATION: Duration = Duration::from_mins(10);
/// A change of nodes; a setting takes less.
const USUAL_MODIFICATION: Duration = Duration::from_mins(10);

/// Plans one group. `recorded` is the ARN of the one that was ready once.
pub fn plan(
    desired: &Desired,
    recorded: Option<&Arn>,
    observed: Option<&Observed>,
    owner: &Owner,
) -> Step<Change> {
    let Some(seen) = observed else {
        return match recorded {
            None => Step::change(Change::Create(Box::new(desired.clone()))),
            Some(arn) => Step::refuse(
                Refusal::DATA_RESOURCE_MISSING,
                format!(
                    "replication group {arn} was ready and is gone from AWS, with the jobs in it. \
                     It is not replaced by an empty one: restore it from a snapshot under the same \
                     id, or delete this object and create it again to begin empty."
                ),
            ),
        };
    };
    let Some(tags) = &seen.tags else {
        return being_read(seen);
    };
    ownership::guard(&format!("replication group {}", seen.id), tags, owner)
        .then(|| is_the_recorded_one(seen, recorded))
        .then(|| is_at_rest(seen))
        .then(|| match &seen.details {
            Some(details) => can_be_kept(desired, seen, details)
                .then(|| more_replicas(desired, seen))
                .then(|| settings(desired, seen, details))
                .then(|| fewer_replicas(desired, seen))
                .then(|| nodes(desired, seen))
                .then(|| upgrade(desired, seen, details)),
            None => being_read(seen),
        })
}

pub(super) fn being_read(seen: &Observed) -> Step<Change> {
    Step::wait(
        "ReadingCache",
        format!(
            "the details of replication group {} are being read",
            seen.id
        ),
    )
}

fn is_the_recorded_one(seen: &Observed, recorded: Option<&Arn>) -> Step<Change> {
    match recorded {
        Some(recorded) if *recorded != seen.arn => Step::refuse(
            Refusal::DATA_RESOURCE_MISSING,
            format!(
                "status names replication group {recorded}, but {} is what this account and region \
                 hold. Check the platform's account and region before anything else.",
                seen.arn
            ),
        ),
        _ => Step::Settled,
    }
}

fn is_at_rest(seen: &Observed) -> Step<Change> {
    match seen.status.as_str() {
        "available" => Step::Settled,
        "creating" => Step::wait_usually(
            "CreatingCache",
            format!("AWS is creating replication group {}", seen.id),
            USUAL_CREATION,
        ),
        "create-failed" => Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "AWS could not create replication group {}. Look at its events in ElastiCache, \
                 then delete it: it is empty, and is created again.",
                seen.id
            ),
        ),
        other => Step::wait_usually(
            "ModifyingCache",
            format!("replication group {} is {other}", seen.id),
            USUAL_MODIFICATION,
        ),
    }
}

fn can_be_kept(desired: &Desired, seen: &Observed, details: &Details) -> Step<Change> {
    let replaced_by = |field: &str, is: &str, wanted: &str| {
        Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "{field} of replication group {} is {is} and can't become {wanted} without \
                 replacing the cache and the jobs in it. Set it back, or make another CacheCluster \
                 and let the application change over.",
                seen.id
            ),
        )
    };
    if seen.engine != desired.engine {
        return replaced_by("the engine", &seen.engine, &desired.engine);
    }
    let (cluster_mode, wanted) = (seen.cluster_mode, desired.shards > 1);
    if seen.shards != desired.shards || cluster_mode != wanted {
        let told = |shards: u32, mode: bool| {
            format!(
                "{shards} with cluster mode {}",
                if mode { "on" } else { "off" }
            )
        };
        let (is, wanted) = (
            told(seen.shards, cluster_mode),
            told(desired.shards, wanted),
        );
        return replaced_by("the number of shards", &is, &wanted);
    }
    if !seen.encrypted || !is_key(seen.kms_key_arn.as_ref(), &desired.kms_key_arn) {
        let is = seen.kms_key_arn.as_ref().map_or("none", Arn::as_str);
        return replaced_by("the encryption key", is, desired.kms_key_arn.as_str());
    }
    if !seen.token_required {
        return replaced_by("the AUTH token", "none", "required");
    }
    if details.subnet_group != desired.subnet_group {
        return replaced_by(
            "the subnet group",
            details.subnet_group.as_str(),
            desired.subnet_group.as_str(),
        );
    }
    if number(&desired.engine_version).0 < number(&details.engine_version).0 {
        return replaced_by(
            "the major version",
            &details.engine_version,
            &desired.engine_version,
        );
    }
    Step::Settled
}

/// Major and minor version.
pub(super) fn number(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Puts a token in the place of another, once the group is at rest.
pub fn replace_token(seen: &Observed, token: Token, strategy: Strategy) -> Step<Change> {
    is_at_rest(seen).then(|| {
        Step::change(Change::ReplaceToken {
            id: seen.id.clone(),
            token,
            strategy,
        })
    })
}
