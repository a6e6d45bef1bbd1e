//! From the bucket that is seen to the one that is wanted, in this order: is it lost, is it ours, can it
//! be kept, who reaches it, what may be written, what is kept, and what is convenient.

use super::{Change, Desired, Details, Observed, canonical};
use crate::{Owner, Refusal, Step, Tags, ids::Arn, ownership};

/// Plans one bucket. `recorded` is the ARN that status remembers from when it was there.
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
                    "bucket {arn} was there and is gone from AWS. It is not replaced by an empty one: \
                     look into CloudTrail for who deleted it, and restore its objects into a new \
                     ObjectStore."
                ),
            ),
        };
    };
    let Some(details) = &seen.details else {
        return Step::wait(
            "ReadingBucket",
            format!("bucket {} is being read", seen.name),
        );
    };
    ownership::guard(&format!("bucket {}", seen.name), &details.tags, owner)
        .then(|| can_be_kept(desired, details))
        .then(|| guards(desired, details))
        .then(|| conveniences(desired, details))
}

/// Whether everything that keeps its data safe is in place: nobody outside reaches it, everything is
/// encrypted with the key, versions are kept.
pub fn is_guarded(desired: &Desired, details: &Details) -> bool {
    can_be_kept(desired, details).is_settled() && guards(desired, details).is_settled()
}

fn can_be_kept(desired: &Desired, details: &Details) -> Step<Change> {
    if desired.lock.is_some() == details.lock.is_some() {
        return Step::Settled;
    }
    Step::refuse(
        Refusal::REPLACEMENT_REFUSED,
        format!(
            "bucket {} was made {} object lock, and that can't be changed without replacing it. Set \
             spec.objectLock back, or copy the objects into a new ObjectStore.",
            desired.name,
            if details.lock.is_some() {
                "with"
            } else {
                "without"
            }
        ),
    )
}

/// One after the other: nothing is let in before what is outside is kept out.
fn guards(desired: &Desired, details: &Details) -> Step<Change> {
    let name = || desired.name.clone();
    let unless = |right: bool, change: Change| {
        if right {
            Step::Settled
        } else {
            Step::change(change)
        }
    };
    unless(
        details.public_access_blocked,
        Change::BlockPublicAccess(name()),
    )
    .beside(unless(details.owner_enforced, Change::EnforceOwner(name())))
    .then(|| {
        let encrypt = Change::Encrypt {
            name: name(),
            encryption: desired.encryption.clone(),
        };
        unless(details.encryption == desired.encryption, encrypt)
    })
    .then(|| {
        let put = Change::PutPolicy {
            name: name(),
            policy: desired.policy.clone(),
        };
        let wanted = canonical(&desired.policy);
        unless(details.policy.as_ref() == Some(&wanted), put)
    })
    .then(|| unless(details.versioned, Change::Version(name())))
    .then(|| match desired.lock {
        Some(lock) if details.lock != Some(Some(lock)) => {
            Step::change(Change::PutLock { name: name(), lock })
        }
        _ => Step::Settled,
    })
}

/// Side by side: none stands in the other's way.
fn conveniences(desired: &Desired, details: &Details) -> Step<Change> {
    let name = || desired.name.clone();
    let lifecycle = (details.lifecycle != desired.lifecycle).then(|| Change::PutLifecycle {
        name: name(),
        lifecycle: desired.lifecycle.clone(),
    });
    let cors = (details.cors_origins != desired.cors_origins).then(|| {
        if desired.cors_origins.is_empty() {
            Change::DeleteCors(name())
        } else {
            Change::PutCors {
                name: name(),
                origins: desired.cors_origins.clone(),
            }
        }
    });
    let logging = (details.logging != desired.logging).then(|| Change::PutLogging {
        name: name(),
        logging: desired.logging.clone(),
    });
    let missing = desired.tags.missing_in(&details.tags);
    let tag = (!missing.is_empty()).then(|| Change::Tag {
        name: name(),
        tags: merged(&details.tags, &desired.tags),
        missing,
    });
    let changes = [lifecycle, cors, logging, tag];
    Step::changes(changes.into_iter().flatten().collect())
}

/// `PutBucketTagging` replaces all tags, so what somebody put beside ours goes along.
fn merged(seen: &Tags, ours: &Tags) -> Tags {
    let mut tags = seen.clone();
    tags.extend(ours.clone());
    tags
}
