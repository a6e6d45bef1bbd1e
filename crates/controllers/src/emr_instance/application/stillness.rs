//! Stops the workers while a set is taken of their instance or it changes over to other stores, and
//! lets them go again.
//!
//! `replicas` is the autoscaler's, so it is no part of what is applied: it is patched by itself, to 0
//! and back. The autoscaler leaves a Deployment of 0 alone, and goes on from the least that is set
//! here.

use emr_api::{EmrInstance, labels};
use emr_model::instance::{Part, QUIESCED};
use emr_runtime::{Error, ReconcileError};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod};
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::json;

use super::instance_labels;
use crate::Context;

/// Who sets `replicas`: nothing that is applied takes it away again.
const MANAGER: &str = "emr-operator-quiet";

/// Keeps the workers stopped or running. One that somebody scaled to 0 by hand runs again: the
/// annotation `emrstack.dev/paused` is the way to keep it so.
pub(crate) async fn keep(
    context: &Context,
    deployment: Option<&Deployment>,
    quiet: bool,
    least: i32,
) -> Result<(), ReconcileError> {
    let Some(deployment) = deployment else {
        return Ok(());
    };
    let stopped = deployment.spec.as_ref().and_then(|spec| spec.replicas) == Some(0);
    let replicas = match (quiet, stopped) {
        (true, false) => 0,
        (false, true) => least,
        _ => return Ok(()),
    };
    let (name, namespace) = (deployment.name_any(), deployment.namespace());
    let api = Api::<Deployment>::namespaced(context.client.clone(), &namespace.unwrap_or_default());
    let params = PatchParams {
        field_manager: Some(MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let patch = json!({
        "metadata": {"uid": deployment.metadata.uid},
        "spec": {"replicas": replicas},
    });
    api.patch(&name, &params, &Patch::Merge(&patch))
        .await
        .map_err(|error| Error::request("scale", "Deployment", &name, error))?;
    Ok(())
}

/// What is said of workers that stand still, and whether all are stopped.
/// `what` stops them, and `until` is when they come back.
pub(crate) async fn told(
    context: &Context,
    object: &EmrInstance,
    what: &str,
    until: &str,
) -> Result<(Part, bool), ReconcileError> {
    let labels = instance_labels(object);
    let label = labels.get(labels::INSTANCE).cloned().unwrap_or_default();
    let workers = format!(
        "{}={label},{} in (app,workers)",
        labels::INSTANCE,
        labels::COMPONENT
    );
    let namespace = object.namespace().unwrap_or_default();
    let pods = Api::<Pod>::namespaced(context.client.clone(), &namespace)
        .list_metadata(&ListParams::default().labels(&workers))
        .await
        .map_err(|error| Error::request("list", "Pod", &namespace, error))?;
    let running = pods.items.len();
    let message = match running {
        0 => format!("stopped for {what}: the pods come back {until}"),
        _ => format!("{running} pods are being stopped for {what}"),
    };
    Ok((Part::no(QUIESCED, message), running == 0))
}
