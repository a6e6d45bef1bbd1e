//! From the cache that is seen to the one that is wanted, in this order: is it ours, can it be
//! kept, is it at rest, does it differ.

use std::{collections::BTreeSet, time::Duration};

use super::{Change, Desired, Observed, Settings};
use crate::{Difference, Owner, Refusal, Step, ids::Arn, ownership};

/// AWS takes one to four minutes to create a serverless cache.
const USUAL_CREATION: Duration = Duration::from_mins(3);
/// A change of limits or of the user group.
const USUAL_MODIFICATION: Duration = Duration::from_mins(2);
/// Deletion, without a snapshot.
const USUAL_DELETION: Duration = Duration::from_mins(3);

/// Plans one cache. A lost one is created again, since it holds sessions only.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(Box::new(desired.clone())));
    };
    let Some(tags) = &seen.tags else {
        return being_read(seen);
    };
    ownership::guard(&format!("serverless cache {}", seen.name), tags, owner)
        .then(|| can_be_kept(desired, seen))
        .then(|| is_at_rest(seen))
        .then(|| settings(desired, seen))
        .then(|| upgrade(desired, seen))
}

fn being_read(seen: &Observed) -> Step<Change> {
    Step::wait(
        "ReadingCache",
        format!("the tags of serverless cache {} are being read", seen.name),
    )
}

/// ElastiCache tells a key by its ARN or by its bare id.
pub(crate) fn is_key(seen: Option<&Arn>, wanted: &Arn) -> bool {
    seen.is_some_and(|seen| {
        seen == wanted
            || wanted
                .as_str()
                .rsplit_once('/')
                .is_some_and(|(_, id)| id == seen.as_str())
    })
}

fn can_be_kept(desired: &Desired, seen: &Observed) -> Step<Change> {
    let replaced_by = |field: &str, is: &str, wanted: &str| {
        Step::refuse(
            Refusal::REPLACEMENT_REFUSED,
            format!(
                "{field} of serverless cache {} is {is} and can't become {wanted} without \
                 replacing the cache, which signs every user out. Set it back, or delete the cache \
                 at a quiet hour: it is created again as the spec says.",
                seen.name
            ),
        )
    };
    if seen.engine != desired.engine {
        return replaced_by("the engine", &seen.engine, &desired.engine);
    }
    if is_lower(&desired.major_version, &seen.major_version) {
        return replaced_by(
            "the major version",
            &seen.major_version,
            &desired.major_version,
        );
    }
    if !is_key(seen.kms_key_arn.as_ref(), &desired.kms_key_arn) {
        let is = seen
            .kms_key_arn
            .as_ref()
            .map_or("a key that AWS owns", Arn::as_str);
        return replaced_by("the encryption key", is, desired.kms_key_arn.as_str());
    }
    if seen.subnet_ids != desired.subnet_ids {
        return replaced_by(
            "the list of subnets",
            &format!("{:?}", seen.subnet_ids),
            &format!("{:?}", desired.subnet_ids),
        );
    }
    Step::Settled
}

fn is_lower(wanted: &str, seen: &str) -> bool {
    match (wanted.parse::<u32>(), seen.parse::<u32>()) {
        (Ok(wanted), Ok(seen)) => wanted < seen,
        _ => false,
    }
}

fn is_at_rest(seen: &Observed) -> Step<Change> {
    match seen.status.as_str() {
        "available" => Step::Settled,
        "creating" => Step::wait_usually(
            "CreatingCache",
            format!("AWS is creating serverless cache {}", seen.name),
            USUAL_CREATION,
        ),
        "create-failed" => Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "AWS could not create serverless cache {}. Look at its events in ElastiCache, then \
                 delete it: it is empty, and is created again.",
                seen.name
            ),
        ),
        other => Step::wait_usually(
            "ModifyingCache",
            format!("serverless cache {} is {other}", seen.name),
            USUAL_MODIFICATION,
        ),
    }
}

