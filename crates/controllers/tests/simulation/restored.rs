//! A whole instance from a set: complete, fenced until somebody lets it out, and out of what a deletion
//! left, too.

use std::time::Duration;

use emr_api::{EmrInstance, conditions, emr_backup::BackupPhase};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::world::{Origin, SET, World};

/// The name of the instance that is made from a set.
const COPY: &str = "copy";

impl World {
    /// What a user does who wants an instance from a set.
    pub(crate) async fn restore_from(&self, source: &Value) {
        let manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
            "metadata": {"name": COPY, "namespace": crate::world::NAMESPACE},
            "spec": {
                "profile": "Development",
                "hostname": "copy.example.org",
                "openemr": {"version": "8.2.0"},
                "access": {"allowedCidrs": ["198.51.100.0/24"]},
                "restoreFrom": source,
            },
        });
        self.apply(&manifest.to_string()).await;
    }

    async fn copy(&self) -> EmrInstance {
        self.instances().get(COPY).await.unwrap()
    }

    async fn phase(&self) -> Option<String> {
        self.copy().await.status?.phase
    }

    /// Until the copy is Ready, inside its fence.
    pub(crate) async fn until_copy_ready(&self) -> Result<(), String> {
        let fenced = || async { self.phase().await.as_deref() == Some("Fenced") };
        self.until("the copy is ready", fenced).await
    }

    async fn told(&self, kind: &str) -> (String, String) {
        let status = self.copy().await.status.unwrap_or_default();
        let told = conditions::find(&status.conditions, kind);
        told.map_or_else(Default::default, |told| {
            (told.reason.clone(), told.message.clone())
        })
    }

    fn job(&self, part: &str) -> Option<Value> {
        let all = self.kube.snapshot();
        let mut jobs = all.iter().filter(|object| object["kind"] == "Job");
        let job = jobs.find(|job| {
            let name = job["metadata"]["name"].as_str().unwrap();
            name.starts_with(&format!("{COPY}-openemr-{part}"))
        });
        job.map(|job| (**job).clone())
    }
}

/// Which data the copy's database holds, and how often files were restored into its file system.
fn contents(world: &World) -> (String, usize) {
    let of_copy = |all: Vec<String>| all.into_iter().find(|name| name.contains("-copy-"));
    world.look(|room| {
        let cluster = of_copy(room.clusters()).unwrap();
        let files = of_copy(room.file_systems()).unwrap();
        let (data, opened_by) = room.data_in(&cluster).unwrap();
        assert!(opened_by.contains("/copy/"), "{opened_by}");
        (data, room.restored_into(&files).len())
    })
}

