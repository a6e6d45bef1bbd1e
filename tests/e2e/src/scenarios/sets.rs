//! A set of database and files, on a real API server, with real pods' objects that stop and come back.

use std::{sync::Arc, time::Duration};

use emr_api::{EmrBackup, ManagedDatabase, SharedFileSystem, emr_backup::BackupPhase};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::{
    Clinic, Failure, Outcome, World,
    clinic::PATIENCE,
    failure::{ensure, same},
    kinds::{Told, until, until_gone},
};

const APP: &str = "app.kubernetes.io/component=app";

fn phase(backup: &EmrBackup) -> Option<BackupPhase> {
    backup.status.as_ref().map(|status| status.phase)
}

async fn pods(clinic: &Clinic) -> Outcome<usize> {
    let workers = ListParams::default().labels(APP);
    Ok(clinic.api::<Pod>().list(&workers).await?.items.len())
}

/// Both halves as boto3 sees them: how many there are that carry this set's id.
async fn halves(clinic: &Clinic, set: &str) -> Outcome<(u64, u64)> {
    let snippet = format!(
        "set_id = {set:?}\n{}",
        include_str!("../../aws/set_halves.py")
    );
    let found: Value = clinic.aws.run(&snippet).await?;
    let count = |half: &str| found[half].as_u64().unwrap_or_default();
    Ok((count("database"), count("files")))
}

/// A database and files from the halves, beside those that run; what they were made from can't be changed.
async fn made_from(clinic: &Clinic, backup: &EmrBackup) -> Outcome {
    let set = backup.status.as_ref().and_then(|status| status.set.clone());
    let set = set.ok_or_else(|| Failure::Assertion("it tells no set".into()))?;
    let database = |snapshot: &str| {
        let spec = json!({"auroraMysql": {"readers": 0}, "restoreFrom": {"snapshotArn": snapshot}});
        clinic.manifest("ManagedDatabase", "again", spec)
    };
    clinic.apply(database(&set.database.snapshot_arn)).await?;
    let spec = json!({"restoreFrom": {"recoveryPointArn": set.files.recovery_point_arn}});
    let files = clinic.manifest("SharedFileSystem", "again", spec);
    clinic.apply(files).await?;
    let databases = clinic.api::<ManagedDatabase>();
    until(&databases, "again", "settled", PATIENCE, Told::settled).await?;
    let files = clinic.api::<SharedFileSystem>();
    let files = until(&files, "again", "settled", PATIENCE, Told::settled).await?;
    let from = files.status.and_then(|status| status.restored_from);
    same("what was restored", &from, &set.files.recovery_point_arn)?;
    let found = clinic
        .aws
        .run(
            "found = [c['DeletionProtection'] for c in rds.describe_db_clusters()['DBClusters'] \
             if '-again-' in c['DBClusterIdentifier']]",
        )
        .await?;
    same("protection of the restored cluster", &found, &json!([true]))?;
    let other = clinic
        .apply(database(&format!("{}-other", set.database.snapshot_arn)))
        .await;
    let refused = format!("{:?}", other.err());
    ensure(refused.contains("restore into a new object"), || {
        refused.clone()
    })
}

/// An exact set stops the workers, is complete on AWS's side, and brings them back; a spec can't be
/// changed; and both halves go when that is asked for and confirmed.
pub async fn are_taken_while_nothing_runs_and_go_together(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "sets").await?;
    clinic.platform().await?;
    clinic
        .apply(clinic.openemr("riverside", &json!({"profile": "Development"})))
        .await?;
    clinic.ready("riverside").await?;
    let before = pods(&clinic).await?;
    ensure(before > 0, || "no worker runs".into())?;

    let manifest = |keep: u32| {
        json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrBackup",
            "metadata": {"name": "nightly", "namespace": clinic.namespace},
            "spec": {
                "instanceRef": {"name": "riverside"}, "consistency": "Quiesced",
                "deletionPolicy": "Delete", "keepDays": keep,
            },
        })
    };
    clinic.apply(manifest(7)).await?;
    let backups = clinic.api::<EmrBackup>();
    let is = |wanted: BackupPhase| move |backup: &EmrBackup| phase(backup) == Some(wanted);
    until(
        &backups,
        "nightly",
        "copying",
        PATIENCE,
        is(BackupPhase::Copying),
    )
    .await?;
    same("workers while the set is taken", &pods(&clinic).await?, &0)?;
    let complete = is(BackupPhase::Complete);
    let backup = until(&backups, "nightly", "complete", PATIENCE, complete).await?;
    ensure(backup.settled(), || "it is complete and not Ready".into())?;
    clinic.ready("riverside").await?;
    ensure(pods(&clinic).await? >= before, || {
        "the workers are not back".into()
    })?;
    let set = backup.uid().unwrap_or_default();
    same("halves in AWS", &halves(&clinic, &set).await?, &(1, 1))?;

    let changed = clinic.apply(manifest(8)).await;
    let refused = format!("{:?}", changed.err());
    ensure(refused.contains("make another EmrBackup"), || {
        refused.clone()
    })?;

    made_from(&clinic, &backup).await?;

    backups.delete("nightly", &DeleteParams::default()).await?;
    let waits = |backup: &EmrBackup| backup.reason("Stalled").is_some();
    until(
        &backups,
        "nightly",
        "waiting for a word",
        Duration::from_secs(30),
        waits,
    )
    .await?;
    same(
        "halves before it is confirmed",
        &halves(&clinic, &set).await?,
        &(1, 1),
    )?;
    let confirm = json!({"metadata": {"annotations": {"emrstack.dev/confirm-delete": "nightly"}}});
    let patch = PatchParams::default();
    backups
        .patch("nightly", &patch, &Patch::Merge(&confirm))
        .await?;
    until_gone(&backups, "nightly", PATIENCE).await?;
    same("halves at last", &halves(&clinic, &set).await?, &(0, 0))
}
