//! What happens when somebody changes something behind the operator's back.

use std::{sync::Arc, time::Duration};

use emr_api::{CacheCluster, EmrInstance, ManagedDatabase, SharedFileSystem, conditions};
use k8s_openapi::api::{apps::v1::Deployment, events::v1::Event};
use kube::{
    ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::json;

use crate::{
    Clinic, Outcome, World,
    clinic::PATIENCE,
    failure::ensure,
    kinds::{Told, until},
};

/// A sweep of settled resources comes about once a minute.
const SWEEP: Duration = Duration::from_secs(150);

/// Properties, a mount target and a Deployment are repaired; data that is gone is not replaced.
pub async fn is_repaired_and_lost_data_is_not_replaced(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "drift").await?;
    clinic.platform().await?;
    clinic
        .apply(clinic.openemr("hillside", &json!({"profile": "Development"})))
        .await?;
    clinic.ready("hillside").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    repaired(&clinic).await?;
    another_account(&clinic).await?;
    lost(&clinic).await
}

async fn repaired(clinic: &Clinic) -> Outcome {
    clinic
        .aws
        .run(
            "c = rds.describe_db_clusters()['DBClusters'][0]\n\
             rds.modify_db_cluster(DBClusterIdentifier=c['DBClusterIdentifier'], \
             BackupRetentionPeriod=1, DeletionProtection=False, ApplyImmediately=True)\n\
             fs = efs.describe_file_systems()['FileSystems'][0]['FileSystemId']\n\
             target = efs.describe_mount_targets(FileSystemId=fs)['MountTargets'][0]['MountTargetId']\n\
             efs.delete_mount_target(MountTargetId=target)\n\
             group = [g for g in pages(ec2.describe_security_groups, 'SecurityGroups') if g['GroupName'].endswith('-db')][0]\n\
             ec2.authorize_security_group_ingress(GroupId=group['GroupId'], IpProtocol='tcp', \
             FromPort=3306, ToPort=3306, CidrIp='0.0.0.0/0')",
        )
        .await?;
    let deployments = clinic.api::<Deployment>();
    let all = deployments.list(&ListParams::default()).await?.items;
    let name = all.first().map(ResourceExt::name_any).unwrap_or_default();
    deployments.delete(&name, &DeleteParams::default()).await?;
    let deadline = tokio::time::Instant::now() + SWEEP;
    loop {
        let found = clinic
            .aws
            .run(
                "c = rds.describe_db_clusters()['DBClusters'][0]\n\
                 fs = efs.describe_file_systems()['FileSystems'][0]['FileSystemId']\n\
                 group = [g for g in pages(ec2.describe_security_groups, 'SecurityGroups') if g['GroupName'].endswith('-db')][0]\n\
                 found = [c['BackupRetentionPeriod'], c['DeletionProtection'], \
                 len(efs.describe_mount_targets(FileSystemId=fs)['MountTargets']), \
                 sum(len(p['IpRanges']) for p in group['IpPermissions'])]",
            )
            .await?;
        let back = deployments.get_opt(&name).await?.is_some();
        if found == json!([3, true, 3, 0]) && back {
            break;
        }
        ensure(tokio::time::Instant::now() < deadline, || {
            format!(
                "not repaired: retention, protection, mount targets, open ranges: {found}; Deployment: {back}"
            )
        })?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    clinic.ready("hillside").await?;
    let events = clinic
        .api::<Event>()
        .list(&ListParams::default())
        .await?
        .items;
    let told = events
        .iter()
        .filter(|event| event.reason.as_deref() == Some("DriftRepaired"));
    let notes: Vec<_> = told.filter_map(|event| event.note.clone()).collect();
    let mentioned = |what: &str| notes.iter().any(|note| note.contains(what));
    ensure(
        mentioned("backup retention 1 -> 3") && mentioned("0.0.0.0/0"),
        || format!("repairs were not reported: {notes:?}"),
    )
}

/// A status that points to another account: nothing is created where the data is not.
async fn another_account(clinic: &Clinic) -> Outcome {
    let databases = clinic.api::<ManagedDatabase>();
    let status = json!({"status": {"placement": {"accountId": "999999999999"}}});
    let restore = json!({"status": {"placement": {"accountId": clinic.aws.account()}}});
    databases
        .patch_status("hillside", &PatchParams::default(), &Patch::Merge(&status))
        .await?;
    // Status alone wakes nobody.
    let nudge = |value: &str| {
        Patch::Merge(
            json!({"metadata": {"annotations": {"emrstack.dev/reconcile-requested-at": value}}}),
        )
    };
    databases
        .patch("hillside", &PatchParams::default(), &nudge("1"))
        .await?;
    until(
        &databases,
        "hillside",
        "refusing",
        Duration::from_secs(30),
        |database| database.reason(conditions::STALLED).as_deref() == Some("DataResourceMissing"),
    )
    .await?;
    databases
        .patch_status("hillside", &PatchParams::default(), &Patch::Merge(&restore))
        .await?;
    databases
        .patch("hillside", &PatchParams::default(), &nudge("2"))
        .await?;
    until(
        &databases,
        "hillside",
        "settled",
        Duration::from_mins(1),
        Told::settled,
    )
    .await?;
    Ok(())
}

/// Cluster and file system are deleted behind our back.
async fn lost(clinic: &Clinic) -> Outcome {
    clinic
        .aws
        .run(
            "import time\n\
             c = rds.describe_db_clusters()['DBClusters'][0]['DBClusterIdentifier']\n\
             rds.modify_db_cluster(DBClusterIdentifier=c, DeletionProtection=False, ApplyImmediately=True)\n\
             for i in rds.describe_db_instances()['DBInstances']:\n\
             \x20   rds.delete_db_instance(DBInstanceIdentifier=i['DBInstanceIdentifier'], SkipFinalSnapshot=True)\n\
             for _ in range(100):\n\
             \x20   try:\n\
             \x20       rds.delete_db_cluster(DBClusterIdentifier=c, SkipFinalSnapshot=True)\n\
             \x20       break\n\
             \x20   except Exception as e:\n\
             \x20       rds.modify_db_cluster(DBClusterIdentifier=c, DeletionProtection=False, ApplyImmediately=True) if 'protect' in str(e).lower() else None\n\
             \x20       time.sleep(0.1)\n\
             fs = efs.describe_file_systems()['FileSystems'][0]['FileSystemId']\n\
             for p in efs.describe_access_points(FileSystemId=fs)['AccessPoints']:\n\
             \x20   efs.delete_access_point(AccessPointId=p['AccessPointId'])\n\
             for _ in range(100):\n\
             \x20   for t in efs.describe_mount_targets(FileSystemId=fs)['MountTargets']:\n\
             \x20       try: efs.delete_mount_target(MountTargetId=t['MountTargetId'])\n\
             \x20       except Exception: pass\n\
             \x20   try:\n\
             \x20       efs.delete_file_system(FileSystemId=fs)\n\
             \x20       break\n\
             \x20   except Exception: time.sleep(0.1)",
        )
        .await?;
    let missing = Some("DataResourceMissing");
    until(
        &clinic.api::<ManagedDatabase>(),
        "hillside",
        "missing its data",
        SWEEP,
        |database| database.reason(conditions::STALLED).as_deref() == missing,
    )
    .await?;
    until(
        &clinic.api::<SharedFileSystem>(),
        "hillside",
        "missing its data",
        SWEEP,
        |files| files.reason(conditions::STALLED).as_deref() == missing,
    )
    .await?;
    until(
        &clinic.api::<EmrInstance>(),
        "hillside",
        "stalled",
        Duration::from_secs(30),
        |instance| {
            instance.reason(conditions::STALLED).as_deref() == missing
                && instance.says(conditions::READY).as_deref() == Some("False")
        },
    )
    .await?;
    let (_, calls) = clinic.mutations(0).await?;
    tokio::time::sleep(Duration::from_secs(8)).await;
    let (made, _) = clinic.mutations(calls).await?;
    ensure(made.is_empty(), || format!("made after a loss: {made:?}"))?;
    let inventory = clinic.aws.inventory().await?;
    ensure(
        inventory["clusters"] == json!({}) && inventory["fileSystems"] == json!([]),
        || format!("something empty was put where data was: {inventory}"),
    )
}

/// Something of the same name that is not ours, and something of ours with another UID.
pub async fn foreign_and_orphaned_resources_are_left_alone(world: Arc<World>) -> Outcome {
    let clinic = Clinic::open(&world, "neighbours").await?;
    clinic.platform().await?;
    let spec = json!({"auroraMysql": {"readers": 0}, "deletionPolicy": "Retain"});
    clinic
        .apply(clinic.manifest("ManagedDatabase", "archive", spec.clone()))
        .await?;
    let databases = clinic.api::<ManagedDatabase>();
    until(&databases, "archive", "settled", PATIENCE, Told::settled).await?;
    // Retain: the object goes, everything in AWS stays. The same manifest makes another UID.
    databases
        .delete("archive", &DeleteParams::default())
        .await?;
    crate::kinds::until_gone(&databases, "archive", Duration::from_secs(30)).await?;
    let before = clinic.aws.inventory().await?;
    clinic
        .apply(clinic.manifest("ManagedDatabase", "archive", spec))
        .await?;
    until(
        &databases,
        "archive",
        "refusing",
        Duration::from_mins(1),
        |database| database.reason(conditions::STALLED).as_deref() == Some("OrphanFound"),
    )
    .await?;
    let after = clinic.aws.inventory().await?;
    ensure(before["clusters"] == after["clusters"], || {
        format!("{before} became {after}")
    })?;
    ensure(before["instances"] == after["instances"], || {
        format!("{before} became {after}")
    })?;

    // A cache whose name is taken: a first object tells the name, then goes.
    let cache = clinic.manifest("CacheCluster", "sessions", json!({"serverless": {}}));
    clinic.apply(cache.clone()).await?;
    let caches = clinic.api::<CacheCluster>();
    until(&caches, "sessions", "settled", PATIENCE, Told::settled).await?;
    let group = clinic
        .aws
        .run(
            "found = [[g['GroupName'], g['VpcId']] for g in pages(ec2.describe_security_groups, \
             'SecurityGroups') if g['GroupName'].endswith('-cache')][0]",
        )
        .await?;
    caches.delete("sessions", &DeleteParams::default()).await?;
    crate::kinds::until_gone(&caches, "sessions", PATIENCE).await?;
    clinic
        .aws
        .run(&format!(
            "ec2.create_security_group(GroupName={}, VpcId={}, Description='somebody else')",
            group[0], group[1]
        ))
        .await?;
    let (_, calls) = clinic.mutations(0).await?;
    clinic.apply(cache).await?;
    until(
        &caches,
        "sessions",
        "refusing",
        Duration::from_mins(1),
        |cache| cache.reason(conditions::STALLED).as_deref() == Some("ForeignResource"),
    )
    .await?;
    let (made, _) = clinic.mutations(calls).await?;
    let touched: Vec<_> = made
        .iter()
        .filter(|call| {
            call.contains("Delete") || call.contains("Modify") || call.contains("Ingress")
        })
        .collect();
    ensure(touched.is_empty(), || {
        format!("touched what is not ours: {touched:?}")
    })
}
