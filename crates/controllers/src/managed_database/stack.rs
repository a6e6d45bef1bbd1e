//! How a database is looked at.

use std::collections::BTreeMap;

use async_trait::async_trait;
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::database::{self, Circumstances, DatabaseSeen, DatabaseStack};
use emr_resource::{
    Change, Step,
    cluster_snapshot::ClusterSnapshot,
    db_cluster::{self, DbCluster, Recorded},
    db_instance::DbInstance,
    log_group::LogGroup,
    parameter_group::ParameterGroup,
    secret::Secret,
    security_group::SecurityGroup,
};

use crate::drive::{Stack, owned};

/// A database on its way up.
pub(super) struct DatabasePass<'a> {
    pub(super) stack: &'a DatabaseStack,
    pub(super) recorded: Option<Recorded>,
    pub(super) watcher: Watcher,
}

#[async_trait]
impl Stack for DatabasePass<'_> {
    type Seen = DatabaseSeen;

    async fn observe(&self, account: &Account) -> Result<DatabaseSeen, CloudError> {
        observe(
            account,
            self.stack,
            self.recorded.as_ref(),
            &self.watcher,
            false,
        )
        .await
    }

    fn plan(&self, seen: &DatabaseSeen) -> Step<Change> {
        database::plan(self.stack, self.recorded.as_ref(), seen)
    }
}

/// A database on its way out.
pub(super) struct DatabaseExit<'a> {
    pub(super) stack: &'a DatabaseStack,
    pub(super) circumstances: Circumstances,
    pub(super) watcher: Watcher,
}

#[async_trait]
impl Stack for DatabaseExit<'_> {
    type Seen = DatabaseSeen;

    async fn observe(&self, account: &Account) -> Result<DatabaseSeen, CloudError> {
        observe(account, self.stack, None, &self.watcher, true).await
    }

    fn plan(&self, seen: &DatabaseSeen) -> Step<Change> {
        database::teardown(self.stack, &self.circumstances, seen)
    }
}

async fn observe(
    account: &Account,
    stack: &DatabaseStack,
    recorded: Option<&Recorded>,
    watcher: &Watcher,
    leaving: bool,
) -> Result<DatabaseSeen, CloudError> {
    let mut cluster = account.get::<DbCluster>(&stack.cluster.id, watcher).await?;
    if cluster.is_none() && recorded.is_some() {
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
    for id in wanted
        .chain(named)
        .collect::<std::collections::BTreeSet<_>>()
    {
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
    if torn && recorded.is_some() {
        cluster = account.confirm::<DbCluster>(&stack.cluster.id).await?;
    }
    // Its members' changes are no change of the cluster's own, so no quick sweep follows them there.
    let lags = |cluster: &db_cluster::Observed| database::names_too_few(stack, cluster, &instances);
    if !leaving && cluster.as_deref().is_some_and(lags) {
        cluster = account.confirm::<DbCluster>(&stack.cluster.id).await?;
    }
    let final_snapshot = if leaving {
        account
            .get::<ClusterSnapshot>(&stack.final_snapshot.id, watcher)
            .await?
    } else {
        None
    };
    let group = account
        .get::<SecurityGroup>(&stack.security_group.name, watcher)
        .await?;
    let secret = account
        .get::<Secret>(&stack.master_secret.name, watcher)
        .await?;
    let parameters = account
        .get::<ParameterGroup>(&stack.parameter_group.name, watcher)
        .await?;
    Ok(DatabaseSeen {
        security_group: owned(group),
        master_secret: owned(secret),
        parameter_group: owned(parameters),
        log_groups,
        cluster: owned(cluster),
        instances,
        final_snapshot: owned(final_snapshot),
    })
}
