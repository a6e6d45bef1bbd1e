//! What people read of an object store.

use emr_api::{
    object_store::ObjectStoreStatus,
    policy::DeletionPolicy,
    references::{Placement, ResourceStatus},
};
use emr_resource::{
    Owner, ResourceType,
    bucket::{self, Bucket, Details},
    ownership::{self, Claim},
    pod_identity_association::PodIdentityAssociation,
    pod_role::PodRole,
};

use super::{ObjectsSeen, ObjectsStack};
use crate::inventory::line;

/// What a bucket was told, if it is this owner's: another's is neither used nor remembered.
fn ours<'a>(owner: &Owner, seen: Option<&'a bucket::Observed>) -> Option<&'a Details> {
    let details = seen?.details.as_ref()?;
    (ownership::claim(&details.tags, owner) == Claim::Ours).then_some(details)
}

/// A sentence when pods may use it: nothing that guards the objects is missing, and all that was asked for
/// is there, be it as it was asked for before.
pub fn usable(stack: &ObjectsStack, seen: &ObjectsSeen) -> Option<String> {
    let owner = &stack.owner;
    let details = ours(owner, seen.bucket.as_ref())?;
    let wanted = &stack.bucket;
    let told = bucket::is_guarded(wanted, details)
        && details.lifecycle != bucket::Lifecycle::default()
        && details.cors_origins.is_empty() == wanted.cors_origins.is_empty()
        && details.logging.is_some() == wanted.logging.is_some();
    let logged = stack.logs.as_ref().is_none_or(|wanted| {
        let details = ours(owner, seen.logs.as_ref());
        details.is_some_and(|details| bucket::is_guarded(wanted, details))
    });
    let let_in = stack.access.is_none() || {
        let role = seen.role.as_ref();
        let role = role.filter(|role| role.policy.is_some());
        let association = seen.association.as_ref();
        role.zip(association)
            .is_some_and(|(role, association)| association.role_arn == role.arn)
    };
    (told && logged && let_in).then(|| format!("bucket {} can be used", wanted.name))
}

/// What stays in AWS once the object is gone; `None` where nothing does. Without a look, by what status
/// remembers.
pub fn stays(
    status: &ObjectStoreStatus,
    policy: DeletionPolicy,
    looked: Option<(&ObjectsStack, &ObjectsSeen)>,
) -> Option<String> {
    let name = status.bucket.as_deref()?;
    let Some((stack, seen)) = looked else {
        return Some(format!("bucket {name} stays in AWS as it is"));
    };
    ours(&stack.owner, seen.bucket.as_ref())?;
    Some(match policy {
        DeletionPolicy::Delete => format!(
            "bucket {name} is not empty, so it stays in AWS: delete its objects and their versions, then \
             the bucket, in S3"
        ),
        DeletionPolicy::Snapshot | DeletionPolicy::Retain => format!(
            "bucket {name} stays in AWS with every object and version in it, and no pod has access any more"
        ),
    })
}

/// The status that follows from what is seen; `old` keeps what must not be forgotten.
pub fn status(
    old: &ObjectStoreStatus,
    stack: &ObjectsStack,
    seen: &ObjectsSeen,
    placement: &Placement,
) -> ObjectStoreStatus {
    let owner = &stack.owner;
    // Remembered from the moment it can hold data, and never forgotten (safety.md 1).
    let there = ours(owner, seen.bucket.as_ref()).is_some();
    let logs = ours(owner, seen.logs.as_ref()).is_some();
    let remember = |old: &Option<String>, now: Option<String>| old.clone().or(now);
    let role = seen.role.as_ref();
    let role = role.filter(|role| ownership::claim(&role.tags, owner) == Claim::Ours);
    ObjectStoreStatus {
        observed_generation: old.observed_generation,
        conditions: old.conditions.clone(),
        placement: Some(old.placement.clone().unwrap_or_else(|| placement.clone())),
        arn: remember(
            &old.arn,
            there.then(|| bucket::arn(&stack.bucket.name, &stack.region).to_string()),
        ),
        bucket: remember(&old.bucket, there.then(|| stack.bucket.name.to_string())),
        region: remember(&old.region, there.then(|| stack.region.to_string())),
        logs_bucket: remember(&old.logs_bucket, logs.then(|| stack.logs_name.to_string())),
        role_arn: role.map(|role| role.arn.to_string()),
        resources: resources(stack, seen),
    }
}

fn resources(stack: &ObjectsStack, seen: &ObjectsSeen) -> Vec<ResourceStatus> {
    let of_bucket = |wanted: &bucket::Desired, seen: Option<&bucket::Observed>| {
        let arn = bucket::arn(&wanted.name, &stack.region);
        let details = seen.and_then(|seen| seen.details.as_ref());
        let state = details.map(|details| {
            if bucket::is_guarded(wanted, details) {
                "available"
            } else {
                "unguarded"
            }
        });
        let told = seen.map(|_| (Some(arn.as_str()), state.unwrap_or("unread")));
        line(Bucket::NAME, &wanted.name, told)
    };
    let mut lines = vec![of_bucket(&stack.bucket, seen.bucket.as_ref())];
    let logs = stack.logs.as_ref();
    lines.extend(logs.map(|logs| of_bucket(logs, seen.logs.as_ref())));
    if let Some(access) = &stack.access {
        let role = seen.role.as_ref();
        let role = role.map(|role| (Some(role.arn.as_str()), "available"));
        lines.push(line(PodRole::NAME, &access.role.name, role));
        let association = seen.association.as_ref();
        let association = association.map(|of| (Some(of.arn.as_str()), "available"));
        let identity = &access.association.identity;
        lines.push(line(PodIdentityAssociation::NAME, identity, association));
    }
    lines
}
