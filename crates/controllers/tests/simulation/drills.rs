//! A drill: a copy is made, looked at, timed and wiped, whatever comes out, and the instance that it is of
//! does not notice.

use std::time::Duration;

use emr_api::{
    EmrDrill, conditions,
    emr_backup::BackupPhase,
    emr_drill::{DrillPhase, EmrDrillStatus},
};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    kubelet::DAMAGED,
    world::{INSTANCE, NAMESPACE, Origin, SET, World},
};

/// The name of a drill.
pub(crate) const DRILL: &str = "monthly";

impl World {
    pub(crate) fn drills(&self) -> Api<EmrDrill> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    /// What a user does with `kubectl apply`.
    pub(crate) async fn drill(&self, more: &Value) {
        self.drill_as(DRILL, more).await;
    }

    /// The same under another name.
    pub(crate) async fn drill_as(&self, name: &str, more: &Value) {
        let mut manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrDrill",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"instanceRef": {"name": INSTANCE}},
        });
        for (key, value) in more.as_object().unwrap() {
            manifest["spec"][key] = value.clone();
        }
        self.apply(&manifest.to_string()).await;
    }

    pub(crate) async fn drilled(&self, name: &str) -> EmrDrillStatus {
        let drill = self.drills().get_opt(name).await.unwrap();
        drill.and_then(|drill| drill.status).unwrap_or_default()
    }

    pub(crate) async fn until_drilled(&self, phase: DrillPhase) -> Result<(), String> {
        let is_so = || async { self.drilled(DRILL).await.phase == phase };
        self.until(&format!("the drill is {phase:?}"), is_so).await
    }

    /// A drill ends by itself, one way or the other, and goes.
    pub(crate) async fn end_drills(&self) -> Result<(), String> {
        for drill in self.drills().list(&ListParams::default()).await.unwrap() {
            let name = drill.name_any();
            let _ = self.drills().delete(&name, &DeleteParams::default()).await;
        }
        let gone = || async {
            let left = self.drills().list(&ListParams::default()).await.unwrap();
            left.items.is_empty()
        };
        self.until("the drills are gone", gone).await
    }

    /// From now on what is restored is not what was stored.
    async fn plant_corruption(&self) {
        let plant = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": DAMAGED, "namespace": NAMESPACE},
        });
        self.apply(&plant.to_string()).await;
    }

    async fn proof(&self) -> Option<(String, String, String)> {
        let status = self.instances().get(INSTANCE).await.unwrap().status?;
        let told = conditions::find(&status.conditions, conditions::RESTORE_PROVEN)?;
        Some((
            told.status.clone(),
            told.reason.clone(),
            told.message.clone(),
        ))
    }

    /// The clinic's own, and nothing else.
    fn nothing_is_left(&self) {
        let count = |kind: &str| {
            let all = self.kube.snapshot();
            all.iter().filter(|object| object["kind"] == kind).count()
        };
        for (kind, own) in [
            ("EmrInstance", 1),
            ("ManagedDatabase", 1),
            ("SharedFileSystem", 1),
            ("CacheCluster", 1),
            ("PersistentVolume", 2),
        ] {
            assert_eq!(count(kind), own, "{kind}");
        }
        let (clusters, files) = self.look(|room| (room.clusters(), room.file_systems()));
        assert_eq!((clusters.len(), files.len()), (1, 1));
        assert_eq!(self.look(|room| room.copies().0.len()), 1, "the set alone");
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_is_proven_by_a_copy_that_nobody_reaches_and_that_is_wiped() {
    let world = World::running(Origin::backed_up());
    let original = world.look(|room| room.clusters().remove(0));
    world.drill(&json!({})).await;
    world.until_drilled(DrillPhase::Checking).await.unwrap();
    let name = world.drilled(DRILL).await.copy.unwrap();
    let copy = world.instances().get(&name).await.unwrap();
    world.look(|room| {
        let made = room.clusters().into_iter().find(|one| *one != original);
        assert_eq!(room.data_in(&made.unwrap()).unwrap().0, original);
    });
    // Not even with the right word.
    let released = json!({"metadata": {"annotations": {"emrstack.dev/released": name}}});
    let patch = kube::api::Patch::Merge(&released);
    let patched = kube::api::PatchParams::default();
    world
        .instances()
        .patch(&name, &patched, &patch)
        .await
        .unwrap();
    assert_eq!(copy.status.unwrap().phase.as_deref(), Some("Fenced"));

    world.until_drilled(DrillPhase::Passed).await.unwrap();
    let status = world.drilled(DRILL).await;
    assert_eq!(status.backup.as_deref(), Some(SET));
    let checked = status.checked.clone().unwrap();
    assert!(checked.contains("documents"), "{checked}");
    let took: jiff::SignedDuration = status.recovery_time.unwrap().parse().unwrap();
    println!("simulation: a drill: the copy is checked after {took:#}");
    assert!(took < jiff::SignedDuration::from_mins(30), "{took}");
    world.nothing_is_left();
    assert!(world.serves().await);
    let proof = || async { world.proof().await.is_some() };
    world.until("the instance tells it", proof).await.unwrap();
    let (status, reason, message) = world.proof().await.unwrap();
    assert_eq!((&*status, &*reason), ("True", "DrillPassed"));
    assert!(
        message.contains(DRILL) && message.contains(SET),
        "{message}"
    );
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_planted_corruption_fails_it_loudly() {
    let world = World::running(Origin::backed_up());
    world.plant_corruption().await;
    world.drill(&json!({})).await;
    world.until_drilled(DrillPhase::Failed).await.unwrap();
    world.nothing_is_left();
    let drill = world.drills().get(DRILL).await.unwrap();
    let status = drill.status.unwrap();
    let stalled = conditions::find(&status.conditions, conditions::STALLED).unwrap();
    assert_eq!(stalled.reason, "DrillFailed");
    assert!(
        stalled
            .message
            .contains("document 17 is not what was stored"),
        "{}",
        stalled.message
    );
    assert_eq!(status.recovery_time, None);
    let proof = || async { world.proof().await.is_some() };
    world.until("the instance tells it", proof).await.unwrap();
    let (status, reason, message) = world.proof().await.unwrap();
    assert_eq!((&*status, &*reason), ("False", "DrillFailed"));
    assert!(message.contains("document 17"), "{message}");
    let told = world.kube.snapshot();
    let of_instance = told.iter().any(|event| {
        event["kind"] == "Event"
            && event["reason"] == "DrillFailed"
            && event["type"] == "Warning"
            && event["regarding"]["kind"] == "EmrInstance"
    });
    assert!(of_instance, "no event on the instance");
    assert!(world.serves().await);
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_drill_without_a_set_and_one_that_takes_too_long_have_failed() {
    let world = World::running(Origin::ready());
    world.drill(&json!({})).await;
    world.until_drilled(DrillPhase::Failed).await.unwrap();
    let why = world.drilled(DRILL).await.failure.unwrap();
    assert!(why.contains("no complete EmrBackup"), "{why}");
    world.judge.verdict(&world).unwrap();

    let world = World::running(Origin::backed_up());
    world.drill(&json!({"timeLimit": "10m"})).await;
    world.until_drilled(DrillPhase::Failed).await.unwrap();
    let why = world.drilled(DRILL).await.failure.unwrap();
    assert!(why.contains("within 10m"), "{why}");
    world.nothing_is_left();
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_drill_that_is_called_off_takes_its_copy_along() {
    let world = World::running(Origin::backed_up());
    for phase in [
        DrillPhase::Restoring,
        DrillPhase::Checking,
        DrillPhase::Clearing,
    ] {
        world.drill(&json!({})).await;
        world.until_drilled(phase).await.unwrap();
        world.end_drills().await.unwrap();
        world.nothing_is_left();
    }
    world.until_ready().await;
    world.judge.verdict(&world).unwrap();
}

/// A week of nights: seven sets, the drill of each week, and what is over goes.
#[tokio::test(start_paused = true)]
async fn sets_and_drills_come_by_themselves() {
    let world = World::running(Origin::ready());
    let backup = json!({"spec": {"backup": {
        "sets": {"schedule": "0 2 * * *", "keepDays": 2},
        "drills": {"schedule": "0 5 * * 0"},
    }}});
    world.edit(&backup).await;
    world.until_ready().await;
    sleep(Duration::from_hours(24 * 12)).await;
    let sets = world.backups().list(&ListParams::default()).await.unwrap();
    let with = |phase| {
        let all = sets.iter().filter_map(|set| set.status.as_ref());
        all.filter(|status| status.phase == phase).count()
    };
    assert_eq!(with(BackupPhase::Complete), 2, "two days are kept");
    assert_eq!(with(BackupPhase::Expired), 5, "and the record of five");
    let drills = world.drills().list(&ListParams::default()).await.unwrap();
    assert!(
        (1..=2).contains(&drills.items.len()),
        "{}",
        drills.items.len()
    );
    for drill in &drills {
        let status = drill.status.as_ref().unwrap();
        assert_eq!(status.phase, DrillPhase::Passed, "{:?}", status.failure);
        assert_eq!(status.data_age.as_deref().map(|age| &age[..1]), Some("2"));
    }
    assert_eq!(world.proof().await.unwrap().0, "True");
    world.until_ready().await;
    world.judge.verdict(&world).unwrap();
    // Drills go with their instance; sets stay.
    world.delete().await;
    world.until_gone().await;
    let gone = || async {
        let left = world.drills().list(&ListParams::default()).await.unwrap();
        left.items.is_empty()
    };
    world.until("its drills are gone", gone).await.unwrap();
    assert!(world.look(|room| room.copies().0.len()) >= 3);
    world.judge.verdict(&world).unwrap();
}

/// Whoever holds the damaged flag.
#[tokio::test(start_paused = true)]
async fn a_later_drill_has_the_last_word() {
    let world = World::running(Origin::backed_up());
    world.plant_corruption().await;
    world.drill(&json!({})).await;
    world.until_drilled(DrillPhase::Failed).await.unwrap();
    let planted = Api::<ConfigMap>::namespaced(world.client.clone(), NAMESPACE);
    planted
        .delete(DAMAGED, &DeleteParams::default())
        .await
        .unwrap();
    world.end_drills().await.unwrap();
    assert_eq!(world.proof().await.unwrap().0, "False", "it is remembered");
    world.drill(&json!({"backupRef": {"name": SET}})).await;
    world.until_drilled(DrillPhase::Passed).await.unwrap();
    let proven = || async {
        world
            .proof()
            .await
            .is_some_and(|(status, ..)| status == "True")
    };
    world.until("the last word is told", proven).await.unwrap();
    world.judge.verdict(&world).unwrap();
}
