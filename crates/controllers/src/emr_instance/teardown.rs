//! How an EmrInstance goes: the way in, the workers, volumes and claims, the children (which keep
//! what their policy keeps), and last what is its own.

use std::collections::{BTreeMap, BTreeSet};

use emr_api::{
    CacheCluster, EmrInstance, ManagedDatabase, SharedFileSystem, labels, policy::DeletionPolicy,
};
use emr_model::{
    Progress,
    instance::{self, Findings, Parts},
    progress::Notice,
};
use emr_resource::ids::Arn;
use emr_runtime::{
    Error, Next, ReconcileError, finalizer, prune::prune, status::patch_status_if_changed,
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    batch::v1::Job,
    core::v1::{PersistentVolume, PersistentVolumeClaim, Pod},
    networking::v1::Ingress,
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, Resource, ResourceExt,
    api::{ApiResource, DeleteParams, ListParams, Patch, PatchParams, Preconditions},
};
use serde::de::DeserializeOwned;
use std::fmt::Debug;

use super::{KIND, application::instance_labels, gather::gather, own};
use crate::{Context, children, context::watcher_of, deletion, drive::drive, report};

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
    // Held: the object goes, and everything it stands for stays, children included (safety.md 4).
    if report::hold(object, object.spec.management_policy).is_some() {
        return deletion::release(context, api, object, KIND).await;
    }
    let name = object.name_any();
    let policy = object.spec.deletion_policy;
    let confirmed = object.annotations().get(labels::CONFIRM_DELETE) == Some(&name);
    if policy == DeletionPolicy::Delete && !confirmed {
        return wait(context, api, object, children::unconfirmed(&name)).await;
    }
    if let Some(waiting) = stop(context, object).await? {
        return wait(context, api, object, waiting).await;
    }
    drop_volumes(context, object).await?;
    if let Some(waiting) = drop_children(context, object, confirmed).await? {
        return wait(context, api, object, waiting).await;
    }
    match drop_own(context, object, policy).await? {
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
    let notice = match &progress {
        Progress::Working(notice) | Progress::Retrying(notice) | Progress::Stalled(notice) => {
            notice.clone()
        }
        _ => Notice::new("Deleting", "it is being deleted"),
    };
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

/// The way in and the workers; something to wait for while pods still run.
async fn stop(context: &Context, object: &EmrInstance) -> Result<Option<Progress>, ReconcileError> {
    let namespace = object.namespace().unwrap_or_default();
    let labels = instance_labels(object);
    let kinds = [
        ApiResource::erase::<Ingress>(&()),
        ApiResource::erase::<HorizontalPodAutoscaler>(&()),
        ApiResource::erase::<PodDisruptionBudget>(&()),
        ApiResource::erase::<Deployment>(&()),
        ApiResource::erase::<Job>(&()),
    ];
    prune(
        &context.client,
        &namespace,
        &labels,
        &kinds,
        &BTreeSet::new(),
    )
    .await?;
    let label = labels.get(labels::INSTANCE).cloned().unwrap_or_default();
    let selector = ListParams::default().labels(&format!("{}={label}", labels::INSTANCE));
    let pods = Api::<Pod>::namespaced(context.client.clone(), &namespace)
        .list_metadata(&selector)
        .await
        .map_err(|error| Error::request("list", "Pod", &namespace, error))?;
    match pods.items.len() {
        0 => Ok(None),
        running => Ok(Some(waiting(
            "StoppingPods",
            format!("{running} pods are being stopped"),
        ))),
    }
}

/// Claims, then volumes with our finalizer. Both only point at the files, which stay.
async fn drop_volumes(context: &Context, object: &EmrInstance) -> Result<(), ReconcileError> {
    let namespace = object.namespace().unwrap_or_default();
    let labels = instance_labels(object);
    let claims = [ApiResource::erase::<PersistentVolumeClaim>(&())];
    prune(
        &context.client,
        &namespace,
        &labels,
        &claims,
        &BTreeSet::new(),
    )
    .await?;
    let volumes = Api::<PersistentVolume>::all(context.client.clone());
    let found = volumes
        .list(&ListParams::default().labels(&selector(&labels)))
        .await
        .map_err(|error| Error::request("list", "PersistentVolume", "all", error))?;
    let ours = found.items.into_iter().filter(|volume| {
        let claim = volume
            .spec
            .as_ref()
            .and_then(|spec| spec.claim_ref.as_ref());
        claim.and_then(|claim| claim.namespace.as_deref()) == Some(namespace.as_str())
    });
    for volume in ours {
        delete(&volumes, &volume).await?;
        // Read again: the deletion has changed it.
        let leaving = volumes.get_opt(&volume.name_any()).await;
        let leaving = leaving.map_err(|error| {
            Error::request("get", "PersistentVolume", &volume.name_any(), error)
        })?;
        if let Some(leaving) = leaving {
            finalizer::remove(&volumes, &leaving, labels::FINALIZER).await?;
        }
    }
    Ok(())
}

fn selector(labels: &BTreeMap<String, String>) -> String {
    let terms: Vec<_> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    terms.join(",")
}

/// Deletes exactly this object, once.
async fn delete<K>(api: &Api<K>, object: &K) -> Result<(), ReconcileError>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    if object.meta().deletion_timestamp.is_some() {
        return Ok(());
    }
    let exactly = DeleteParams {
        preconditions: Some(Preconditions {
            uid: object.uid(),
            resource_version: None,
        }),
        ..DeleteParams::default()
    };
    match api.delete(&object.name_any(), &exactly).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        Err(error) => {
            Err(Error::request("delete", &K::kind(&()), &object.name_any(), error).into())
        }
    }
}

/// The children, each with a UID precondition; something to wait for while one is there.
async fn drop_children(
    context: &Context,
    object: &EmrInstance,
    confirmed: bool,
) -> Result<Option<Progress>, ReconcileError> {
    let mut left = Vec::new();
    left.extend(drop_child::<ManagedDatabase>(context, object, confirmed).await?);
    left.extend(drop_child::<CacheCluster>(context, object, confirmed).await?);
    left.extend(drop_child::<SharedFileSystem>(context, object, confirmed).await?);
    if left.is_empty() {
        return Ok(None);
    }
    Ok(Some(waiting(
        "DeletingStores",
        format!("waiting for {} to go", left.join(", ")),
    )))
}

async fn drop_child<K>(
    context: &Context,
    object: &EmrInstance,
    confirmed: bool,
) -> Result<Option<String>, ReconcileError>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned,
{
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let api = Api::<K>::namespaced(context.client.clone(), &namespace);
    let kind = K::kind(&()).into_owned();
    let child = api
        .get_opt(&name)
        .await
        .map_err(|error| Error::request("get", &kind, &name, error))?;
    let Some(child) = child.filter(children::belongs_to_instance) else {
        return Ok(None);
    };
    if confirmed && child.annotations().get(labels::CONFIRM_DELETE) != Some(&name) {
        let patch = serde_json::json!({
            "metadata": {"annotations": {labels::CONFIRM_DELETE: name}}
        });
        api.patch(&name, &PatchParams::default(), &Patch::Merge(&patch))
            .await
            .map_err(|error| Error::request("annotate", &kind, &name, error))?;
    }
    delete(&api, &child).await?;
    Ok(Some(format!("{kind} {name}")))
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
