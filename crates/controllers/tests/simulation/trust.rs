//! Whom the application trusts: where the operator ships no root certificates, a platform gives them.

use std::time::Duration;

use emr_api::{EmrPlatform, conditions};
use emr_model::openemr::Authorities;
use emr_resource::ids::Region;
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::world::World;

const ABROAD: &str = "us-gov-west-1";

fn bundle() -> String {
    Authorities::shipped(&Region::from("eu-west-1"))
        .unwrap()
        .database
}

async fn give(world: &World, bundle: &str) {
    let patch = json!({"spec": {"tls": {"rdsCaBundle": bundle}}});
    let api: Api<EmrPlatform> = Api::all(world.client.clone());
    api.patch("default", &PatchParams::default(), &Patch::Merge(&patch))
        .await
        .unwrap();
}

async fn told(world: &World) -> String {
    let api: Api<EmrPlatform> = Api::all(world.client.clone());
    let status = api.get("default").await.unwrap().status.unwrap_or_default();
    conditions::find(&status.conditions, conditions::STALLED).map_or_else(String::new, |stalled| {
        format!("{}: {}", stalled.reason, stalled.message)
    })
}

/// What the first object of a kind holds under a key.
fn held(world: &World, kind: &str, key: &str) -> Option<String> {
    let objects = world.kube.snapshot();
    let of_kind = objects.iter().filter(|object| object["kind"] == kind);
    of_kind
        .filter_map(|object| object["data"][key].as_str())
        .map(str::to_owned)
        .next()
}

#[tokio::test(start_paused = true)]
async fn a_region_without_shipped_roots_waits_for_a_bundle_and_then_trusts_it() {
    let mut world = World::in_region(ABROAD).await;
    world.start();
    let stalled = || async { told(&world).await.contains("UnknownRegion") };
    world
        .until("the missing roots are told", stalled)
        .await
        .unwrap();
    let message = told(&world).await;
    assert!(message.contains("spec.tls.rdsCaBundle"), "{message}");
    assert_eq!(world.aws.writes(), 0, "nothing is made before");

    give(&world, "not a certificate").await;
    let refused = || async { told(&world).await.contains("InvalidSpec") };
    world.until("the bundle is refused", refused).await.unwrap();
    assert_eq!(world.aws.writes(), 0);

    give(&world, &bundle()).await;
    world.until_ready().await;
    assert_eq!(held(&world, "ConfigMap", "mysql-ca"), Some(bundle()));
    let copied = held(&world, "Secret", "ca.crt").unwrap();
    let encoded = serde_json::from_value(Value::String(copied)).unwrap();
    let k8s_openapi::ByteString(copied) = encoded;
    assert_eq!(String::from_utf8(copied).unwrap(), bundle());

    // A bad edit later unsettles nobody.
    give(&world, "not a certificate").await;
    world.until("the bundle is refused", refused).await.unwrap();
    sleep(Duration::from_hours(12)).await;
    assert!(world.serves().await, "{}", world.state());
    assert_eq!(held(&world, "ConfigMap", "mysql-ca"), Some(bundle()));
}
