//! EmrBackup: both halves or none, and an application that stands still no longer than it must.

use std::time::Duration;

use emr_api::{EmrBackup, ManagedDatabase, SharedFileSystem, conditions, emr_backup::BackupPhase};
use emr_cloud::memory::{Fault, Room};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::world::{INSTANCE, NAMESPACE, Origin, World};

impl World {
    pub(crate) fn backups(&self) -> Api<EmrBackup> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    /// What a user does with `kubectl apply`.
    pub(crate) async fn back_up(&self, name: &str, spec: &Value) {
        let mut manifest = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrBackup",
            "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec,
        });
        manifest["spec"]["instanceRef"] = json!({"name": INSTANCE});
        self.apply(&manifest.to_string()).await;
    }

    pub(crate) async fn phase_of(&self, name: &str) -> Option<BackupPhase> {
        let backup = self.backups().get_opt(name).await.unwrap();
        backup.map(|backup| backup.status.map(|status| status.phase).unwrap_or_default())
    }

    pub(crate) async fn until_phase(&self, name: &str, phase: BackupPhase) -> Result<(), String> {
        let is_so = || async { self.phase_of(name).await == Some(phase) };
        self.until(&format!("{name} is {phase:?}"), is_so).await
    }

    async fn backup(&self, name: &str) -> EmrBackup {
        self.backups().get(name).await.unwrap()
    }

    /// What a user does who wants a set away.
    pub(crate) async fn drop_backup(&self, name: &str) {
        let confirm = json!({"metadata": {"annotations": {"emrstack.dev/confirm-delete": name}}});
        let patch = PatchParams::default();
        let _ = self
            .backups()
            .patch(name, &patch, &Patch::Merge(&confirm))
            .await;
        let _ = self.backups().delete(name, &DeleteParams::default()).await;
    }

    /// What a user does who wants a database and files from the halves of a set.
    pub(crate) async fn restore_beside(&self, set: &str) {
        let set = self.backup(set).await.status.unwrap().set.unwrap();
        let sources = [
            (
                "ManagedDatabase",
                json!({
                    "auroraMysql": {"readers": 0},
                    "restoreFrom": {"snapshotArn": set.database.snapshot_arn},
                }),
            ),
            (
                "SharedFileSystem",
                json!({"restoreFrom": {"recoveryPointArn": set.files.recovery_point_arn}}),
            ),
        ];
        for (kind, spec) in sources {
            let manifest = json!({
                "apiVersion": "emrstack.dev/v1alpha1", "kind": kind,
                "metadata": {"name": "again", "namespace": NAMESPACE}, "spec": spec,
            });
            self.apply(&manifest.to_string()).await;
        }
    }

    /// Until both are Ready.
    pub(crate) async fn until_restored(&self) -> Result<(), String> {
        let ready = |object: &Value| {
            let told = object["status"]["conditions"].as_array();
            let mut told = told.into_iter().flatten();
            object["metadata"]["name"] == "again"
                && told.any(|of| of["type"] == "Ready" && of["status"] == "True")
        };
        let both = || async {
            let all = self.kube.snapshot();
            all.iter().filter(|object| ready(object)).count() == 2
        };
        self.until("both are made from the set", both).await
    }

    fn halves(&self) -> (usize, usize) {
        let all = self.inventory();
        let count = |kind: &str| all.get(kind).map_or(0, Vec::len);
        (count("snapshot"), count("backup-job"))
    }
}

fn ready() -> World {
    let mut world = World::thaw(Origin::ready());
    world.start();
    world
}

