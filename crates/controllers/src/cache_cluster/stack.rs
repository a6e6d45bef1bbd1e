//! How a cache is looked at.

use async_trait::async_trait;
use emr_api::policy::DeletionPolicy;
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::cache::{self, CacheSeen, CacheStack};
use emr_resource::{
    Change, Step, cache_user::CacheUser, cache_user_group::CacheUserGroup, secret::Secret,
    security_group::SecurityGroup, serverless_cache::ServerlessCache,
};

use crate::drive::{Stack, owned};

/// A cache on its way up, or out.
pub(super) struct CachePass<'a> {
    pub(super) stack: &'a CacheStack,
    pub(super) watcher: Watcher,
    /// The policy under which it leaves; `None` on the way up.
    pub(super) leaving: Option<DeletionPolicy>,
}

#[async_trait]
impl Stack for CachePass<'_> {
    type Seen = CacheSeen;

    async fn observe(&self, account: &Account) -> Result<CacheSeen, CloudError> {
        let (stack, watcher) = (self.stack, &self.watcher);
        let group = account
            .get::<SecurityGroup>(&stack.security_group.name, watcher)
            .await?;
        let secret = account.get::<Secret>(&stack.secret.name, watcher).await?;
        let cache = account
            .get::<ServerlessCache>(&stack.cache.name, watcher)
            .await?;
        let mut user = account.get::<CacheUser>(&stack.user.id, watcher).await?;
        let mut user_group = account
            .get::<CacheUserGroup>(&stack.user_group.id, watcher)
            .await?;
        if self.leaving.is_some() && cache.is_none() {
            // Who still uses a group or a user changes without a transition of theirs, so the
            // next sweep may be a minute away.
            user_group = account
                .confirm::<CacheUserGroup>(&stack.user_group.id)
                .await?;
            if user_group.is_none() {
                user = account.confirm::<CacheUser>(&stack.user.id).await?;
            }
        }
        Ok(CacheSeen {
            security_group: owned(group),
            secret: owned(secret),
            user: owned(user),
            user_group: owned(user_group),
            cache: owned(cache),
        })
    }

    fn plan(&self, seen: &CacheSeen) -> Step<Change> {
        match self.leaving {
            None => cache::plan(self.stack, seen),
            Some(policy) => cache::teardown(self.stack, policy, seen),
        }
    }
}
