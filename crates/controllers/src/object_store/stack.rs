//! How an object store is looked at.

use emr_cloud::{Account, CloudError, Watcher};
use emr_model::objects::{ObjectsSeen, ObjectsStack, Recorded};
use emr_resource::{
    bucket::{self, Bucket},
    ids::{Arn, BucketName},
    pod_identity_association::PodIdentityAssociation,
    pod_role::PodRole,
};

use crate::drive::owned;

/// What AWS has of it. Buckets that are `recorded` hold data.
pub(super) async fn observe(
    stack: &ObjectsStack,
    recorded: &Recorded,
    account: &Account,
    watcher: &Watcher,
) -> Result<ObjectsSeen, CloudError> {
    let data = &stack.bucket.name;
    let mut seen = ObjectsSeen {
        bucket: bucket(data, recorded.bucket.as_ref(), account, watcher).await?,
        ..ObjectsSeen::default()
    };
    if stack.logs.is_some() {
        let recorded = recorded.logs.as_ref();
        seen.logs = bucket(&stack.logs_name, recorded, account, watcher).await?;
    }
    if let Some(access) = &stack.access {
        seen.role = owned(account.get::<PodRole>(&access.role.name, watcher).await?);
        let identity = &access.association.identity;
        let association = account.get::<PodIdentityAssociation>(identity, watcher);
        seen.association = owned(association.await?);
    }
    Ok(seen)
}

async fn bucket(
    name: &BucketName,
    recorded: Option<&Arn>,
    account: &Account,
    watcher: &Watcher,
) -> Result<Option<bucket::Observed>, CloudError> {
    let mut seen = account.get::<Bucket>(name, watcher).await?;
    if seen.is_none() && recorded.is_some() {
        // Gone is said only after a single read (architecture.md, the shared view).
        seen = account.confirm::<Bucket>(name).await?;
    }
    Ok(owned(seen))
}

/// What AWS has of one that leaves: whether a bucket is empty is read now, and the logs of one that has
/// none any more go along.
pub(super) async fn observe_leaving(
    stack: &ObjectsStack,
    account: &Account,
    watcher: &Watcher,
) -> Result<ObjectsSeen, CloudError> {
    let mut seen = observe(stack, &Recorded::default(), account, watcher).await?;
    seen.bucket = owned(account.confirm::<Bucket>(&stack.bucket.name).await?);
    seen.logs = owned(account.confirm::<Bucket>(&stack.logs_name).await?);
    Ok(seen)
}
