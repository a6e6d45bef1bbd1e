//! What is left when an instance went under policy `Snapshot` (safety.md 3): complete copies of both
//! halves, what is never deleted, and nothing else.

use k8s_openapi::api::core::v1::PersistentVolume;
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::Value;

use crate::{Clinic, Outcome, failure::ensure};

/// What is gone under `Snapshot` and `Delete` alike. The platform's parts stay.
pub(super) const GONE: [&str; 9] = [
    "clusters",
    "instances",
    "parameterGroups",
    "fileSystems",
    "accessPoints",
    "caches",
    "cacheUsers",
    "cacheUserGroups",
    "securityGroups",
];

/// Fails unless there is nothing of these.
pub(super) fn empty(inventory: &Value, what: &[&str]) -> Outcome {
    for name in what {
        let left = &inventory[name];
        let none = left.as_array().is_some_and(Vec::is_empty)
            || left.as_object().is_some_and(serde_json::Map::is_empty);
        ensure(none, || format!("{name} are left: {left}"))?;
    }
    Ok(())
}

/// Fails unless one complete set of copies was made before anything was deleted, and the account has
/// beside it what it had `before`, less what is to go. The instance was `riverside`.
pub(super) async fn copies_and_nothing_else(clinic: &Clinic, before: &Value) -> Outcome {
    let after = clinic.aws.inventory().await?;
    empty(&after, &GONE)?;
    for (what, was) in before.as_object().into_iter().flatten() {
        let stays = !GONE.contains(&what.as_str()) && what != "snapshots";
        ensure(!stays || after[what] == *was, || {
            format!("{what}: {} became {}", was, after[what])
        })?;
    }
    one_set(clinic).await?;
    both_before_any_deletion(clinic).await?;
    no_volumes(clinic).await
}

/// One snapshot and one recovery point, complete, of one set.
async fn one_set(clinic: &Clinic) -> Outcome {
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
    let wanted = format!("{}/riverside", clinic.namespace);
    let set = &kept["snapshotTags"][0]["emrstack.dev/set"];
    ensure(
        *set == wanted && *set == kept["pointTags"][0]["emrstack.dev/set"],
        || format!("the halves do not carry one set: {kept}"),
    )
}

/// Fails unless both copies were asked for before the first deletion.
pub(super) async fn both_before_any_deletion(clinic: &Clinic) -> Outcome {
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

async fn no_volumes(clinic: &Clinic) -> Outcome {
    let volumes = Api::<PersistentVolume>::all(clinic.client());
    let left = volumes.list(&ListParams::default()).await?.items;
    let ours: Vec<_> = left
        .iter()
        .filter(|volume| {
            let claim = volume
                .spec
                .as_ref()
                .and_then(|spec| spec.claim_ref.as_ref());
            claim.and_then(|claim| claim.namespace.as_deref()) == Some(&clinic.namespace)
        })
        .map(ResourceExt::name_any)
        .collect();
    ensure(ours.is_empty(), || format!("volumes are left: {ours:?}"))
}
