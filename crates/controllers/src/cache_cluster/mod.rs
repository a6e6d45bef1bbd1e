//! CacheCluster: a store in ElastiCache.
//!
//! What is special about it: it holds sessions only, so a lost one is made again and nobody is
//! asked before it goes.

mod stack;
mod teardown;

use std::collections::BTreeMap;

use async_trait::async_trait;
use emr_api::{
    CacheCluster,
    cache_cluster::CacheClusterStatus,
    references::{Placement, SecretRef},
};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    cache::{self, CacheSeen, CacheStack},
    owner_of,
    progress::Notice,
};
use emr_resource::{Change, Step};
use emr_runtime::ReconcileError;

use crate::{
    connect::Copy,
    landing::Landing,
    store::{Store, Terms},
};

#[async_trait]
impl Store for CacheCluster {
    const KIND: &'static str = "CacheCluster";
    type Stack = CacheStack;
    type Seen = CacheSeen;

    fn terms(&self) -> Terms<'_> {
        Terms {
            platform: &self.spec.platform_ref.name,
            placed: self.status.as_ref().and_then(|s| s.placement.as_ref()),
            kms_key_arn: self.spec.kms_key_arn.as_deref(),
            deletion: self.spec.deletion_policy,
            management: self.spec.management_policy,
        }
    }

    fn desire(&self, landing: &Landing, key: &str) -> Result<CacheStack, Notice> {
        let owner = owner_of(self, landing.cluster());
        let (network, tags) = (&landing.network, &landing.spec.tags);
        cache::desire(&owner, &self.spec, network, key, tags)
            .map_err(|error| Notice::new(error.reason(), error.to_string()))
    }

    async fn observe(
        &self,
        stack: &CacheStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<CacheSeen, CloudError> {
        stack::observe(stack, account, watcher).await
    }

    fn plan(&self, stack: &CacheStack, seen: &CacheSeen) -> Step<Change> {
        cache::plan(stack, seen)
    }

    fn usable(stack: &CacheStack, seen: &CacheSeen) -> Option<String> {
        cache::usable(stack, seen)
    }

    fn connection<'a>(
        _: &Landing,
        stack: &CacheStack,
        seen: &'a CacheSeen,
    ) -> Result<Option<Copy<'a>>, ReconcileError> {
        let (Some(source), Some(endpoint)) = (&seen.secret, cache::endpoint(stack, seen)) else {
            return Ok(None);
        };
        Ok(Some(Copy {
            purpose: "cache",
            binding: "redis",
            source,
            beside: BTreeMap::from([
                ("host", endpoint.address.clone()),
                ("port", endpoint.port.to_string()),
            ]),
        }))
    }

    fn told(
        &self,
        stack: &CacheStack,
        seen: &CacheSeen,
        placement: &Placement,
        connection: Option<SecretRef>,
    ) -> CacheClusterStatus {
        let old = self.status.clone().unwrap_or_default();
        cache::status(&old, stack, seen, placement, connection)
    }
}
