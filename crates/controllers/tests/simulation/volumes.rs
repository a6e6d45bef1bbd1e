//! The install waits for its claims, says so, and is woken by their binding.

use std::time::Duration;

use emr_api::conditions;
use k8s_openapi::api::{batch::v1::Job, core::v1::PersistentVolumeClaim};
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    kubelet::UNBOUND,
    world::{INSTANCE, NAMESPACE, World},
};

#[tokio::test(start_paused = true)]
async fn the_install_waits_for_its_claims() {
    let mut world = World::new().await;
    world.start();
    let claims = Api::<PersistentVolumeClaim>::namespaced(world.client.clone(), NAMESPACE);
    let all = || async { claims.list(&ListParams::default()).await.unwrap().items };
    world
        .until("there are claims", || async { all().await.len() == 2 })
        .await
        .unwrap();
    let held = all().await[0].name_any();
    let held_by =
        |value: Option<&str>| Patch::Merge(json!({"metadata": {"annotations": {UNBOUND: value}}}));
    let params = PatchParams::default();
    let patched = claims
        .patch(&held, &params, &held_by(Some("held")))
        .await
        .unwrap();
    let phase = patched.status.and_then(|status| status.phase);
    assert_ne!(phase.as_deref(), Some("Bound"), "held too late");

    world
        .until("it says what it waits for", || async {
            let instance = world.instances().get(INSTANCE).await.unwrap();
            let conditions = instance.status.unwrap_or_default().conditions;
            conditions::find(&conditions, conditions::INSTALLED).is_some_and(|installed| {
                installed.reason == "WaitingForVolumes" && installed.message.contains(&held)
            })
        })
        .await
        .unwrap();
    sleep(Duration::from_mins(10)).await;
    let jobs = Api::<Job>::namespaced(world.client.clone(), NAMESPACE);
    let made = jobs.list(&ListParams::default()).await.unwrap().items;
    assert!(made.is_empty(), "installs before {held} is bound");

    claims.patch(&held, &params, &held_by(None)).await.unwrap();
    // Nothing else moves, so it is the binding that wakes it.
    sleep(Duration::from_mins(1)).await;
    let made = jobs.list(&ListParams::default()).await.unwrap().items;
    assert_eq!(made.len(), 1, "{}", world.state());
    world.until_ready().await;
}
