//! An instance from a set beside the one that runs, and the one that runs put back to it.

use std::sync::Arc;

use emr_api::{
    EmrBackup, EmrDrill, EmrInstance, EmrRestore, ManagedDatabase, conditions,
    emr_backup::BackupPhase,
    emr_drill::DrillPhase,
    emr_restore::{EmrRestoreStatus, RestorePhase},
};
use k8s_openapi::api::{batch::v1::Job, networking::v1::NetworkPolicy};
use kube::{
    ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::{
    Clinic, Outcome, World,
    clinic::PATIENCE,
    failure::{ensure, same},
    kinds::{Told, until},
};

fn ours(kind: &str, clinic: &Clinic, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": kind,
        "metadata": {"name": name, "namespace": clinic.namespace}, "spec": spec,
    })
}

/// How many DB clusters the account has, and how many snapshots.
async fn held(clinic: &Clinic) -> Outcome<Value> {
    let snippet = "found = [len(rds.describe_db_clusters()['DBClusters']), \
                   len(rds.describe_db_cluster_snapshots()['DBClusterSnapshots'])]";
    clinic.aws.run(snippet).await
}

async fn annotate<K: Told>(api: &kube::Api<K>, name: &str, key: &str, value: &str) -> Outcome {
    let patch = json!({"metadata": {"annotations": {key: value}}});
    api.patch(name, &PatchParams::default(), &Patch::Merge(&patch))
        .await?;
    Ok(())
}

/// The copy is fenced on the real API server, too: no Ingress, and nothing leaves by HTTPS.
async fn copied(clinic: &Clinic) -> Outcome {
    let spec = json!({
        "profile": "Development",
        "access": {"allowedCidrs": ["198.51.100.0/24"]},
        "restoreFrom": {"backup": "before"},
    });
    clinic.apply(clinic.openemr("copy", &spec)).await?;
    let instances = clinic.api::<EmrInstance>();
    let phase = |wanted: &'static str| {
        move |of: &EmrInstance| {
            of.status.as_ref().and_then(|of| of.phase.as_deref()) == Some(wanted)
        }
    };
    until(&instances, "copy", "fenced", PATIENCE, phase("Fenced")).await?;
    let jobs = clinic.api::<Job>().list(&ListParams::default()).await?;
    let of_copy = |job: &&Job| job.name_any().starts_with("copy-openemr-");
    // Files into place, data taken over, settings.
    same("Jobs of the copy", &jobs.iter().filter(of_copy).count(), &3)?;
    let https = clinic
        .api::<NetworkPolicy>()
        .get("copy-openemr-https")
        .await?;
    let ways_out = https
        .spec
        .and_then(|spec| spec.egress)
        .map_or(0, |all| all.len());
    same("ways out", &ways_out, &0)?;
    annotate(&instances, "copy", "emrstack.dev/released", "copy").await?;
    let open = |of: &EmrInstance| of.says(conditions::EXPOSED).as_deref() == Some("True");
    until(&instances, "copy", "let out", PATIENCE, open).await?;
    let other = clinic.openemr("copy", &json!({"restoreFrom": {"backup": "other"}}));
    let refused = format!("{:?}", clinic.apply(other).await.err());
    ensure(refused.contains("restore into a new one"), || {
        refused.clone()
    })
}

/// The set is proven by a copy, of which nothing is left, and the instance tells it.
async fn drilled(clinic: &Clinic) -> Outcome {
    let before = held(clinic).await?;
    let spec = json!({"instanceRef": {"name": "riverside"}, "backupRef": {"name": "before"}});
    clinic
        .apply(ours("EmrDrill", clinic, "drill", &spec))
        .await?;
    let drills = clinic.api::<EmrDrill>();
    let over = |of: &EmrDrill| of.status.as_ref().is_some_and(|of| of.phase.is_over());
    let drill = until(&drills, "drill", "over", PATIENCE, over).await?;
    let status = drill.status.clone().unwrap_or_default();
    same("how it went", &status.phase, &DrillPhase::Passed)?;
    ensure(drill.settled(), || "it is passed and not Ready".into())?;
    let instances = clinic.api::<EmrInstance>();
    let copy = instances.get_opt(&status.copy.unwrap_or_default()).await?;
    ensure(copy.is_none(), || "its copy is left".into())?;
    same("held in AWS after a drill", &held(clinic).await?, &before)?;
    let proven = |of: &EmrInstance| of.says(conditions::RESTORE_PROVEN).as_deref() == Some("True");
    until(&instances, "riverside", "proven", PATIENCE, proven).await?;
    Ok(())
}

/// A set, a drill, a copy from it, and the original put back to it; what it ran on goes only once that is said,
/// and leaves a last snapshot.
pub async fn bring_an_instance_back_beside_and_in_place(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "restores").await?;
    clinic.platform().await?;
    clinic
        .apply(clinic.openemr("riverside", &json!({"profile": "Development"})))
        .await?;
    clinic.ready("riverside").await?;
    let backup = json!({"instanceRef": {"name": "riverside"}});
    clinic
        .apply(ours("EmrBackup", &clinic, "before", &backup))
        .await?;
    let backups = clinic.api::<EmrBackup>();
    let complete =
        |of: &EmrBackup| of.status.as_ref().map(|of| of.phase) == Some(BackupPhase::Complete);
    until(&backups, "before", "complete", PATIENCE, complete).await?;
    drilled(&clinic).await?;
    copied(&clinic).await?;

    let spec = json!({
        "instanceRef": {"name": "riverside"}, "from": {"backup": "before"}, "release": "Automatic",
    });
    clinic
        .apply(ours("EmrRestore", &clinic, "back", &spec))
        .await?;
    let restores = clinic.api::<EmrRestore>();
    let status = |of: &EmrRestore| of.status.clone().unwrap_or_default();
    let is = |wanted: RestorePhase| move |of: &EmrRestore| status(of).phase == wanted;
    let done = is(RestorePhase::Complete);
    let back = until(&restores, "back", "complete", PATIENCE, done).await?;
    ensure(back.settled(), || "it is complete and not Ready".into())?;
    clinic.ready("riverside").await?;
    let EmrRestoreStatus {
        candidate,
        previous,
        ..
    } = status(&back);
    let instance = clinic.api::<EmrInstance>().get("riverside").await?;
    same("what it runs on", &Some(instance.stores()), &candidate)?;
    // The original's, the copy's, and what was made; the set and the safety set.
    same("held in AWS", &held(&clinic).await?, &json!([3, 2]))?;

    annotate(&restores, "back", "emrstack.dev/confirm-delete", "back").await?;
    let gone = is(RestorePhase::Discarded);
    until(&restores, "back", "discarded", PATIENCE, gone).await?;
    let databases = clinic.api::<ManagedDatabase>();
    let previous = databases.get_opt(&previous.unwrap_or_default()).await?;
    ensure(previous.is_none(), || "what it ran on is there".into())?;
    same("held in AWS at last", &held(&clinic).await?, &json!([2, 3]))?;
    clinic.ready("riverside").await.map(drop)
}
