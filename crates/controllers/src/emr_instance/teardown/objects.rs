//! The application's objects on their way out: who serves, then what only points at the files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use emr_api::{EmrInstance, labels};
use emr_model::{Progress, openemr::Object};
use emr_runtime::{Error, ReconcileError, finalizer, prune::prune};
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
    api::{ApiResource, DeleteParams, ListParams, Preconditions},
};
use serde::de::DeserializeOwned;

use super::{super::application::instance_labels, waiting};
use crate::Context;

/// The way in and the workers; something to wait for while pods still run.
pub(super) async fn stop(
    context: &Context,
    object: &EmrInstance,
) -> Result<Option<Progress>, ReconcileError> {
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
pub(super) async fn drop_volumes(
    context: &Context,
    object: &EmrInstance,
) -> Result<(), ReconcileError> {
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
        drop_volume(&volumes, &volume).await?;
    }
    Ok(())
}

async fn drop_volume(
    volumes: &Api<PersistentVolume>,
    volume: &PersistentVolume,
) -> Result<(), ReconcileError> {
    delete(volumes, volume).await?;
    // Read again: the deletion has changed it.
    let name = volume.name_any();
    let leaving = volumes.get_opt(&name).await;
    let leaving =
        leaving.map_err(|error| Error::request("get", "PersistentVolume", &name, error))?;
    if let Some(leaving) = leaving {
        finalizer::remove(volumes, &leaving, labels::FINALIZER).await?;
    }
    Ok(())
}

/// Exactly these volumes and claims, of stores that the instance does not run on.
pub(crate) async fn drop_storage(
    context: &Context,
    namespace: &str,
    storage: &[Object],
) -> Result<(), ReconcileError> {
    let volumes = Api::<PersistentVolume>::all(context.client.clone());
    let claims = Api::<PersistentVolumeClaim>::namespaced(context.client.clone(), namespace);
    for object in storage.iter().rev() {
        let name = object.name();
        let failed = |error| Error::request("get", object.kind(), name, error);
        match object {
            Object::PersistentVolumeClaim(_) => {
                if let Some(claim) = claims.get_opt(name).await.map_err(failed)? {
                    delete(&claims, &claim).await?;
                }
            }
            _ => {
                if let Some(volume) = volumes.get_opt(name).await.map_err(failed)? {
                    drop_volume(&volumes, &volume).await?;
                }
            }
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
pub(crate) async fn delete<K>(api: &Api<K>, object: &K) -> Result<(), ReconcileError>
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
