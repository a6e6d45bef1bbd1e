//! From the object store that is seen to the one that is wanted, and away.

use emr_api::policy::DeletionPolicy;
use emr_resource::{Change, Step, bucket, ids::Arn, pod_identity_association, pod_role};

use super::{ObjectsSeen, ObjectsStack};

/// What status remembers of buckets that were there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The bucket.
    pub bucket: Option<Arn>,
    /// The one that its access logs go to.
    pub logs: Option<Arn>,
}

/// The next step: both buckets side by side, the logs once what takes them is ready; then the role, and
/// last of all the pods are let in.
pub fn plan(stack: &ObjectsStack, recorded: &Recorded, seen: &ObjectsSeen) -> Step<Change> {
    let owner = &stack.owner;
    let logs: Step<Change> = stack.logs.as_ref().map_or(Step::Settled, |logs| {
        bucket::plan(logs, recorded.logs.as_ref(), seen.logs.as_ref(), owner).into_step()
    });
    let mut desired = stack.bucket.clone();
    if !logs.is_settled() {
        let details = seen.bucket.as_ref().and_then(|seen| seen.details.as_ref());
        desired.logging = details.and_then(|details| details.logging.clone());
    }
    let recorded = recorded.bucket.as_ref();
    bucket::plan(&desired, recorded, seen.bucket.as_ref(), owner)
        .into_step()
        .beside(logs)
        .then(|| access(stack, seen))
}

fn access(stack: &ObjectsStack, seen: &ObjectsSeen) -> Step<Change> {
    let Some(access) = &stack.access else {
        return Step::Settled;
    };
    let owner = &stack.owner;
    pod_role::plan(&access.role, seen.role.as_ref(), owner)
        .into_step()
        .then(|| {
            let Some(role) = &seen.role else {
                return Step::wait("CreatingRole", "AWS is making the role of the pods");
            };
            let mut desired = access.association.clone();
            desired.role_arn = role.arn.clone();
            pod_identity_association::plan(&desired, seen.association.as_ref(), owner).into_step()
        })
}

/// The next step towards nothing being left but what the policy keeps (safety.md 3). S3 has no snapshot:
/// `Snapshot` keeps the bucket as it is, and takes the pods' way to it away. `Delete` deletes a bucket
/// that is empty.
pub fn teardown(stack: &ObjectsStack, policy: DeletionPolicy, seen: &ObjectsSeen) -> Step<Change> {
    match policy {
        DeletionPolicy::Retain => Step::Settled,
        DeletionPolicy::Snapshot => no_access(stack, seen),
        DeletionPolicy::Delete => no_access(stack, seen).then(|| {
            let owner = &stack.owner;
            let bucket = bucket::remove(seen.bucket.as_ref(), owner);
            bucket
                .into_step()
                .then(|| match bucket::left(seen.bucket.as_ref(), owner) {
                    // The logs tell who put there what is left.
                    bucket::Left::Objects => Step::Settled,
                    bucket::Left::Nothing => bucket::remove(seen.logs.as_ref(), owner).into_step(),
                })
        }),
    }
}

/// Nobody is let in any more, then the role goes.
fn no_access(stack: &ObjectsStack, seen: &ObjectsSeen) -> Step<Change> {
    let owner = &stack.owner;
    pod_identity_association::remove(seen.association.as_ref(), owner)
        .into_step()
        .then(|| pod_role::remove(seen.role.as_ref(), owner).into_step())
}
