//! Medplum put back to a set: on another database and beside the same bucket, or as it was before.

mod hands;

use std::collections::BTreeSet;

use emr_api::{EmrBackup, conditions, emr_backup::BackupPhase, emr_restore::RestorePhase};
use kube::{
    ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::{
    kubelet::LACKING,
    lives::{self, assert_all_well},
    medplum::NAME,
    points::Crash,
    world::{NAMESPACE, Origin, SET, World},
};

/// The name of the restore.
const BACK: &str = "lakeside-back";

#[tokio::test(start_paused = true)]
async fn medplum_changes_over_to_another_database_beside_the_same_bucket() {
    let world = World::running(Origin::medplum_backed_up());
    let original = world.databases_of_medplum().remove(0);
    let (before, buckets) = (world.config().await, world.look(|room| room.buckets()));
    world.put_medplum_back(&json!({})).await;
    world
        .until_medplum_restore(RestorePhase::Complete)
        .await
        .unwrap();
    world.until_medplum_runs(&["app", "web"]).await.unwrap();
    world.until_quiet().await.unwrap();
    let status = world.medplum_restore().await;
    assert!(status.quiet_for.is_some());
    assert_eq!(status.previous.as_deref(), Some(NAME));
    let ready = conditions::find(&status.conditions, conditions::READY).unwrap();
    assert!(
        ready.message.contains("does not come back"),
        "{}",
        ready.message
    );
    let instance = world.instances().get(NAME).await.unwrap();
    assert_eq!(Some(instance.stores()), status.candidate);
    let told = instance.status.unwrap();
    assert_eq!(told.phase.as_deref(), Some("Fenced"));
    assert_eq!(told.version.as_deref(), Some("4.3.15"));
    let set = told.restored.unwrap();
    assert!(set.bucket_arn.is_some() && set.recovery_point_arn.is_none());

    // What it ran on is kept, what it runs on holds the same, and is opened by a secret of its own.
    let all = world.databases_of_medplum();
    let made = all.iter().find(|id| **id != original).unwrap();
    assert_eq!(all.len(), 2);
    world.look(|room| {
        let (held, opened_by) = room.records_in(made).unwrap();
        assert_eq!(held, original);
        assert_ne!(opened_by, room.records_in(&original).unwrap().1);
    });
    let after = world.config().await;
    let host = after["database"]["host"].as_str().unwrap();
    assert!(host.starts_with(made.as_str()), "{host}");
    assert_eq!(
        after["database"]["username"],
        before["database"]["username"]
    );
    assert_eq!(after["binaryStorage"], before["binaryStorage"]);
    assert_eq!(
        (&before["redis"]["db"], &after["redis"]["db"]),
        (&Value::Null, &json!(1)),
        "what the cache held of later records is not read"
    );
    assert_eq!(world.look(|room| room.buckets()), buckets);
    assert_eq!(world.named("SharedFileSystem"), 0);
    sleep(Duration::from_hours(2)).await;
    assert_eq!(world.databases_of_medplum().len(), 2, "nobody confirmed it");
    world.judge.verdict(&world).unwrap();

    world.medplum_goes_back().await.unwrap();
    assert_eq!(&world.databases_of_medplum(), std::slice::from_ref(made));
    // The set, the safety set, and the last one of what went.
    let copies = world.look(|room| room.instance_copies());
    assert_eq!(copies.len(), 3, "{copies:?}");
    assert_eq!(world.look(|room| room.buckets()), buckets);
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_exact_set_stops_api_and_workers_and_so_does_the_switch() {
    let world = World::running(Origin::medplum());
    let web: BTreeSet<_> = ["web".to_owned()].into();
    world.back_medplum_up("Quiesced").await;
    world.until_phase(SET, BackupPhase::Copying).await.unwrap();
    assert_eq!(world.components_of_medplum().await, web);
    world.until_phase(SET, BackupPhase::Complete).await.unwrap();
    let everything = ["app", "web", "workers"];
    world.until_medplum_runs(&everything).await.unwrap();
    let set = world.backup(SET).await.status.unwrap().set.unwrap();
    assert!(set.files.bucket_arn.is_some());

    let at_once = json!({"release": "Automatic", "safetySet": "Skip"});
    world.put_medplum_back(&at_once).await;
    world
        .until_medplum_restore(RestorePhase::Switching)
        .await
        .unwrap();
    let mut stood_still = false;
    while world.medplum_restore().await.phase == RestorePhase::Switching {
        let components = world.components_of_medplum().await;
        assert!(components.contains("web"), "{components:?}");
        let changed = world.instances().get(NAME).await.unwrap().stores() != NAME;
        stood_still |= components == web;
        assert!(stood_still || !changed, "{components:?} ran at the switch");
        sleep(Duration::from_secs(1)).await;
    }
    assert!(stood_still);
    world
        .until_medplum_restore(RestorePhase::Complete)
        .await
        .unwrap();
    world.until_medplum_runs(&everything).await.unwrap();
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_without_its_database_is_told_and_nothing_stands_still() {
    let world = World::running(Origin::medplum_backed_up());
    world
        .apply(
            &json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": LACKING, "namespace": NAMESPACE},
            })
            .to_string(),
        )
        .await;
    world.put_medplum_back(&json!({})).await;
    let over = || async {
        let phase = world.medplum_restore().await.phase;
        phase == RestorePhase::Failed || phase == RestorePhase::Complete
    };
    world.until("it is over", over).await.unwrap();
    let status = world.medplum_restore().await;
    assert_eq!(status.phase, RestorePhase::Failed);
    let stalled = conditions::find(&status.conditions, conditions::STALLED).unwrap();
    assert!(
        stalled.message.contains("holds no database medplum"),
        "{}",
        stalled.message
    );
    assert!(world.medplum_serves().await);
    assert_eq!(world.databases_of_medplum().len(), 1);
    assert_eq!(world.named("ManagedDatabase"), 1);
    assert_eq!(world.named("Job"), 1, "the one of the install");
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_restore_of_medplum_that_is_cancelled_leaves_nothing_but_its_safety_set() {
    let world = World::running(Origin::medplum_backed_up());
    for phase in [
        RestorePhase::Securing,
        RestorePhase::Making,
        RestorePhase::Verifying,
    ] {
        world.put_medplum_back(&json!({})).await;
        world.until_medplum_restore(phase).await.unwrap();
        let restores = world.medplum_restores();
        restores
            .delete(BACK, &DeleteParams::default())
            .await
            .unwrap();
        let gone = || async { restores.get_opt(BACK).await.unwrap().is_none() };
        world.until("it is cancelled", gone).await.unwrap();
        world.until_quiet().await.unwrap();
        assert!(world.medplum_serves().await);
        assert_eq!(world.databases_of_medplum().len(), 1, "{phase:?}");
        assert_eq!(world.named("ManagedDatabase"), 1, "{phase:?}");
        assert_eq!(world.named("Job"), 1, "{phase:?}");
        let instance = world.instances().get(NAME).await.unwrap();
        assert_eq!(instance.stores(), NAME);
    }
    world.judge.verdict(&world).unwrap();
}

/// What an upgrade that failed says is all that is done.
#[tokio::test(start_paused = true)]
async fn a_failed_upgrade_of_medplum_is_taken_back_by_its_one_line() {
    let world = World::running(Origin::medplum());
    let wants = async |version: &str| {
        world.judge.edited();
        let patch = json!({"spec": {"medplum": {"version": version}}});
        world
            .instances()
            .patch(NAME, &PatchParams::default(), &Patch::Merge(&patch))
            .await
            .unwrap();
    };
    world.damage().await;
    wants("4.4.3").await;
    let failed = || async { world.told_of_version(NAME).await.1 == "UpgradeFailed" };
    world.until("the upgrade failed", failed).await.unwrap();
    let (_, _, message) = world.told_of_version(NAME).await;
    assert!(
        message.contains("set spec.medplum.version to 4.3.15 and run:"),
        "{message}"
    );
    let (_, line) = message.split_once("echo '").unwrap();
    let (restore, _) = line.split_once('\'').unwrap();
    wants("4.3.15").await;
    world.apply(restore).await;
    let put_back = || async {
        let all = world.medplum_restores().list(&ListParams::default()).await;
        let restore = all.unwrap().items.pop().and_then(|of| of.status);
        let complete = restore.is_some_and(|of| of.phase == RestorePhase::Complete);
        complete && world.status_of(NAME).await.upgrade.is_none() && world.medplum_serves().await
    };
    world.until("what was is back", put_back).await.unwrap();
    world.until_quiet().await.unwrap();
    let status = world.status_of(NAME).await;
    assert_eq!(status.version.as_deref(), Some("4.3.15"));
    assert!(status.restored.is_some() && status.stores.is_some());
    let pods = world.versions_of_pods(NAME).await;
    assert!(
        !pods.is_empty() && pods.iter().all(|of| of == "4.3.15"),
        "{pods:?}"
    );
    world.judge.verdict(&world).unwrap();
}

/// Documents are in the bucket of the instance that a set was taken of, so no other opens it.
#[tokio::test(start_paused = true)]
async fn a_new_instance_is_not_made_from_a_set_in_a_bucket() {
    let world = World::running(Origin::medplum_backed_up());
    let manifest = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "copy", "namespace": NAMESPACE},
        "spec": {
            "hostname": "copy.example.org", "profile": "Development",
            "medplum": {"version": "4.3.15"}, "restoreFrom": {"backup": SET},
        },
    });
    world.apply(&manifest.to_string()).await;
    let told = || async {
        let status = world.status_of("copy").await;
        let stalled = conditions::find(&status.conditions, conditions::STALLED);
        stalled.is_some_and(|told| told.reason == "SetOfBucket")
    };
    world.until("it is told", told).await.unwrap();
    assert_eq!(world.named("ManagedDatabase"), 1);
    world.judge.verdict(&world).unwrap();
}