fn settings(desired: &Desired, seen: &Observed) -> Step<Change> {
    let mut settings = Settings::default();
    let mut differences = Vec::new();
    if let Some(difference) =
        Difference::between("description", &seen.description, &desired.description)
    {
        settings.description = Some(desired.description.clone());
        differences.push(difference);
    }
    let limits = [
        differs(
            "data limit (GB)",
            seen.max_data_gb.as_ref(),
            &desired.max_data_gb,
        ),
        differs("ECPU limit", seen.max_ecpu.as_ref(), &desired.max_ecpu),
    ];
    if limits.iter().any(Option::is_some) {
        settings.limits = Some((desired.max_data_gb, desired.max_ecpu));
        differences.extend(limits.into_iter().flatten());
    }
    let groups = BTreeSet::from([desired.security_group_id.clone()]);
    if let Some(difference) =
        Difference::between("security groups", &seen.security_group_ids, &groups)
    {
        settings.security_group_id = Some(desired.security_group_id.clone());
        differences.push(difference);
    }
    if let Some(difference) = differs(
        "user group",
        seen.user_group_id.as_ref(),
        &desired.user_group_id,
    ) {
        settings.user_group_id = Some(desired.user_group_id.clone());
        differences.push(difference);
    }
    if let Some(difference) = Difference::between(
        "snapshot retention",
        &seen.snapshot_retention_days,
        &desired.snapshot_retention_days,
    ) {
        settings.snapshot_retention_days = Some(desired.snapshot_retention_days);
        differences.push(difference);
    }
    // AWS picks a time where none is wanted, and forgets it where nothing is kept.
    let time = desired
        .daily_snapshot_time
        .as_ref()
        .filter(|_| desired.snapshot_retention_days > 0);
    if let Some(time) = time
        && let Some(difference) = differs(
            "daily snapshot time",
            seen.daily_snapshot_time.as_ref(),
            time,
        )
    {
        settings.daily_snapshot_time = Some(time.clone());
        differences.push(difference);
    }
    modify(seen, settings, differences)
}

/// [`Difference::between`] for what AWS may leave out, in words.
fn differs<T: PartialEq + ToString>(
    field: &'static str,
    seen: Option<&T>,
    wanted: &T,
) -> Option<Difference> {
    (seen != Some(wanted)).then(|| Difference {
        field,
        seen: seen.map_or_else(|| "none".to_owned(), T::to_string),
        wanted: wanted.to_string(),
    })
}

/// A higher major version, once nothing else differs: AWS upgrades in place.
fn upgrade(desired: &Desired, seen: &Observed) -> Step<Change> {
    let difference =
        Difference::between("major version", &seen.major_version, &desired.major_version);
    let settings = Settings {
        major_version: Some(desired.major_version.clone()),
        ..Settings::default()
    };
    modify(seen, settings, difference.into_iter().collect())
}

fn modify(seen: &Observed, settings: Settings, differences: Vec<Difference>) -> Step<Change> {
    if differences.is_empty() {
        return Step::Settled;
    }
    Step::change(Change::Modify {
        name: seen.name.clone(),
        settings: Box::new(settings),
        differences,
    })
}

/// Deletes the cache, if it is this owner's, after `final_snapshot` where one is wanted. Settled
/// once it is gone.
pub fn remove(
    observed: Option<&Observed>,
    final_snapshot: Option<&str>,
    owner: &Owner,
) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    let Some(tags) = &seen.tags else {
        return being_read(seen);
    };
    if ownership::claim(tags, owner) != ownership::Claim::Ours {
        return Step::Settled;
    }
    match seen.status.as_str() {
        "available" => Step::change(Change::Delete {
            name: seen.name.clone(),
            final_snapshot: final_snapshot.map(str::to_owned),
        }),
        // Nothing is in it, so there is nothing to take a snapshot of.
        "create-failed" => Step::change(Change::Delete {
            name: seen.name.clone(),
            final_snapshot: None,
        }),
        other => Step::wait_usually(
            "DeletingCache",
            format!("serverless cache {} is {other}", seen.name),
            USUAL_DELETION,
        ),
    }
}
