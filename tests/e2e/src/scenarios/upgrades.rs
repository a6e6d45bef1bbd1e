//! Medplum through two minors on a real API server and scheduler, asked over HTTP, with the operator killed in the
//! middle. What answers for the servers is a stand-in (`emr_sandbox::medplum_stand_in`).

use std::sync::Arc;

use emr_api::{
    EmrBackup, EmrInstance, conditions,
    emr_backup::{BackupPhase, Consistency},
    emr_instance::UpgradePhase,
};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::json;

use super::{crashes, medplum::manifest};
use crate::{
    Clinic, Outcome, World,
    clinic::PATIENCE,
    failure::{ensure, same},
    kinds::{Told, until},
};

const NAME: &str = "brookside";
const BETWEEN: &str = "4.4.3";
const NEW: &str = "4.5.2";

fn phase(instance: &EmrInstance) -> Option<(UpgradePhase, String)> {
    let upgrade = instance.status.as_ref()?.upgrade.as_ref()?;
    Some((upgrade.phase, upgrade.step.clone()))
}

fn version(instance: &EmrInstance) -> Option<&str> {
    instance.status.as_ref()?.version.as_deref()
}

/// Each minor in turn, each after a set of its own; the operator is killed while the first one rolls, and while
/// the second one's data is migrated.
pub async fn walk_two_minors_and_survive_a_kill(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "upgrades").await?;
    clinic.platform().await?;
    let file = "medplum-development.yaml";
    clinic.apply(manifest(&clinic, file).await?).await?;
    let before = clinic.ready(NAME).await?;
    same("before", &version(&before), &Some("4.3.15"))?;

    let instances = clinic.api::<EmrInstance>();
    let wanted = json!({"spec": {"medplum": {"version": NEW}}});
    let params = PatchParams::default();
    let patch = Patch::Merge(&wanted);
    instances.patch(NAME, &params, &patch).await?;
    for (at, step) in [
        (UpgradePhase::Rolling, BETWEEN),
        (UpgradePhase::Migrating, NEW),
    ] {
        let there = |of: &EmrInstance| phase(of) == Some((at, step.to_owned()));
        let what = format!("{at:?} of {step}");
        until(&instances, NAME, &what, PATIENCE, there).await?;
        clinic.world.operator.lock().await.kill();
        crashes::restart(&clinic).await?;
    }
    let arrived = |of: &EmrInstance| version(of) == Some(NEW) && of.settled();
    let after = until(&instances, NAME, "upgraded", PATIENCE, arrived).await?;
    let status = after.status.clone().unwrap_or_default();
    same("what is under way", &status.upgrade, &None)?;
    let current = conditions::is_true(&status.conditions, conditions::VERSION_CURRENT);
    ensure(current, || format!("{:#?}", status.conditions))?;
    pods_are_new(&clinic).await?;
    sets_are_kept(&clinic).await
}

async fn pods_are_new(clinic: &Clinic) -> Outcome {
    let servers = ListParams::default().labels("app.kubernetes.io/component=app");
    let pods = clinic.api::<Pod>().list(&servers).await?.items;
    let images = pods.iter().filter_map(|pod| {
        let container = pod.spec.as_ref()?.containers.first()?;
        container.image.clone()
    });
    let images: Vec<_> = images.collect();
    let new = images.iter().all(|image| image.ends_with(NEW));
    ensure(new && !images.is_empty(), || format!("{images:?}"))
}

/// One for each step, exact, of the version before it, and with its snapshot in AWS.
async fn sets_are_kept(clinic: &Clinic) -> Outcome {
    let sets = clinic.api::<EmrBackup>();
    let sets = sets.list(&ListParams::default()).await?.items;
    let mut of = Vec::new();
    for set in &sets {
        let status = set.status.clone().unwrap_or_default();
        same("phase", &status.phase, &BackupPhase::Complete)?;
        same("consistency", &set.spec.consistency, &Consistency::Quiesced)?;
        of.extend(status.source.map(|source| source.application.version));
    }
    of.sort();
    same(
        "versions",
        &of,
        &vec!["4.3.15".to_owned(), BETWEEN.to_owned()],
    )?;
    let snippet = "found = [s['Status'] for s in rds.describe_db_snapshots(SnapshotType='manual')['DBSnapshots']]";
    let found = clinic.aws.run(snippet).await?;
    same("snapshots", &found, &json!(["available", "available"]))
}
