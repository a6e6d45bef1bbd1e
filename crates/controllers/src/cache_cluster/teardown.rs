//! How a CacheCluster goes: of a serverless one nothing is worth a copy or a question; of a replication
//! group AWS takes a snapshot before it deletes, and a parameter group that others use stays.

use async_trait::async_trait;
use emr_api::CacheCluster;
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    Progress,
    cache::{self, CacheSeen, CacheStack, Circumstances},
};
use emr_resource::{Change, Step};
use emr_runtime::ReconcileError;

use super::stack;
use crate::{Context, children, store::Departing};

#[async_trait]
impl Departing for CacheCluster {
    type Circumstances = Circumstances;

    async fn objection(&self, context: &Context) -> Result<Option<Progress>, ReconcileError> {
        if self.spec.replication_group.is_none() {
            return Ok(None);
        }
        children::unconfirmed_loss(&context.client, self, self.spec.deletion_policy).await
    }

    async fn circumstances(
        &self,
        context: &Context,
    ) -> Result<Option<Circumstances>, ReconcileError> {
        Ok(Some(Circumstances {
            policy: self.spec.deletion_policy,
            // AWS refuses to delete a group in use, so a wrong guess costs one refused call.
            parameter_group_users: others(context, self).await?,
        }))
    }

    async fn observe_leaving(
        stack: &CacheStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<CacheSeen, CloudError> {
        stack::observe_leaving(stack, account, watcher).await
    }

    fn tear_down(
        stack: &CacheStack,
        circumstances: &Circumstances,
        seen: &CacheSeen,
    ) -> Step<Change> {
        cache::teardown(stack, circumstances, seen)
    }
}

/// How many other caches in this account and region may use the same parameter group.
async fn others(context: &Context, object: &CacheCluster) -> Result<usize, ReconcileError> {
    if object.spec.replication_group.is_none() {
        return Ok(0);
    }
    let same = |other: &CacheCluster| shares(other, object);
    Ok(context.mirrors.caches.select(same).await?.len())
}

/// Whether two caches may use the same parameter group.
fn shares(other: &CacheCluster, object: &CacheCluster) -> bool {
    // Of the same cluster, so that the name tells family and content alone.
    let group = |cache: &CacheCluster| cache::parameter_group_name("", &cache.spec);
    let placed = |cache: &CacheCluster| {
        let placement = cache.status.as_ref()?.placement.as_ref()?;
        Some((placement.account_id.clone(), placement.region.clone()))
    };
    // One that has not landed yet will land where its platform is.
    let together = match placed(other) {
        Some(place) => Some(place) == placed(object),
        None => other.spec.platform_ref == object.spec.platform_ref,
    };
    other.metadata.uid != object.metadata.uid && group(other) == group(object) && together
}
