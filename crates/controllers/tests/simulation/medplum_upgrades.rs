//! Upgrades of Medplum: every minor in turn, each after a set of its own, each until every server and the data
//! are there.

use emr_api::{
    EmrBackup,
    emr_backup::{BackupPhase, Consistency},
    emr_instance::UpgradePhase,
    labels,
};
use kube::{
    ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::{
    lives::{self, assert_all_well},
    medplum::NAME,
    points::Crash,
    world::{Origin, World},
};

const OLD: &str = "4.3.15";
const BETWEEN: &str = "4.4.3";
const NEW: &str = "4.5.2";

impl World {
    async fn wants_medplum(&self, version: &str) {
        self.judge.edited();
        self.patch_medplum(&json!({"spec": {"medplum": {"version": version}}}))
            .await;
    }

    async fn asks_again(&self, word: &str) {
        let annotations = json!({labels::RECONCILE_REQUESTED_AT: word});
        self.patch_medplum(&json!({"metadata": {"annotations": annotations}}))
            .await;
    }

    async fn patch_medplum(&self, patch: &Value) {
        let (api, params) = (self.instances(), PatchParams::default());
        api.patch(NAME, &params, &Patch::Merge(patch))
            .await
            .unwrap();
    }

    async fn until_medplum_is(&self, version: &str) -> Result<(), String> {
        let is_so = || async {
            let status = self.status_of(NAME).await;
            status.upgrade.is_none() && status.version.as_deref() == Some(version)
        };
        self.until(&format!("{version} is installed"), is_so)
            .await?;
        let ready = || self.medplum_serves();
        self.until("Medplum is Ready", ready).await
    }

    async fn sets_of_medplum(&self) -> Vec<EmrBackup> {
        let all = self.backups().list(&ListParams::default()).await.unwrap();
        all.items
    }

    /// No pod has a version before a set of that step is complete.
    async fn is_secured(&self) {
        let pods = self.versions_of_pods(NAME).await;
        let sets = self.sets_of_medplum().await;
        for version in [BETWEEN, NEW] {
            let of_step = format!("before-{}", version.replace('.', "-"));
            let complete = sets.iter().any(|set| {
                let phase = set.status.as_ref().map(|of| of.phase);
                set.name_any().contains(&of_step) && phase == Some(BackupPhase::Complete)
            });
            let runs = pods.iter().any(|pod| pod == version);
            assert!(complete || !runs, "{version} runs without a set: {pods:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_minor_comes_in_turn_and_each_is_secured() {
    let world = World::running(Origin::medplum());
    world.wants_medplum(NEW).await;
    let mut versions = vec![OLD.to_owned()];
    while versions.last().map(String::as_str) != Some(NEW) {
        world.is_secured().await;
        let version = world.status_of(NAME).await.version.unwrap();
        if versions.last() != Some(&version) {
            versions.push(version);
        }
        sleep(Duration::from_secs(3)).await;
    }
    assert_eq!(versions, [OLD, BETWEEN, NEW]);
    world.until_medplum_is(NEW).await.unwrap();
    let sets = world.sets_of_medplum().await;
    let quiesced = |set: &EmrBackup| set.spec.consistency == Consistency::Quiesced;
    assert_eq!(sets.len(), 2);
    assert!(
        sets.iter().all(quiesced),
        "a step over minors can't be undone"
    );
    let told = world.told_of_version(NAME).await;
    assert_eq!((&*told.0, &*told.1), ("True", "UpToDate"));
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_patch_is_secured_while_everything_serves() {
    let world = World::running(Origin::medplum());
    world.wants_medplum("4.3.16").await;
    while world.status_of(NAME).await.version.as_deref() != Some("4.3.16") {
        assert!(world.medplum_serves().await, "it stopped serving");
        sleep(Duration::from_secs(3)).await;
    }
    world.until_medplum_is("4.3.16").await.unwrap();
    let sets = world.sets_of_medplum().await;
    assert_eq!(sets.len(), 1);
    assert_eq!(sets[0].spec.consistency, Consistency::Online);
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_data_migration_that_fails_stops_the_walk_until_somebody_asks_again() {
    let world = World::running(Origin::medplum());
    world.damage().await;
    world.wants_medplum(NEW).await;
    let failed = || async { world.told_of_version(NAME).await.1 == "UpgradeFailed" };
    world.until("the upgrade failed", failed).await.unwrap();
    sleep(Duration::from_hours(2)).await;
    let status = world.status_of(NAME).await;
    assert_eq!(status.version.as_deref(), Some(OLD));
    let upgrade = status.upgrade.unwrap();
    assert_eq!(upgrade.failed_in, Some(UpgradePhase::Migrating));
    assert!(upgrade.set.is_some());
    assert!(upgrade.message.contains("data migration 12 ended as error"));
    assert!(
        upgrade.message.contains("kubectl create -f -"),
        "{}",
        upgrade.message
    );
    assert!(world.medplum_serves().await, "it serves all the same");
    let pods = world.versions_of_pods(NAME).await;
    assert!(pods.iter().all(|pod| pod == BETWEEN), "{pods:?}");

    world.mend().await;
    world.asks_again("now").await;
    world.until_medplum_is(NEW).await.unwrap();
    assert_eq!(world.sets_of_medplum().await.len(), 2, "the set is kept");
    world.judge.verdict(&world).unwrap();
}

fn crashes() -> Vec<Crash> {
    Crash::at_each(lives::run(async {
        let world = World::running(Origin::medplum());
        world.wants_medplum(BETWEEN).await;
        world.until_medplum_is(BETWEEN).await.unwrap();
        world.troubles.points()
    }))
}

#[test]
fn an_upgrade_of_medplum_that_is_cut_off_anywhere_is_finished() {
    let crashes = crashes();
    println!(
        "simulation: {} crashes of an upgrade of Medplum",
        crashes.len()
    );
    assert!(crashes.len() > 30, "{} points", crashes.len());
    let bad = lives::each(&crashes, async |Crash(point, trouble)| {
        let mut world = World::thaw(Origin::medplum());
        world.troubles.arm_for(point, *trouble, 1);
        world.start();
        world.wants_medplum(BETWEEN).await;
        world.survive().await?;
        world.until_medplum_is(BETWEEN).await?;
        world.judge.verdict(&world)?;
        let sets = world.sets_of_medplum().await.len();
        (sets == 1)
            .then_some(())
            .ok_or_else(|| format!("{sets} sets"))
    });
    assert_all_well(&bad);
}