#[tokio::test(start_paused = true)]
async fn an_instance_comes_from_a_set_and_is_kept_apart_until_it_is_let_out() {
    let world = World::running(Origin::backed_up());
    let original = world.look(|room| room.clusters().remove(0));
    world.restore_from(&json!({"backup": SET})).await;
    world.until_copy_ready().await.unwrap();
    world.until_ready().await;
    assert_eq!(contents(&world), (original, 1));
    let restore = world.job("restore").unwrap();
    let begun = |job: &Value| {
        job["metadata"]["creationTimestamp"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(begun(&restore) < begun(&world.job("install").unwrap()));
    let (reason, message) = world.told(conditions::EXPOSED).await;
    assert_eq!(reason, "Fenced");
    assert!(
        message.contains("emrinstance copy emrstack.dev/released=copy"),
        "{message}"
    );
    let status = world.copy().await.status.unwrap();
    assert_eq!(
        status.admin_secret_arn, None,
        "its users are those of the set"
    );
    assert_eq!(status.restored.unwrap().released_at, None);
    world.judge.verdict(&world).unwrap();

    let release = json!({"metadata": {"annotations": {"emrstack.dev/released": COPY}}});
    world
        .instances()
        .patch(COPY, &PatchParams::default(), &Patch::Merge(&release))
        .await
        .unwrap();
    let out = || async { world.told(conditions::EXPOSED).await.0 == "LoadBalancerReady" };
    world.until("it is let out", out).await.unwrap();
    assert!(
        world
            .copy()
            .await
            .status
            .unwrap()
            .restored
            .unwrap()
            .released_at
            .is_some()
    );
    world.judge.verdict(&world).unwrap();
}

/// No custom resource is left: what a deletion under `Snapshot` left is found in AWS.
#[tokio::test(start_paused = true)]
async fn an_instance_comes_back_from_what_its_deletion_left() {
    let mut world = World::thaw(Origin::ready());
    world.start();
    let original = world.look(|room| room.clusters().remove(0));
    world.delete().await;
    world.until_gone().await;
    let (snapshots, points) = world.look(|room| room.copies());
    assert_eq!((snapshots.len(), points.len()), (1, 1));
    let source = json!({"snapshotArn": snapshots[0]});
    world.restore_from(&source).await;
    let unknown = || async { world.told(conditions::STALLED).await.0 == "OtherHalfUnknown" };
    world.until("it asks for the files", unknown).await.unwrap();
    assert_eq!(
        world.look(|room| room.clusters().len()),
        0,
        "nothing is made before"
    );
    world
        .instances()
        .delete(COPY, &DeleteParams::default())
        .await
        .unwrap();
    let gone = || async { world.instances().get_opt(COPY).await.unwrap().is_none() };
    world.until("it is gone", gone).await.unwrap();

    let source = json!({"snapshotArn": snapshots[0], "recoveryPointArn": points[0]});
    world.restore_from(&source).await;
    world.until_copy_ready().await.unwrap();
    assert_eq!(contents(&world), (original, 1));
    world.judge.verdict(&world).unwrap();
}

/// A set whose EmrBackup is gone: its snapshot leads to the files' half.
#[tokio::test(start_paused = true)]
async fn a_set_is_found_by_its_tags_alone_and_is_nobody_elses() {
    let world = World::running(Origin::backed_up());
    world
        .backups()
        .delete(SET, &DeleteParams::default())
        .await
        .unwrap();
    let gone = || async { world.phase_of(SET).await.is_none() };
    world.until("its object is gone", gone).await.unwrap();
    let (snapshots, _) = world.look(|room| room.copies());
    world
        .restore_from(&json!({"snapshotArn": snapshots[0]}))
        .await;
    world.until_copy_ready().await.unwrap();
    assert_eq!(contents(&world).1, 1);

    let manifest = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "thief", "namespace": "others"},
        "spec": {
            "hostname": "thief.example.org", "openemr": {"version": "8.2.0"},
            "restoreFrom": {"snapshotArn": snapshots[0]},
        },
    });
    world.kube.create_namespace("others");
    world.apply(&manifest.to_string()).await;
    let thieves = Api::<EmrInstance>::namespaced(world.client.clone(), "others");
    let refused = || async {
        let status = thieves
            .get("thief")
            .await
            .unwrap()
            .status
            .unwrap_or_default();
        let stalled = conditions::find(&status.conditions, conditions::STALLED);
        stalled.is_some_and(|told| told.reason == "SetNotShared")
    };
    world.until("it is refused", refused).await.unwrap();
    let made = world.look(|room| room.clusters());
    assert!(made.iter().all(|name| !name.contains("thief")), "{made:?}");
    world.judge.verdict(&world).unwrap();
}

/// The days of a set end while an instance is made from it: it goes once that is done.
#[tokio::test(start_paused = true)]
async fn a_set_stays_while_something_is_made_from_it() {
    let mut world = World::thaw(Origin::about_to_expire());
    world.start();
    world.restore_from(&json!({"backup": SET})).await;
    sleep(Duration::from_mins(6)).await;
    assert_ne!(world.phase().await.as_deref(), Some("Fenced"));
    assert_eq!(world.phase_of(SET).await, Some(BackupPhase::Complete));
    world.until_copy_ready().await.unwrap();
    world.until_phase(SET, BackupPhase::Expired).await.unwrap();
    assert_eq!(contents(&world).1, 1);
    world.judge.verdict(&world).unwrap();
}
