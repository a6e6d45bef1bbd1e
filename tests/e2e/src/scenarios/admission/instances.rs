//! Instances and what holds their data: who lets them go.

use std::sync::Arc;

use emr_api::{EmrInstance, ManagedDatabase, SharedFileSystem};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api,
    api::{DeleteParams, ListParams},
};
use serde_json::json;

use super::{
    SOON,
    ward::{Ward, annotate, refused},
};
use crate::{
    Outcome, World,
    failure::ensure,
    kinds::{Told, until, until_gone},
    world::OPERATOR,
};

/// A Production instance and what holds its data stay, until the refusal's own advice is followed.
pub async fn production_goes_only_when_confirmed(world: Arc<World>) -> Outcome {
    let ward = Ward::open(&world, "door-production").await?;
    // Production is the default.
    ward.instance("riverside", None).await?;
    let (done, _, said) = ward
        .kubectl("delete emrinstance riverside -n door-production")
        .await?;
    ensure(
        !done
            && said.trim().ends_with(
                "denied request: EmrInstance riverside is a Production instance: deleting it \
                 shuts the clinic down. To confirm, run: kubectl annotate \
                 emrinstances.emrstack.dev riverside -n door-production --overwrite \
                 emrstack.dev/confirm-delete=riverside",
            ),
        || said.clone(),
    )?;
    let instances = ward.api::<EmrInstance>();
    // The confirmation of another object, copied with its manifest, say.
    annotate(&instances, "riverside", Some("lakeside")).await?;
    refused(&instances, "riverside", &DeleteParams::default()).await?;
    // Many at once: the API server asks for each.
    let many = instances
        .delete_collection(&DeleteParams::default(), &ListParams::default())
        .await;
    ensure(many.is_err(), || "deletecollection was let through".into())?;
    ward.untouched("riverside").await?;

    ward.heed(&said).await?;
    instances
        .delete("riverside", &DeleteParams::default())
        .await?;
    // The operator's planned step takes the stores along.
    ward.gone("riverside").await
}

/// What holds data goes by the operator's planned step, or confirmed; never by hand alone.
pub async fn data_goes_only_as_planned_or_confirmed(world: Arc<World>) -> Outcome {
    let ward = Ward::open(&world, "door-data").await?;
    ward.instance("rehearsal", Some("Staging")).await?;
    let databases = ward.api::<ManagedDatabase>();
    let said = refused(&databases, "rehearsal", &DeleteParams::default()).await?;
    ensure(
        said.ends_with(
            "denied request: ManagedDatabase rehearsal holds patients' data and goes with its \
             EmrInstance, not by hand. To confirm, run: kubectl annotate \
             manageddatabases.emrstack.dev rehearsal -n door-data --overwrite \
             emrstack.dev/confirm-delete=rehearsal",
        ),
        || said.clone(),
    )?;
    let files = ward.api::<SharedFileSystem>();
    refused(&files, "rehearsal", &DeleteParams::default()).await?;
    // The operator's own account is not enough: its planned step names the UID.
    let (namespace, account) = OPERATOR;
    let (done, _, said) = ward
        .kubectl(&format!(
            "delete mdb rehearsal -n door-data --as=system:serviceaccount:{namespace}:{account}"
        ))
        .await?;
    ensure(!done && said.contains("To confirm, run"), || said.clone())?;
    ward.untouched("rehearsal").await?;

    // Staging asks nobody, and its stores leave by the planned step, unconfirmed.
    let instances = ward.api::<EmrInstance>();
    instances
        .delete("rehearsal", &DeleteParams::default())
        .await?;
    ward.gone("rehearsal").await?;

    // A database on its own, confirmed.
    ward.make("ManagedDatabase", "archive", json!({"auroraMysql": {}}))
        .await?;
    let said = refused(&databases, "archive", &DeleteParams::default()).await?;
    ward.heed(&said).await?;
    databases
        .delete("archive", &DeleteParams::default())
        .await?;
    until_gone(&databases, "archive", SOON).await
}

/// A namespace that is deleted hangs on its unconfirmed Production instance and says so.
pub async fn a_deleted_namespace_keeps_production(world: Arc<World>) -> Outcome {
    let ward = Ward::open(&world, "door-namespace").await?;
    ward.instance("riverside", Some("Production")).await?;
    ward.instance("rehearsal", Some("Development")).await?;
    let namespaces = Api::<Namespace>::all(world.client());
    namespaces
        .delete(ward.namespace, &DeleteParams::default())
        .await?;
    // What needs no confirmation goes, although its stores can't go by themselves.
    ward.gone("rehearsal").await?;
    until(
        &namespaces,
        ward.namespace,
        "hanging on the instance",
        SOON,
        |namespace| {
            namespace.conditions().iter().any(|condition| {
                condition.status == "True"
                    && condition
                        .message
                        .contains("emrstack.dev/confirm-delete=riverside")
            })
        },
    )
    .await?;
    ward.untouched("riverside").await?;

    annotate(&ward.api::<EmrInstance>(), "riverside", Some("riverside")).await?;
    ward.api::<EmrInstance>()
        .delete("riverside", &DeleteParams::default())
        .await?;
    ward.gone("riverside").await
}
