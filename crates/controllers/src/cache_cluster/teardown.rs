//! How a CacheCluster goes: nothing in it is worth a copy or a question.

use async_trait::async_trait;
use emr_api::{CacheCluster, policy::DeletionPolicy};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::cache::{self, CacheSeen, CacheStack};
use emr_resource::{Change, Step};
use emr_runtime::ReconcileError;

use super::stack;
use crate::{Context, store::Departing};

#[async_trait]
impl Departing for CacheCluster {
    /// Its policy alone decides.
    type Circumstances = DeletionPolicy;

    async fn circumstances(&self, _: &Context) -> Result<Option<DeletionPolicy>, ReconcileError> {
        Ok(Some(self.spec.deletion_policy))
    }

    async fn observe_leaving(
        stack: &CacheStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<CacheSeen, CloudError> {
        stack::observe_leaving(stack, account, watcher).await
    }

    fn tear_down(stack: &CacheStack, policy: &DeletionPolicy, seen: &CacheSeen) -> Step<Change> {
        cache::teardown(stack, *policy, seen)
    }
}
