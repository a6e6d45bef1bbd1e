//! Removes what nobody uses any more and nobody else would: former parameter groups. A platform
//! does it, because it can see who uses what; each of its looks is an hour after the last.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use emr_api::ManagedDatabase;
use emr_cloud::{Account, CloudError};
use emr_model::{database, platform};
use emr_resource::{
    Change, Mutation, Step,
    db_cluster::DbCluster,
    db_parameter_group::{self, DbParameterGroup},
    ids::{AccountId, ParameterGroupName, Region},
    parameter_group::{self, ParameterGroup},
    rds_instance::RdsInstance,
};
use emr_runtime::ReconcileError;
use tokio::time::Instant;

use crate::Context;

type Groups = BTreeMap<(AccountId, Region, ParameterGroupName), Instant>;

/// Since when groups are seen unused. Forgotten with the process, which only means later.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unused(Arc<Mutex<Groups>>);

impl Unused {
    /// Takes in what is unused now. Hands back what has been for long enough.
    fn found(
        &self,
        account: &Account,
        unused: &BTreeSet<ParameterGroupName>,
    ) -> Vec<ParameterGroupName> {
        let here = |name: &ParameterGroupName| {
            (account.id().clone(), account.region().clone(), name.clone())
        };
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        groups.retain(|(id, region, name), _| {
            id != account.id() || region != account.region() || unused.contains(name)
        });
        let now = Instant::now();
        let rested = |name: &&ParameterGroupName| {
            let since = *groups.entry(here(name)).or_insert(now);
            now.saturating_duration_since(since) >= platform::RESTED
        };
        unused.iter().filter(rested).cloned().collect()
    }
}

/// Removes the groups that have been unused for long enough. Hands back what was done, in words. A
/// failure is told in the log alone, since nothing depends on it; the next look tries again.
pub(super) async fn remove(context: &Context, account: &Account, cluster: &str) -> Vec<String> {
    match removed(context, account, cluster).await {
        Ok(performed) => performed,
        Err(failure) => {
            tracing::info!(%failure, "can't look for former parameter groups");
            Vec::new()
        }
    }
}

async fn removed(
    context: &Context,
    account: &Account,
    cluster: &str,
) -> Result<Vec<String>, Failure> {
    let databases = context.mirrors.databases.select(|_| true).await?;
    let wanted =
        |database: &ManagedDatabase| database::parameter_group_name(cluster, &database.spec);
    let wanted: BTreeSet<_> = databases.iter().filter_map(wanted).collect();
    let none = BTreeSet::new();
    let names = |groups: Vec<parameter_group::Observed>| groups.into_iter().map(|of| of.name);

    let groups = names(account.all::<ParameterGroup>().await?);
    let mut unused = platform::unused_parameter_groups(groups, &none, &wanted);
    if !unused.is_empty() {
        let clusters = account.all::<DbCluster>().await?.into_iter();
        let used = clusters.map(|cluster| cluster.settings.parameter_group);
        unused = platform::unused_parameter_groups(unused, &used.collect(), &wanted);
    }
    let groups = names(account.all::<DbParameterGroup>().await?);
    let mut of_instances = platform::unused_parameter_groups(groups, &none, &wanted);
    if !of_instances.is_empty() {
        let instances = account.all::<RdsInstance>().await?.into_iter();
        let used = instances.map(|instance| instance.settings.parameter_group);
        of_instances = platform::unused_parameter_groups(of_instances, &used.collect(), &wanted);
    }

    let all = unused.union(&of_instances).cloned().collect();
    let mut performed = Vec::new();
    for name in context.unused.found(account, &all) {
        // The names of the two kinds differ, by family.
        let step: Step<Change> = if of_instances.contains(&name) {
            let seen = account.confirm::<DbParameterGroup>(&name).await?;
            db_parameter_group::remove_unused(seen.as_deref(), cluster, 0).into_step()
        } else {
            let seen = account.confirm::<ParameterGroup>(&name).await?;
            parameter_group::remove_unused(seen.as_deref(), cluster, 0).into_step()
        };
        let Step::Change(changes) = step else {
            continue;
        };
        for change in changes {
            // AWS refuses to delete one that somebody began to use meanwhile.
            account.perform(&change, &*context.permit).await?;
            performed.push(change.describe());
        }
    }
    Ok(performed)
}

/// Why nothing could be removed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// AWS refused.
    #[error("{0}")]
    Cloud(#[from] CloudError),
    /// The databases are not known.
    #[error("{0}")]
    Databases(#[from] ReconcileError),
}
