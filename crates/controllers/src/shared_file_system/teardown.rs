//! How a SharedFileSystem goes.

use emr_api::{SharedFileSystem, labels, policy::DeletionPolicy};
use emr_model::files::{self, Circumstances};
use emr_runtime::{Next, ReconcileError, status::patch_status_if_changed};
use k8s_openapi::jiff::Timestamp;
use kube::{Api, Resource, ResourceExt};

use super::{KIND, desired, stack::FilesExit};
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
    api: &Api<SharedFileSystem>,
    object: &SharedFileSystem,
) -> Result<Next, ReconcileError> {
    let mut old = object.status.clone().unwrap_or_default();
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
    if spec.deletion_policy == DeletionPolicy::Delete
        && !children::confirmed(&context.client, object).await?
    {
        let progress = children::unconfirmed(&object.name_any());
        return conclude(context, api, object, old, progress.into()).await;
    }
    let platform = &spec.platform_ref.name;
    let landing = match land(context, object, KIND, platform, old.placement.as_ref()).await {
        Ok(landing) => landing,
        Err(not) => return conclude(context, api, object, old, not.into()).await,
    };
    let (stack, placement) = desired(object, &landing);
    let Some(quiesced_at) = old
        .quiesced_at
        .as_deref()
        .and_then(|at| at.parse::<Timestamp>().ok())
    else {
        // Remembered before the backup starts: only a backup begun later holds everything.
        old.quiesced_at = Some(to_the_second(context.now()).to_string());
        patch_status_if_changed(api, object, &old).await?;
        return Ok(Next::After(std::time::Duration::ZERO));
    };
    let exit = FilesExit {
        stack: &stack,
        circumstances: Circumstances {
            policy: spec.deletion_policy,
            quiesced_at,
            other_half_incomplete: children::database_incomplete(&context.client, object).await?,
        },
        watcher: watcher_of(object, KIND),
    };
    let driven = drive(&landing.account, &*context.permit, None, &exit).await;
    report::tell(context, &object.object_ref(&()), &driven.performed, false).await;
    if driven.progress.is_settled() && driven.failure.is_none() {
        return deletion::release(context, api, object, KIND).await;
    }
    let status = match &driven.seen {
        Some(seen) => files::status(&old, &stack, seen, &placement, Some(quiesced_at)),
        None => old,
    };
    let outcome = Outcome::from(driven);
    conclude(context, api, object, status, outcome).await
}

/// AWS Backup tells times to the second.
fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
