//! How a CacheCluster goes.

use emr_api::{CacheCluster, labels};
use emr_model::cache;
use emr_runtime::{Next, ReconcileError};
use kube::{Api, Resource, ResourceExt};

use super::{KIND, desired, stack::CachePass};
use crate::{
    Context, children,
    context::watcher_of,
    deletion,
    drive::drive,
    landing::land,
    report::{self, Outcome, conclude},
};

pub(super) async fn tear_down(
    context: &Context,
    api: &Api<CacheCluster>,
    object: &CacheCluster,
) -> Result<Next, ReconcileError> {
    let old = object.status.clone().unwrap_or_default();
    let spec = &object.spec;
    if !object
        .finalizers()
        .iter()
        .any(|held| held == labels::FINALIZER)
    {
        return Ok(Next::AwaitChange);
    }
    if old.placement.is_none()
        || deletion::leaves_aws_alone(object, spec.deletion_policy, spec.management_policy)
    {
        return deletion::release(context, api, object, KIND).await;
    }
    if let Some(waiting) = children::in_use(&context.client, object).await? {
        return conclude(context, api, object, old, waiting.into()).await;
    }
    let platform = &spec.platform_ref.name;
    let landing = match land(context, object, KIND, platform, old.placement.as_ref()).await {
        Ok(landing) => landing,
        Err(not) => return conclude(context, api, object, old, not.into()).await,
    };
    let Ok((stack, placement)) = desired(object, &landing) else {
        return deletion::release(context, api, object, KIND).await;
    };
    let exit = CachePass {
        stack: &stack,
        watcher: watcher_of(object, KIND),
        leaving: Some(spec.deletion_policy),
    };
    let driven = drive(&landing.account, &*context.permit, None, &exit).await;
    report::tell(context, &object.object_ref(&()), &driven.performed, false).await;
    if driven.progress.is_settled() && driven.failure.is_none() {
        return deletion::release(context, api, object, KIND).await;
    }
    let status = match &driven.seen {
        Some(seen) => cache::status(&old, &stack, seen, &placement, None),
        None => old,
    };
    let outcome = Outcome::from(driven);
    conclude(context, api, object, status, outcome).await
}
