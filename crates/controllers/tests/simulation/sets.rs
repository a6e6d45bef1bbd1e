//! EmrBackup: both halves or none, and an application that stands still no longer than it must.

use std::time::Duration;

use emr_api::{EmrBackup, conditions, emr_backup::BackupPhase};
use emr_cloud::{
    ErrorKind,
    memory::{Fault, Room},
};
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

    pub(crate) async fn backup(&self, name: &str) -> EmrBackup {
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

    fn halves(&self) -> (usize, usize) {
        let all = self.inventory();
        let count = |kind: &str| all.get(kind).map_or(0, Vec::len);
        (count("snapshot"), count("backup-job"))
    }
}

#[tokio::test(start_paused = true)]
async fn an_exact_set_stops_the_pods_and_brings_them_back() {
    let world = World::running(Origin::ready());
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
    let world = World::running(Origin::ready());
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
    let world = World::running(Origin::ready());
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
    // What may pass by itself, and what only a person can mend.
    let faults = [Fault::LostBefore, Fault::Refuse(ErrorKind::AccessDenied)];
    for fault in faults {
        let world = World::running(Origin::ready());
        world
            .aws
            .fail_with(move |call, _| (call.operation == "StartBackupJob").then_some(fault));
        let spec = json!({"consistency": "Quiesced", "quietLimit": "20m"});
        world.back_up("slow", &spec).await;
        world
            .until_phase("slow", BackupPhase::Copying)
            .await
            .unwrap();
        sleep(Duration::from_mins(22)).await;
        assert!(world.serves().await, "{fault:?}: {}", world.state());
        world.aws.heal();
        world
            .until_phase("slow", BackupPhase::Failed)
            .await
            .unwrap();
        assert_eq!(world.halves(), (0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_goes_with_its_object_only_where_that_was_said_twice() {
    let world = World::running(Origin::ready());
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
