//! How a database of Aurora is looked at.

use std::collections::{BTreeMap, BTreeSet};

use emr_cloud::{Account, CloudError, Watcher};
use emr_model::database::{self, AuroraStack, DatabaseSeen};
use emr_resource::{
    Tags,
    cluster_snapshot::ClusterSnapshot,
    db_cluster::{self, DbCluster, Origin, Source},
    db_instance::DbInstance,
    log_group::LogGroup,
    parameter_group::ParameterGroup,
    secret::Secret,
    security_group::SecurityGroup,
};

use crate::drive::owned;

/// What AWS has of it. One that is `recorded` holds data.
pub(super) async fn observe(
    stack: &AuroraStack,
    recorded: bool,
    account: &Account,
    watcher: &Watcher,
) -> Result<DatabaseSeen, CloudError> {
    let mut cluster = account.get::<DbCluster>(&stack.cluster.id, watcher).await?;
    if cluster.is_none() && recorded {
        // Gone is said only after a single read (architecture.md, the shared view).
        cluster = account.confirm::<DbCluster>(&stack.cluster.id).await?;
    }
    let mut log_groups = BTreeMap::new();
    for group in &stack.log_groups {
        if let Some(seen) = account.get::<LogGroup>(&group.name, watcher).await? {
            log_groups.insert(group.name.clone(), (*seen).clone());
        }
    }
    let wanted = stack.instances.iter().map(|instance| instance.id.clone());
    let named = cluster
        .iter()
        .flat_map(|cluster| &cluster.members)
        .map(|member| member.id.clone());
    let mut instances = BTreeMap::new();
    for id in wanted.chain(named).collect::<BTreeSet<_>>() {
        if let Some(seen) = account.get::<DbInstance>(&id, watcher).await? {
            instances.insert(id, (*seen).clone());
        }
    }
    // A member that the cluster names and that is gone: perhaps the cluster went too, and its list
    // was read before. Nothing is made for a cluster that is lost.
    let torn = cluster
        .iter()
        .flat_map(|cluster| &cluster.members)
        .any(|member| !instances.contains_key(&member.id));
    if torn && recorded {
        cluster = account.confirm::<DbCluster>(&stack.cluster.id).await?;
    }
    let group = account
        .get::<SecurityGroup>(&stack.security_group.name, watcher)
        .await?;
    let secret = account
        .get::<Secret>(&stack.master_secret.name, watcher)
        .await?;
    let parameters = account
        .get::<ParameterGroup>(&stack.parameter_group.name, watcher)
        .await?;
    let from = stack.cluster.source.as_ref();
    let source = match from.filter(|_| cluster.is_none()) {
        Some(from) => source_tags(from, account).await?,
        None => None,
    };
    Ok(DatabaseSeen {
        source,
        security_group: owned(group),
        master_secret: owned(secret),
        parameter_group: owned(parameters),
        log_groups,
        cluster: owned(cluster),
        instances,
        final_snapshot: None,
        ..DatabaseSeen::default()
    })
}

/// The tags of what it is to be made from: a snapshot of exactly that ARN, or a cluster.
async fn source_tags(source: &Source, account: &Account) -> Result<Option<Tags>, CloudError> {
    match source {
        Source::Snapshot(arn) => {
            let name = arn.as_str().split_once(":cluster-snapshot:");
            let Some((_, name)) = name else {
                return Ok(None);
            };
            let seen = account.confirm::<ClusterSnapshot>(&name.into()).await?;
            let seen = seen.filter(|seen| seen.arn == *arn);
            Ok(seen.map(|seen| seen.tags.clone()))
        }
        Source::PointInTime { of, .. } => match of {
            Origin::Cluster(id) => {
                let seen = account.confirm::<DbCluster>(id).await?;
                Ok(seen.map(|seen| seen.tags.clone()))
            }
            Origin::Retained(_) => Ok(None),
        },
    }
}

/// Awaits that the cluster names its members, when it names fewer than there are: their coming is
/// no change of the cluster's own, so no quick sweep would follow it.
pub(super) fn follow_members(stack: &AuroraStack, seen: &DatabaseSeen, account: &Account) {
    let lags =
        |cluster: &db_cluster::Observed| database::names_too_few(stack, cluster, &seen.instances);
    if seen.cluster.as_ref().is_some_and(lags) {
        account.await_change::<DbCluster>(&stack.cluster.id);
    }
}

/// What AWS has of one that leaves: the snapshot that is taken of it belongs to the picture, and
/// nothing is recorded that must not be lost.
pub(super) async fn observe_leaving(
    stack: &AuroraStack,
    account: &Account,
    watcher: &Watcher,
) -> Result<DatabaseSeen, CloudError> {
    let mut seen = observe(stack, false, account, watcher).await?;
    let snapshot = account
        .get::<ClusterSnapshot>(&stack.final_snapshot.id, watcher)
        .await?;
    seen.final_snapshot = owned(snapshot);
    Ok(seen)
}
