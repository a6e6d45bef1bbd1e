//! What every kind's deletion begins and ends with.

use std::fmt::Debug;

use emr_api::{
    labels,
    policy::{DeletionPolicy, ManagementPolicy},
};
use emr_runtime::{Key, Next, ReconcileError, finalizer};
use kube::{Api, Resource};
use serde::de::DeserializeOwned;

use crate::{Context, context::watcher_of, report};

/// True when the object may go and AWS stays as it is: under `Retain`, `Observe` and `Paused`
/// (safety.md 3 and 4).
pub(crate) fn leaves_aws_alone<K: Resource>(
    object: &K,
    policy: DeletionPolicy,
    management: ManagementPolicy,
) -> bool {
    policy == DeletionPolicy::Retain || report::hold(object, management).is_some()
}

/// Lets the object go: nothing that it stands for is left to keep safe, and AWS wakes it no longer.
pub(crate) async fn release<K>(
    context: &Context,
    api: &Api<K>,
    object: &K,
    kind: &'static str,
) -> Result<Next, ReconcileError>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    finalizer::remove(api, object, labels::FINALIZER).await?;
    context.accounts.forget(&watcher_of(object, kind));
    context.kept.forget(kind, &Key::of(object));
    Ok(Next::AwaitChange)
}
