//! What could stop new instances is told before it does, and blocks nothing by itself.

use std::time::Duration;

use emr_api::{EmrPlatform, conditions};
use emr_resource::quota::Quota;
use k8s_openapi::api::storage::v1::CSIDriver;
use kube::{
    Api,
    api::{DeleteParams, PostParams},
};
use serde_json::json;
use tokio::time::sleep;

use crate::world::{INSTANCE, World};

/// A condition of the platform: status, reason, message.
async fn told(world: &World, kind: &str) -> Option<(String, String, String)> {
    let api: Api<EmrPlatform> = Api::all(world.client.clone());
    let status = api.get("default").await.unwrap().status?;
    let found = conditions::find(&status.conditions, kind)?.clone();
    Some((found.status, found.reason, found.message))
}

async fn is(world: &World, kind: &str, status: &str) -> bool {
    told(world, kind).await.is_some_and(|told| told.0 == status)
}

/// True when somebody was warned of this, in an event about an object of this kind.
fn warned(world: &World, kind: &str, reason: &str) -> bool {
    world.kube.snapshot().iter().any(|object| {
        object["kind"] == "Event"
            && object["regarding"]["kind"] == kind
            && object["reason"] == reason
            && object["type"] == "Warning"
    })
}

#[tokio::test(start_paused = true)]
async fn what_the_cluster_lacks_is_told_and_taken_back_once_it_is_installed() {
    let mut world = World::new().await;
    let drivers = Api::<CSIDriver>::all(world.client.clone());
    let (driver, params) = ("efs.csi.aws.com", DeleteParams::default());
    drivers.delete(driver, &params).await.unwrap();
    world.start();
    let kind = conditions::PREREQUISITES_READY;
    let missing = || async { is(&world, kind, "False").await };
    world
        .until("the missing driver is told", missing)
        .await
        .unwrap();
    let (_, _, message) = told(&world, kind).await.unwrap();
    assert!(message.contains("aws-efs-csi-driver"), "{message}");
    // Nobody has to wait for it: these pods mount without a driver.
    world.until_ready().await;
    let of_instance = || async {
        let instance = world.instances().get(INSTANCE).await.unwrap();
        let all = instance.status.unwrap_or_default().conditions;
        conditions::find(&all, kind).map(|found| found.status.clone())
    };
    assert_eq!(of_instance().await.as_deref(), Some("False"));

    let made = json!({"metadata": {"name": driver}, "spec": {}});
    let made = serde_json::from_value(made).unwrap();
    let params = PostParams::default();
    drivers.create(&params, &made).await.unwrap();
    let installed = || async { of_instance().await.as_deref() == Some("True") };
    world
        .until("the instance tells it too", installed)
        .await
        .unwrap();
    assert!(is(&world, kind, "True").await);
}

#[tokio::test(start_paused = true)]
async fn a_full_quota_is_told_and_what_does_not_fit_goes_on_once_it_is_raised() {
    let mut world = World::new().await;
    world.look(|room| room.set_quota(Quota::DbClusters, 0));
    world.start();
    let full = || async { is(&world, conditions::QUOTA_HEADROOM, "False").await };
    world.until("the full quota is told", full).await.unwrap();
    let (_, reason, message) = told(&world, conditions::QUOTA_HEADROOM).await.unwrap();
    assert_eq!(reason, "QuotaFull");
    assert!(message.contains("0 of 0 DB clusters"), "{message}");
    assert!(message.contains("L-952B80B9"), "{message}");
    assert!(
        is(&world, conditions::READY, "True").await,
        "it blocks nothing"
    );

    let refused = || async {
        world.kube.snapshot().iter().any(|object| {
            let all = object["status"]["conditions"].as_array();
            let stalled = all.into_iter().flatten().any(|condition| {
                condition["type"] == "Stalled" && condition["reason"] == "AwsQuotaExceeded"
            });
            object["kind"] == "ManagedDatabase" && object["metadata"]["name"] == INSTANCE && stalled
        })
    };
    world
        .until("AWS refuses the cluster", refused)
        .await
        .unwrap();
    assert!(warned(&world, "EmrPlatform", "QuotaFull"));
    assert!(warned(&world, "EmrInstance", "QuotaFull"));

    world.look(|room| room.set_quota(Quota::DbClusters, 40));
    world.until_ready().await;
    let room = || async { is(&world, conditions::QUOTA_HEADROOM, "True").await };
    world.until("there is room again", room).await.unwrap();
    assert!(world.ready().await);

    // Nothing moves any more, however often it is looked at.
    world.until_quiet().await.unwrap();
    let writes = world.kube.writes();
    sleep(Duration::from_hours(12)).await;
    assert_eq!(world.kube.writes(), writes);
}