#[tokio::test(start_paused = true)]
async fn an_exact_set_stops_the_pods_and_brings_them_back() {
    let world = ready();
    world
        .back_up("nightly", &json!({"consistency": "Quiesced"}))
        .await;
    world
        .until_phase("nightly", BackupPhase::Copying)
        .await
        .unwrap();
    assert!(!world.serves().await, "its pods are stopped");
    world
        .until_phase("nightly", BackupPhase::Complete)
        .await
        .unwrap();
    world.until_ready().await;
    let status = world.backup("nightly").await.status.unwrap();
    let set = status.set.unwrap();
    assert_eq!(set.may_lack, None);
    assert!(status.quiet_for.is_some());
    assert_eq!(status.size.as_deref(), Some("6.0 KiB"));
    let source = status.source.unwrap();
    assert!(source.secrets.iter().all(|secret| secret.version.is_some()));
    assert_eq!(world.halves(), (1, 1));
    // A complete set is not looked at, and not written.
    let calls = world.aws.writes();
    let version = world.backup("nightly").await.metadata.resource_version;
    sleep(Duration::from_hours(50)).await;
    assert_eq!(world.aws.writes(), calls);
    let now = world.backup("nightly").await.metadata.resource_version;
    assert_eq!(now, version);
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_online_set_stops_nothing_and_says_what_it_may_lack() {
    let world = ready();
    world.back_up("online", &json!({"keepDays": 2})).await;
    while world.phase_of("online").await != Some(BackupPhase::Complete) {
        assert!(world.serves().await);
        sleep(Duration::from_secs(20)).await;
    }
    let status = world.backup("online").await.status.unwrap();
    assert!(status.set.unwrap().may_lack.unwrap().contains("documents"));
    assert_eq!(world.halves(), (1, 1));
    sleep(Duration::from_hours(47)).await;
    assert_eq!(world.halves(), (1, 1));
    world
        .until_phase("online", BackupPhase::Expired)
        .await
        .unwrap();
    assert_eq!(world.halves(), (0, 0));
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_failed_half_takes_the_other_along_and_lets_the_pods_go() {
    let world = ready();
    world
        .back_up("broken", &json!({"consistency": "Quiesced"}))
        .await;
    world
        .until_phase("broken", BackupPhase::Copying)
        .await
        .unwrap();
    let taking = || async { world.halves().0 == 1 };
    world
        .until("a snapshot is being taken", taking)
        .await
        .unwrap();
    world.look(Room::tamper_fail_snapshots);
    world
        .until_phase("broken", BackupPhase::Failed)
        .await
        .unwrap();
    assert_eq!(world.halves(), (0, 0));
    let serves = || async { world.serves().await };
    world.until("the pods are back", serves).await.unwrap();
    let status = world.backup("broken").await.status.unwrap();
    let stalled = conditions::find(&status.conditions, conditions::STALLED).unwrap();
    assert!(stalled.message.contains("failed"), "{}", stalled.message);
    assert!(
        stalled.message.contains("make another EmrBackup"),
        "{}",
        stalled.message
    );
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_stands_still_for_longer_than_was_said() {
    let world = ready();
    world
        .aws
        .fail_with(|call, _| (call.operation == "StartBackupJob").then_some(Fault::LostBefore));
    let spec = json!({"consistency": "Quiesced", "quietLimit": "20m"});
    world.back_up("slow", &spec).await;
    world
        .until_phase("slow", BackupPhase::Copying)
        .await
        .unwrap();
    sleep(Duration::from_mins(21)).await;
    world.aws.heal();
    world
        .until_phase("slow", BackupPhase::Failed)
        .await
        .unwrap();
    world
        .until("the pods are back", || async { world.serves().await })
        .await
        .unwrap();
    assert_eq!(world.halves(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_set_goes_with_its_object_only_where_that_was_said_twice() {
    let world = ready();
    for (name, policy) in [("kept", "Retain"), ("dropped", "Delete")] {
        world
            .back_up(name, &json!({"deletionPolicy": policy}))
            .await;
        world
            .until_phase(name, BackupPhase::Complete)
            .await
            .unwrap();
    }
    assert_eq!(world.halves(), (2, 2));
    for name in ["kept", "dropped"] {
        world
            .backups()
            .delete(name, &DeleteParams::default())
            .await
            .unwrap();
    }
    let gone = async |name: &str| world.phase_of(name).await.is_none();
    world.until("one is gone", || gone("kept")).await.unwrap();
    sleep(Duration::from_mins(10)).await;
    assert_eq!(world.halves(), (2, 2), "nobody confirmed it");
    world.drop_backup("dropped").await;
    world
        .until("the other is gone", || gone("dropped"))
        .await
        .unwrap();
    assert_eq!(world.halves(), (1, 1));
    world.judge.verdict(&world).unwrap();
}

/// Databases from the set's half, and from what the running one held, beside it.
#[tokio::test(start_paused = true)]
async fn a_database_is_made_from_another_and_opens_with_its_own_secret() {
    let world = ready();
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
    let mut world = ready();
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
    assert_eq!(status.restored_from, Some(set.files.recovery_point_arn));
    let before = asked(&world);
    world.kill().await;
    world.start();
    sleep(Duration::from_hours(2)).await;
    assert_eq!(asked(&world), before);
    world.judge.verdict(&world).unwrap();
}
