//! Deletion under each policy (safety.md 3): what must remain remains, nothing else does.

use std::{sync::Arc, time::Duration};

use emr_api::{EmrInstance, ManagedDatabase, SharedFileSystem, conditions};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::json;

use super::remains;
use crate::{
    Clinic, Outcome, World,
    clinic::PATIENCE,
    failure::ensure,
    kinds::{Told, until, until_gone},
};

async fn settled(world: &Arc<World>, name: &str, policy: &str) -> Outcome<Clinic> {
    let clinic = Clinic::open(world, name).await?;
    clinic.platform().await?;
    let over = json!({"profile": "Development", "deletionPolicy": policy});
    clinic.apply(clinic.openemr("riverside", &over)).await?;
    clinic.ready("riverside").await?;
    Ok(clinic)
}

async fn delete(clinic: &Clinic) -> Outcome {
    clinic
        .api::<EmrInstance>()
        .delete("riverside", &DeleteParams::default())
        .await?;
    Ok(())
}

/// Both halves complete, then everything but copies, secrets, logs and keys goes.
pub async fn keeps_a_snapshot_of_both_halves(world: Arc<World>) -> Outcome {
    let clinic = settled(&world, "snapshot", "Snapshot").await?;
    let before = clinic.aws.inventory().await?;
    delete(&clinic).await?;
    until_gone(&clinic.api::<EmrInstance>(), "riverside", PATIENCE).await?;
    remains::copies_and_nothing_else(&clinic, &before).await
}

/// `Retain`: the objects go, AWS stays as it is.
pub async fn retain_leaves_everything(world: Arc<World>) -> Outcome {
    let clinic = settled(&world, "retain", "Retain").await?;
    let before = clinic.aws.inventory().await?;
    delete(&clinic).await?;
    until_gone(&clinic.api::<EmrInstance>(), "riverside", PATIENCE).await?;
    let left = clinic
        .api::<ManagedDatabase>()
        .list(&ListParams::default())
        .await?
        .items;
    ensure(left.is_empty(), || "the child is left".into())?;
    let after = clinic.aws.inventory().await?;
    ensure(before == after, || {
        format!("before: {before}\nafter: {after}")
    })
}

/// `Delete`: refused until confirmed, then nothing is left, copies included.
pub async fn delete_needs_a_confirmation(world: Arc<World>) -> Outcome {
    let clinic = settled(&world, "delete", "Delete").await?;
    let before = clinic.aws.inventory().await?;
    delete(&clinic).await?;
    let instances = clinic.api::<EmrInstance>();
    until(
        &instances,
        "riverside",
        "asking",
        Duration::from_secs(30),
        |instance| instance.reason(conditions::STALLED).as_deref() == Some("ConfirmationRequired"),
    )
    .await?;
    let unconfirmed = clinic.aws.inventory().await?;
    ensure(before == unconfirmed, || {
        format!("before: {before}\nafter: {unconfirmed}")
    })?;
    let confirm =
        json!({"metadata": {"annotations": {"emrstack.dev/confirm-delete": "riverside"}}});
    instances
        .patch(
            "riverside",
            &PatchParams::default(),
            &Patch::Merge(&confirm),
        )
        .await?;
    until_gone(&instances, "riverside", PATIENCE).await?;
    let after = clinic.aws.inventory().await?;
    remains::empty(&after, &remains::GONE)?;
    remains::empty(&after, &["snapshots"])?;
    let scheduled = clinic
        .aws
        .run(
            "found = [s['Name'] for s in pages(secrets.list_secrets, 'SecretList', \
             IncludePlannedDeletion=True) if 'DeletedDate' in s or s.get('DeletionDate')]",
        )
        .await?;
    ensure(
        scheduled.as_array().is_some_and(|all| all.len() == 4),
        || format!("{scheduled}"),
    )
}

/// A child of a living instance waits; nothing in AWS changes.
pub async fn of_a_child_by_hand_waits(world: Arc<World>) -> Outcome {
    let clinic = settled(&world, "by-hand", "Snapshot").await?;
    let before = clinic.aws.inventory().await?;
    let files = clinic.api::<SharedFileSystem>();
    files.delete("riverside", &DeleteParams::default()).await?;
    until(
        &files,
        "riverside",
        "in use",
        Duration::from_secs(30),
        |files| files.reason(conditions::READY).as_deref() == Some("InUse"),
    )
    .await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = clinic.aws.inventory().await?;
    ensure(before == after, || {
        format!("before: {before}\nafter: {after}")
    })
}

/// The namespace with everything in it: the copies are taken although nothing can be created.
pub async fn of_the_namespace_keeps_what_must_remain(world: Arc<World>) -> Outcome {
    let clinic = settled(&world, "namespace", "Snapshot").await?;
    let namespaces = Api::<Namespace>::all(clinic.client());
    namespaces
        .delete("namespace", &DeleteParams::default())
        .await?;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while namespaces.get_opt("namespace").await?.is_some() {
        if tokio::time::Instant::now() > deadline {
            let instance = clinic.api::<EmrInstance>().get_opt("riverside").await?;
            let database = clinic.api::<ManagedDatabase>().get_opt("riverside").await?;
            let files = clinic
                .api::<SharedFileSystem>()
                .get_opt("riverside")
                .await?;
            return ensure(false, || {
                format!(
                    "the namespace is still there: {:#?} {:#?} {:#?}",
                    instance.map(|object| object.conditions()),
                    database.map(|object| object.conditions()),
                    files.map(|object| object.conditions())
                )
            });
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let after = clinic.aws.inventory().await?;
    remains::empty(&after, &remains::GONE)?;
    ensure(
        after["snapshots"]
            .as_array()
            .is_some_and(|all| !all.is_empty()),
        || format!("{after}"),
    )?;
    remains::both_before_any_deletion(&clinic).await
}
