//! Deletion under each policy (safety.md 3): what must remain remains, nothing else does.

use std::{sync::Arc, time::Duration};

use emr_api::{EmrInstance, ManagedDatabase, SharedFileSystem, conditions};
use k8s_openapi::api::core::v1::{Namespace, PersistentVolume};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};

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

fn empty(inventory: &Value, what: &[&str]) -> Outcome {
    for name in what {
        let left = &inventory[name];
        let none = left.as_array().is_some_and(Vec::is_empty)
            || left.as_object().is_some_and(serde_json::Map::is_empty);
        ensure(none, || format!("{name} are left: {left}"))?;
    }
    Ok(())
}

/// What is gone under `Snapshot` and `Delete` alike. The platform's parts stay.
const GONE: [&str; 7] = [
    "clusters",
    "instances",
    "fileSystems",
    "accessPoints",
    "caches",
    "cacheUsers",
    "securityGroups",
];

/// Both halves complete, then everything but copies, secrets, logs and keys goes.
pub async fn keeps_a_snapshot_of_both_halves(world: Arc<World>) -> Outcome {
    let clinic = settled(&world, "snapshot", "Snapshot").await?;
    let before = clinic.aws.inventory().await?;
    delete(&clinic).await?;
    until_gone(&clinic.api::<EmrInstance>(), "riverside", PATIENCE).await?;
    let after = clinic.aws.inventory().await?;
    empty(&after, &GONE)?;
    empty(&after, &["parameterGroups"])?;
    ensure(after["secrets"] == before["secrets"], || {
        format!("secrets: {}", after["secrets"])
    })?;
    ensure(after["logGroups"] == before["logGroups"], || {
        format!("logs: {}", after["logGroups"])
    })?;
    ensure(after["keys"] == before["keys"], || {
        format!("keys: {}", after["keys"])
    })?;
    let kept = clinic
        .aws
        .run(
            "vault = backup.list_backup_vaults()['BackupVaultList'][0]['BackupVaultName']\n\
             points = backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)['RecoveryPoints']\n\
             snapshots = rds.describe_db_cluster_snapshots(SnapshotType='manual')['DBClusterSnapshots']\n\
             tags = [backup.list_tags(ResourceArn=p['RecoveryPointArn'])['Tags'] for p in points]\n\
             found = {'points': points, 'snapshots': snapshots, 'pointTags': tags, \
             'snapshotTags': [tags_of(s['TagList']) for s in snapshots]}",
        )
        .await?;
    ensure(
        kept["points"].as_array().is_some_and(|all| all.len() == 1),
        || format!("{kept}"),
    )?;
    ensure(kept["points"][0]["Status"] == "COMPLETED", || {
        format!("{kept}")
    })?;
    ensure(
        kept["snapshots"]
            .as_array()
            .is_some_and(|all| all.len() == 1),
        || format!("{kept}"),
    )?;
    ensure(kept["snapshots"][0]["Status"] == "available", || {
        format!("{kept}")
    })?;
    let set = &kept["snapshotTags"][0]["emrstack.dev/set"];
    ensure(
        set == "snapshot/riverside" && *set == kept["pointTags"][0]["emrstack.dev/set"],
        || format!("the halves do not carry one set: {kept}"),
    )?;
    both_before_any_deletion(&clinic).await?;
    let volumes = Api::<PersistentVolume>::all(clinic.client());
    let left = volumes.list(&ListParams::default()).await?.items;
    let ours: Vec<_> = left
        .iter()
        .filter(|volume| {
            let claim = volume
                .spec
                .as_ref()
                .and_then(|spec| spec.claim_ref.as_ref());
            claim.and_then(|claim| claim.namespace.as_deref()) == Some("snapshot")
        })
        .map(ResourceExt::name_any)
        .collect();
    ensure(ours.is_empty(), || format!("volumes are left: {ours:?}"))
}

/// The order of calls: copies first, both of them, then deletions.
async fn both_before_any_deletion(clinic: &Clinic) -> Outcome {
    let (calls, _) = clinic.mutations(0).await?;
    let first = |what: &str| calls.iter().position(|call| call.ends_with(what));
    let copies = [first("CreateDBClusterSnapshot"), first("StartBackupJob")];
    let deletions = [
        first("DeleteDBInstance"),
        first("DeleteDBCluster"),
        first("DeleteMountTarget"),
    ];
    for copy in copies {
        for deletion in deletions {
            ensure(
                copy.is_some() && deletion.is_some() && copy < deletion,
                || format!("a deletion before both copies: {calls:?}"),
            )?;
        }
    }
    Ok(())
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
    empty(&after, &GONE)?;
    empty(&after, &["snapshots"])?;
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
    empty(&after, &GONE)?;
    ensure(
        after["snapshots"]
            .as_array()
            .is_some_and(|all| !all.is_empty()),
        || format!("{after}"),
    )?;
    both_before_any_deletion(&clinic).await
}
