//! From the member that is seen to the one that is wanted.

use std::time::Duration;

use super::{Change, Desired, Observed};
use crate::{Difference, Owner, Refusal, Step, ownership};

/// Aurora takes about this long to create a member.
const USUAL_CREATION: Duration = Duration::from_mins(8);

/// Plans one member. A lost one is created again: the data is the cluster's.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(Box::new(desired.clone())));
    };
    ownership::guard(&format!("DB instance {}", seen.id), &seen.tags, owner)
        .then(|| is_at_rest(seen))
        .then(|| settings(desired, seen))
}

fn is_at_rest(seen: &Observed) -> Step<Change> {
    match seen.status.as_str() {
        "available" => Step::Settled,
        "creating" => Step::wait_usually(
            "CreatingDatabase",
            format!("AWS is creating DB instance {}", seen.id),
            USUAL_CREATION,
        ),
        "failed" | "incompatible-network" | "incompatible-parameters" | "storage-full" => {
            Step::refuse(
                Refusal::RESOURCE_FAILED,
                format!(
                    "DB instance {} is {}. Look at its events in RDS; deleting it is safe, it is \
                     created again.",
                    seen.id, seen.status
                ),
            )
        }
        other => Step::wait(
            "ModifyingDatabase",
            format!("DB instance {} is {other}", seen.id),
        ),
    }
}

fn settings(desired: &Desired, seen: &Observed) -> Step<Change> {
    let differences: Vec<_> = [
        Difference::between(
            "promotion tier",
            &seen.promotion_tier,
            &desired.promotion_tier,
        ),
        Difference::between(
            "Performance Insights",
            &seen.performance_insights,
            &desired.performance_insights_key.is_some(),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    if differences.is_empty() {
        return Step::Settled;
    }
    Step::change(Change::Modify {
        id: seen.id.clone(),
        promotion_tier: desired.promotion_tier,
        performance_insights_key: desired.performance_insights_key.clone(),
        differences,
    })
}

/// Deletes the member, if it is this owner's; settled once AWS is at it.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    match observed {
        Some(seen) if ownership::claim(&seen.tags, owner) == ownership::Claim::Ours => {
            if seen.status == "deleting" {
                Step::wait(
                    "DeletingDatabase",
                    format!("AWS is deleting DB instance {}", seen.id),
                )
            } else {
                Step::change(Change::Delete(seen.id.clone()))
            }
        }
        _ => Step::Settled,
    }
}
