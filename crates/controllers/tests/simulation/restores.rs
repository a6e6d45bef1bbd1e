//! Databases and files from what sets hold, beside those that run.

use std::time::Duration;

use emr_api::{ManagedDatabase, SharedFileSystem, conditions, emr_backup::BackupPhase};
use kube::Api;
use serde_json::json;
use tokio::time::sleep;

use crate::world::{NAMESPACE, Origin, World};

/// Databases from the set's half, and from what the running one held, beside it.
#[tokio::test(start_paused = true)]
async fn a_database_is_made_from_another_and_opens_with_its_own_secret() {
    let world = World::running(Origin::ready());
    world
        .back_up("set", &json!({"consistency": "Quiesced"}))
        .await;
    world
        .until_phase("set", BackupPhase::Complete)
        .await
        .unwrap();
    let set = world.backup("set").await.status.unwrap().set.unwrap();
    let original = world.look(|room| room.clusters().remove(0));
    let sources = [
        ("a", json!({"snapshotArn": set.database.snapshot_arn})),
        ("b", json!({"pointInTime": {"clusterId": original}})),
    ];
    for (name, from) in &sources {
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "ManagedDatabase",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"auroraMysql": {"readers": 0}, "restoreFrom": from},
        });
        world.apply(&manifest.to_string()).await;
    }
    let databases = Api::<ManagedDatabase>::namespaced(world.client.clone(), NAMESPACE);
    for (name, _) in &sources {
        let is_ready = || async {
            let status = databases
                .get(name)
                .await
                .unwrap()
                .status
                .unwrap_or_default();
            conditions::is_true(&status.conditions, conditions::READY)
        };
        world.until("it is Ready", is_ready).await.unwrap();
    }
    world.until_quiet().await.unwrap();
    world.look(|room| {
        for made in room.clusters().iter().filter(|id| **id != original) {
            let (data, opened_by) = room.data_in(made).unwrap();
            assert_eq!(data, original, "it holds what the other held");
            assert_ne!(opened_by, room.data_in(&original).unwrap().1);
            let own = opened_by.contains("/a/") || opened_by.contains("/b/");
            assert!(own, "{opened_by}");
        }
    });
    for operation in [
        "RestoreDBClusterFromSnapshot",
        "RestoreDBClusterToPointInTime",
    ] {
        let calls = world.aws.mutations();
        let times = calls.iter().filter(|call| call.operation == operation);
        assert_eq!(times.count(), 1, "{operation}");
    }
    world.judge.verdict(&world).unwrap();
}

/// Files from the set's half, in a folder beside what is there; asked for once, whatever happens.
#[tokio::test(start_paused = true)]
async fn files_are_restored_once() {
    let mut world = World::running(Origin::ready());
    world.back_up("set", &json!({})).await;
    world
        .until_phase("set", BackupPhase::Complete)
        .await
        .unwrap();
    let set = world.backup("set").await.status.unwrap().set.unwrap();
    let original = world.look(|room| room.file_systems().remove(0));
    let manifest = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "SharedFileSystem",
        "metadata": {"name": "again", "namespace": NAMESPACE},
        "spec": {"restoreFrom": {"recoveryPointArn": set.files.recovery_point_arn}},
    });
    world.apply(&manifest.to_string()).await;
    let restored = |world: &World| {
        world.look(|room| {
            let systems = room.file_systems();
            let made = systems.iter().find(|token| **token != original);
            made.map_or(0, |made| room.restored_into(made).len())
        })
    };
    let asked = |world: &World| {
        let calls = world.aws.mutations();
        calls
            .iter()
            .filter(|call| call.operation == "StartRestoreJob")
            .count()
    };
    world
        .until("it is asked for", async || asked(&world) == 1)
        .await
        .unwrap();
    // The process that asked for it ends.
    world.kill().await;
    world.start();
    let files = Api::<SharedFileSystem>::namespaced(world.client.clone(), NAMESPACE);
    let is_ready = || async {
        let status = files.get("again").await.unwrap().status.unwrap_or_default();
        conditions::is_true(&status.conditions, conditions::READY)
    };
    world.until("it is Ready", is_ready).await.unwrap();
    world.until_quiet().await.unwrap();
    assert_eq!(restored(&world), 1);
    let status = files.get("again").await.unwrap().status.unwrap();
    assert_eq!(status.restored_from, set.files.recovery_point_arn);
    let before = asked(&world);
    world.kill().await;
    world.start();
    sleep(Duration::from_hours(2)).await;
    assert_eq!(asked(&world), before);
    world.judge.verdict(&world).unwrap();
}
