//! How an EmrInstance goes: the way in, the workers, volumes and claims, the children (which keep
//! what their policy keeps), and last what is its own.

pub(crate) mod children;
pub(crate) mod objects;

use emr_api::{EmrInstance, labels, policy::DeletionPolicy};
use emr_model::{
    Progress,
    instance::{self, Findings, Parts},
    progress::Notice,
};
use emr_resource::ids::Arn;
use emr_runtime::{Next, ReconcileError, status::patch_status_if_changed};
use kube::{Api, ResourceExt};

use self::{
    children::drop_children,
    objects::{drop_volumes, stop},
};
use super::{KIND, gather::gather, own};
use crate::{Context, children::unconfirmed, context::watcher_of, deletion, drive::drive, report};

pub(super) async fn tear_down(
    context: &Context,
    api: &Api<EmrInstance>,
    object: &EmrInstance,
) -> Result<Next, ReconcileError> {
    if !object
        .finalizers()
        .iter()
        .any(|held| held == labels::FINALIZER)
    {
        return Ok(Next::AwaitChange);
    }
    context
        .accounts
        .forget(&watcher_of(object, super::backups::LOOKS));
    // Held: the object goes, and everything it stands for stays, children included (safety.md 4).
    if report::hold(object, object.spec.management_policy).is_some() {
        return deletion::release(context, api, object, KIND).await;
    }
    let name = object.name_any();
    let policy = object.spec.deletion_policy;
    let confirmed = object.annotations().get(labels::CONFIRM_DELETE) == Some(&name);
    if policy == DeletionPolicy::Delete && !confirmed {
        return wait(context, api, object, unconfirmed(&name)).await;
    }
    if let Some(waiting) = stop(context, object).await? {
        return wait(context, api, object, waiting).await;
    }
    drop_volumes(context, object).await?;
    if let Some(waiting) = drop_children(context, object, confirmed).await? {
        return wait(context, api, object, waiting).await;
    }
    match Box::pin(drop_own(context, object, policy)).await? {
        Some(waiting) => wait(context, api, object, waiting).await,
        None => deletion::release(context, api, object, KIND).await,
    }
}

async fn wait(
    context: &Context,
    api: &Api<EmrInstance>,
    object: &EmrInstance,
    progress: Progress,
) -> Result<Next, ReconcileError> {
    let usual = || Notice::new("Deleting", "it is being deleted");
    let notice = progress.notice().cloned().unwrap_or_else(usual);
    let parts = Parts::unknown(&notice);
    let status = instance::report(
        object,
        &progress,
        &parts,
        Findings::default(),
        context.now(),
    );
    patch_status_if_changed(api, object, &status).await?;
    Ok(Next::AwaitChange)
}

fn waiting(reason: &str, message: impl Into<String>) -> Progress {
    Progress::Working(Notice::new(reason, message))
}

/// What is the instance's own in AWS; something to wait for while it is there.
async fn drop_own(
    context: &Context,
    object: &EmrInstance,
    policy: DeletionPolicy,
) -> Result<Option<Progress>, ReconcileError> {
    let world = match gather(context, object).await? {
        Ok(world) => world,
        // Nothing was ever made without a platform.
        Err(_)
            if object
                .status
                .as_ref()
                .is_none_or(|status| status.kms_key_arn.is_none()) =>
        {
            return Ok(None);
        }
        Err(not) => match not.failure {
            Some(failure) => return Err(failure),
            None => return Ok(Some(not.progress)),
        },
    };
    // Neighbours do not matter any more; what is wrong with the spec neither.
    let mut plain = object.clone();
    plain.status = None;
    let Ok(validated) = instance::validate(&plain, []) else {
        return Ok(None);
    };
    let stack = own::stack(object, &world, &validated);
    let exit = own::OwnPass {
        stack: &stack,
        shared_key: Arn::new(&world.landing.shared_key),
        recorded: None,
        installed: false,
        watcher: watcher_of(object, KIND),
        leaving: Some(policy),
    };
    let driven = drive(&world.landing.account, &*context.permit, None, &exit).await;
    report::tell(context, &super::about(object), &driven.performed, false).await;
    match driven.failure {
        Some(failure) => Err(failure),
        None if driven.progress.is_settled() => Ok(None),
        None => Ok(Some(driven.progress)),
    }
}