fn crashes() -> Vec<Crash> {
    Crash::at_each(lives::run(async {
        let world = World::running(Origin::medplum_backed_up());
        world.put_medplum_back(&json!({})).await;
        world.medplum_goes_back().await.unwrap();
        world.troubles.points()
    }))
}

#[test]
fn a_restore_of_medplum_that_is_cut_off_anywhere_is_finished() {
    let crashes = crashes();
    println!(
        "simulation: {} crashes of a restore of Medplum",
        crashes.len()
    );
    assert!(crashes.len() > 60, "{} points", crashes.len());
    let bad = lives::each(&crashes, async |Crash(point, trouble)| {
        let mut world = World::thaw(Origin::medplum_backed_up());
        world.troubles.arm_for(point, *trouble, 1);
        world.start();
        world.put_medplum_back(&json!({})).await;
        tokio::select! {
            biased;
            () = world.crash() => {}
            ended = world.medplum_goes_back() => {
                return ended.and(Err("it never crashed".to_owned()));
            }
        }
        world.kill().await;
        world.start();
        world.medplum_goes_back().await?;
        world.judge.verdict(&world)?;
        let sets = world.backups().list(&ListParams::default()).await.unwrap();
        let sets: Vec<_> = sets.iter().map(EmrBackup::name_any).collect();
        let left = world.databases_of_medplum();
        (sets.len() == 2 && left.len() == 1)
            .then_some(())
            .ok_or_else(|| format!("{sets:?} and {left:?}"))
    });
    assert_all_well(&bad);
}
