//! Upgrades of OpenEMR: stopped, secured, migrated, and never over data that no set brings back.

use emr_api::{
    EmrRestore, conditions,
    emr_backup::{BackupPhase, Consistency},
    emr_instance::{EmrInstanceStatus, UpgradePhase},
    labels,
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    batch::v1::Job,
    core::v1::{ConfigMap, Pod},
};
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    kubelet::DAMAGED,
    lives::{self, assert_all_well},
    points::Crash,
    world::{INSTANCE, NAMESPACE, Origin, World},
};

const OLD: &str = "8.2.0";
const NEW: &str = "8.4.0";

impl World {
    async fn wants_openemr(&self, version: &str) {
        self.edit(&json!({"spec": {"openemr": {"version": version}}}))
            .await;
    }

    pub(crate) async fn status_of(&self, instance: &str) -> EmrInstanceStatus {
        let instance = self.instances().get(instance).await.unwrap();
        instance.status.unwrap_or_default()
    }

    async fn until_upgraded(&self, version: &str) -> Result<(), String> {
        let is_so = || async {
            let status = self.status_of(INSTANCE).await;
            status.upgrade.is_none() && status.version.as_deref() == Some(version)
        };
        self.until(&format!("{version} is installed"), is_so)
            .await?;
        self.try_ready().await
    }

    /// What is said of the version: status, reason and message.
    pub(crate) async fn told_of_version(&self, instance: &str) -> (String, String, String) {
        let status = self.status_of(instance).await;
        let told = conditions::find(&status.conditions, conditions::VERSION_CURRENT).cloned();
        told.map(|told| (told.status, told.reason, told.message))
            .unwrap_or_default()
    }

    async fn until_told(&self, reason: &str) -> Result<(), String> {
        let is_so = || async { self.told_of_version(INSTANCE).await.1 == reason };
        self.until(&format!("VersionCurrent says {reason}"), is_so)
            .await
    }

    /// The versions of an instance's pods that run its application.
    pub(crate) async fn versions_of_pods(&self, instance: &str) -> Vec<String> {
        let pods = Api::<Pod>::namespaced(self.client.clone(), NAMESPACE);
        let workers = ListParams::default().labels(&format!(
            "{}=app,{}={instance}",
            labels::COMPONENT,
            labels::INSTANCE
        ));
        let version = |pod: &Pod| pod.labels()[labels::APP_VERSION].clone();
        pods.list(&workers)
            .await
            .unwrap()
            .iter()
            .map(version)
            .collect()
    }

    async fn upgrade_job(&self) -> Option<Job> {
        let jobs = Api::<Job>::namespaced(self.client.clone(), NAMESPACE);
        let upgrades = ListParams::default().labels(&format!("{}=upgrade", labels::COMPONENT));
        let mut all = jobs.list(&upgrades).await.unwrap().items;
        assert!(all.len() < 2, "more than one Job migrated");
        all.pop()
    }

