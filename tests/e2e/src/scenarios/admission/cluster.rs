//! What all instances need: platforms and CRDs.

use std::sync::Arc;

use emr_api::EmrPlatform;
use emr_sandbox::apply;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Api, ResourceExt, api::DeleteParams};
use serde_json::json;

use super::{
    SOON, dry_run,
    ward::{annotate, refused},
};
use crate::{Outcome, World, failure::ensure, kinds::until_gone};

/// Without CRDs and platforms there are no instances, so they are held too, everywhere.
pub async fn platforms_and_crds_go_only_when_confirmed(world: Arc<World>) -> Outcome {
    let platforms = Api::<EmrPlatform>::all(world.client());
    let platform = json!({
        "apiVersion": "emrstack.dev/v1alpha1",
        "kind": "EmrPlatform",
        "metadata": {"name": "door", "annotations": {"emrstack.dev/paused": "true"}},
        "spec": {"eks": {"clusterName": "nowhere"}},
    });
    apply(&world.client(), None, platform).await?;
    let said = refused(&platforms, "door", &DeleteParams::default()).await?;
    ensure(
        said.ends_with(
            "denied request: EmrPlatform door carries every instance that lands on it. To \
             confirm, run: kubectl annotate emrplatforms.emrstack.dev door --overwrite \
             emrstack.dev/confirm-delete=door",
        ),
        || said.clone(),
    )?;
    annotate(&platforms, "door", Some("door")).await?;
    platforms.delete("door", &DeleteParams::default()).await?;
    until_gone(&platforms, "door", SOON).await?;

    // Dry runs, which are admitted or refused like the rest: a CRD takes every object along.
    let crds = Api::<CustomResourceDefinition>::all(world.client());
    for crd in emr_api::crd::all() {
        let name = crd.name_any();
        let said = refused(&crds, &name, &dry_run()).await?;
        let remedy = format!(
            "kubectl annotate customresourcedefinitions.apiextensions.k8s.io {name} --overwrite \
             emrstack.dev/confirm-delete={name}"
        );
        ensure(said.ends_with(&remedy), || said.clone())?;
        annotate(&crds, &name, Some(&name)).await?;
        let confirmed = crds.delete(&name, &dry_run()).await;
        annotate(&crds, &name, None).await?;
        confirmed?;
    }
    Ok(())
}
