//! How a database of RDS is looked at.

use std::collections::BTreeMap;

use emr_cloud::{Account, CloudError, Watcher};
use emr_model::database::{DatabaseSeen, RdsSeen, RdsStack};
use emr_resource::{
    db_parameter_group::DbParameterGroup,
    db_snapshot::DbSnapshot,
    log_group::LogGroup,
    rds_instance::{Found, Origin, Past, RdsInstance, Source},
    secret::Secret,
    security_group::SecurityGroup,
};

use crate::drive::owned;

/// What AWS has of it. One that is `recorded` holds data.
pub(super) async fn observe(
    stack: &RdsStack,
    recorded: bool,
    account: &Account,
    watcher: &Watcher,
) -> Result<DatabaseSeen, CloudError> {
    let id = &stack.instance.id;
    let mut instance = account.get::<RdsInstance>(id, watcher).await?;
    if instance.is_none() && recorded {
        // Gone is said only after a single read (architecture.md, the shared view).
        instance = account.confirm::<RdsInstance>(id).await?;
    }
    let mut log_groups = BTreeMap::new();
    for group in &stack.log_groups {
        if let Some(seen) = account.get::<LogGroup>(&group.name, watcher).await? {
            log_groups.insert(group.name.clone(), (*seen).clone());
        }
    }
    let mut replicas = BTreeMap::new();
    for id in &stack.replica_names {
        if let Some(seen) = account.get::<RdsInstance>(id, watcher).await? {
            replicas.insert(id.clone(), (*seen).clone());
        }
    }
    let group = account
        .get::<SecurityGroup>(&stack.security_group.name, watcher)
        .await?;
    let secret = account
        .get::<Secret>(&stack.master_secret.name, watcher)
        .await?;
    let parameters = account
        .get::<DbParameterGroup>(&stack.parameter_group.name, watcher)
        .await?;
    let source = match &stack.instance.origin {
        Origin::Restored(from) if instance.is_none() => found(from, account).await?,
        _ => None,
    };
    Ok(DatabaseSeen {
        security_group: owned(group),
        master_secret: owned(secret),
        log_groups,
        rds: RdsSeen {
            parameter_group: owned(parameters),
            instance: owned(instance),
            replicas,
            source,
            final_snapshot: None,
        },
        ..DatabaseSeen::default()
    })
}

/// What AWS tells of what it is to be made from: a snapshot of exactly that ARN, or an instance.
async fn found(source: &Source, account: &Account) -> Result<Option<Found>, CloudError> {
    match source {
        Source::Snapshot(arn) => {
            let Some((_, name)) = arn.as_str().split_once(":snapshot:") else {
                return Ok(None);
            };
            let seen = account.confirm::<DbSnapshot>(&name.into()).await?;
            let seen = seen.filter(|seen| seen.arn == *arn && seen.status == "available");
            Ok(seen.map(|seen| Found {
                tags: seen.tags.clone(),
                engine: seen.engine.clone(),
                engine_version: seen.engine_version.clone(),
                kms_key_arn: seen.kms_key_arn.clone(),
            }))
        }
        Source::PointInTime {
            of: Past::Instance(id),
            ..
        } => {
            let seen = account.confirm::<RdsInstance>(id).await?;
            Ok(seen.map(|seen| Found {
                tags: seen.tags.clone(),
                engine: seen.engine.clone(),
                engine_version: seen.engine_version.clone(),
                kms_key_arn: seen.kms_key_arn.clone(),
            }))
        }
        Source::PointInTime {
            of: Past::Retained(_),
            ..
        } => Ok(None),
    }
}

/// What AWS has of one that leaves: the snapshot that is taken of it belongs to the picture, and nothing is
/// recorded that must not be lost.
pub(super) async fn observe_leaving(
    stack: &RdsStack,
    account: &Account,
    watcher: &Watcher,
) -> Result<DatabaseSeen, CloudError> {
    let mut seen = observe(stack, false, account, watcher).await?;
    let id = &stack.final_snapshot.id;
    seen.rds.final_snapshot = owned(account.get::<DbSnapshot>(id, watcher).await?);
    Ok(seen)
}