    /// While this is there, migrations fail.
    pub(crate) async fn damage(&self) {
        let damage = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": DAMAGED, "namespace": NAMESPACE},
        });
        self.apply(&damage.to_string()).await;
    }

    pub(crate) async fn mend(&self) {
        let maps = Api::<ConfigMap>::namespaced(self.client.clone(), NAMESPACE);
        maps.delete(DAMAGED, &kube::api::DeleteParams::default())
            .await
            .unwrap();
    }

    /// No pod has the new version before the Job is over, and no Job is there before the set is complete.
    async fn is_in_order(&self) {
        let job = self.upgrade_job().await;
        let over = job.as_ref().and_then(|job| job.status.as_ref()?.succeeded);
        let pods = self.versions_of_pods(INSTANCE).await;
        if over.is_none() {
            assert!(pods.iter().all(|version| version == OLD), "{pods:?}");
        }
        let sets = self.backups().list(&ListParams::default()).await.unwrap();
        let phase = |set: &emr_api::EmrBackup| set.status.as_ref().map(|of| of.phase);
        let secured = sets
            .iter()
            .any(|set| phase(set) == Some(BackupPhase::Complete));
        assert!(secured || job.is_none(), "migrated without a set");
        assert!(
            job.is_none() || over.is_some() || pods.is_empty(),
            "{pods:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn openemr_is_stopped_secured_migrated_and_comes_back() {
    let world = World::running(Origin::ready());
    world.until_ready().await;
    world.wants_openemr(NEW).await;
    while world.status_of(INSTANCE).await.version.as_deref() != Some(NEW) {
        world.is_in_order().await;
        sleep(std::time::Duration::from_secs(3)).await;
    }
    world.until_upgraded(NEW).await.unwrap();
    assert!(
        world
            .versions_of_pods(INSTANCE)
            .await
            .iter()
            .all(|of| of == NEW)
    );
    let sets = world
        .backups()
        .list(&ListParams::default())
        .await
        .unwrap()
        .items;
    let [set] = &sets[..] else {
        panic!("{} sets", sets.len());
    };
    assert_eq!(set.spec.consistency, Consistency::Quiesced);
    assert_eq!(set.spec.keep_days, 0);
    let source = set.status.clone().unwrap().source.unwrap();
    assert_eq!(source.application.version, OLD);
    let (status, reason, message) = world.told_of_version(INSTANCE).await;
    assert_eq!((&*status, &*reason), ("True", "UpToDate"));
    assert_eq!(message, "OpenEMR 8.4.0 is installed");
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_downgrade_is_refused_while_everything_runs_on() {
    let world = World::running(Origin::ready());
    world.until_ready().await;
    let workers = Api::<Deployment>::namespaced(world.client.clone(), NAMESPACE);
    let before = workers.get(&format!("{INSTANCE}-openemr")).await.unwrap();
    world.wants_openemr("8.1.0").await;
    world.until_told("DowngradeRefused").await.unwrap();
    sleep(std::time::Duration::from_hours(2)).await;
    let status = world.status_of(INSTANCE).await;
    assert!(conditions::is_true(&status.conditions, conditions::READY));
    let stalled = conditions::find(&status.conditions, conditions::STALLED).unwrap();
    assert!(
        stalled
            .message
            .contains("set spec.openemr.version to 8.2.0 again")
    );
    assert_eq!(status.upgrade, None);
    let after = workers.get(&format!("{INSTANCE}-openemr")).await.unwrap();
    assert_eq!(after.spec, before.spec);
    world.wants_openemr(OLD).await;
    world.until_upgraded(OLD).await.unwrap();
    assert_eq!(world.told_of_version(INSTANCE).await.1, "UpToDate");
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_migration_that_fails_stops_and_its_one_line_brings_back_what_was() {
    let world = World::running(Origin::ready());
    world.until_ready().await;
    world.damage().await;
    world.wants_openemr(NEW).await;
    world.until_told("UpgradeFailed").await.unwrap();
    sleep(std::time::Duration::from_hours(2)).await;
    assert_eq!(
        world.versions_of_pods(INSTANCE).await,
        [""; 0],
        "nobody works on it"
    );
    let (_, _, message) = world.told_of_version(INSTANCE).await;
    assert!(message.contains("the database is at 510"), "{message}");
    let failed = world.status_of(INSTANCE).await;
    assert_eq!(failed.version.as_deref(), Some(OLD));
    assert_eq!(
        failed.upgrade.unwrap().failed_in,
        Some(UpgradePhase::Migrating)
    );

    // What the message says is all that is done.
    assert!(
        message.contains("set spec.openemr.version to 8.2.0 and run:"),
        "{message}"
    );
    let (_, line) = message.split_once("echo '").unwrap();
    let (restore, _) = line.split_once('\'').unwrap();
    world.wants_openemr(OLD).await;
    world.apply(restore).await;
    let restores = Api::<EmrRestore>::namespaced(world.client.clone(), NAMESPACE);
    let put_back = || async {
        let status = world.status_of(INSTANCE).await;
        let all = restores.list(&ListParams::default()).await.unwrap();
        let restore = all.items.first().and_then(|of| of.status.clone());
        let phase = restore.map(|of| of.phase);
        phase == Some(emr_api::emr_restore::RestorePhase::Complete) && status.upgrade.is_none()
    };
    world.until("what was is back", put_back).await.unwrap();
    world.try_ready().await.unwrap();
    let status = world.status_of(INSTANCE).await;
    assert_eq!(status.version.as_deref(), Some(OLD));
    assert!(status.restored.is_some() && status.stores.is_some());
    assert!(
        world
            .versions_of_pods(INSTANCE)
            .await
            .iter()
            .all(|of| of == OLD)
    );
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_paused_upgrade_goes_on_where_it_was() {
    let world = World::running(Origin::ready());
    world.until_ready().await;
    world.wants_openemr(NEW).await;
    let securing = || async {
        let upgrade = world.status_of(INSTANCE).await.upgrade;
        upgrade.is_some_and(|of| of.phase == UpgradePhase::Securing)
    };
    world
        .until("the set is being taken", securing)
        .await
        .unwrap();
    let pause = |word| json!({"metadata": {"annotations": {labels::PAUSED: word}}});
    world.annotate(&pause(Some("true"))).await;
    sleep(std::time::Duration::from_hours(3)).await;
    let upgrade = world.status_of(INSTANCE).await.upgrade.unwrap();
    assert!(upgrade.paused && upgrade.phase == UpgradePhase::Securing);
    assert_eq!(world.upgrade_job().await, None);
    assert_eq!(world.told_of_version(INSTANCE).await.1, "UpgradePaused");
    world.annotate(&pause(None)).await;
    world.until_upgraded(NEW).await.unwrap();
    world.judge.verdict(&world).unwrap();
}

fn crashes() -> Vec<Crash> {
    Crash::at_each(lives::run(async {
        let world = World::running(Origin::ready());
        world.wants_openemr(NEW).await;
        world.until_upgraded(NEW).await.unwrap();
        world.troubles.points()
    }))
}

#[test]
fn an_upgrade_that_is_cut_off_anywhere_is_finished() {
    let crashes = crashes();
    assert!(crashes.len() > 30, "{} points", crashes.len());
    let bad = lives::each(&crashes, async |Crash(point, trouble)| {
        let mut world = World::thaw(Origin::ready());
        world.troubles.arm_for(point, *trouble, 1);
        world.start();
        world.wants_openemr(NEW).await;
        world.survive().await?;
        world.until_upgraded(NEW).await?;
        world.judge.verdict(&world)?;
        let sets = world.backups().list(&ListParams::default()).await.unwrap();
        let job = world.upgrade_job().await.is_some();
        (job && sets.items.len() == 1)
            .then_some(())
            .ok_or_else(|| format!("{} sets, a Job: {job}", sets.items.len()))
    });
    println!("simulation: {} crashes of an upgrade", crashes.len());
    assert_all_well(&bad);
}
