//! How a cache is looked at.

use emr_cloud::{Account, CloudError, Watcher};
use emr_model::cache::{CacheSeen, CacheStack};
use emr_resource::{
    cache_user::CacheUser, cache_user_group::CacheUserGroup, secret::Secret,
    security_group::SecurityGroup, serverless_cache::ServerlessCache,
};

use crate::drive::owned;

/// What AWS has of it.
pub(super) async fn observe(
    stack: &CacheStack,
    account: &Account,
    watcher: &Watcher,
) -> Result<CacheSeen, CloudError> {
    let group = account
        .get::<SecurityGroup>(&stack.security_group.name, watcher)
        .await?;
    let secret = account.get::<Secret>(&stack.secret.name, watcher).await?;
    let cache = account
        .get::<ServerlessCache>(&stack.cache.name, watcher)
        .await?;
    let user = account.get::<CacheUser>(&stack.user.id, watcher).await?;
    let user_group = account
        .get::<CacheUserGroup>(&stack.user_group.id, watcher)
        .await?;
    Ok(CacheSeen {
        security_group: owned(group),
        secret: owned(secret),
        user: owned(user),
        user_group: owned(user_group),
        cache: owned(cache),
    })
}

/// What AWS has of one that leaves. Who still uses a group or a user changes without a transition
/// of theirs, and the next sweep may be a minute away: once the cache is gone, they are read.
pub(super) async fn observe_leaving(
    stack: &CacheStack,
    account: &Account,
    watcher: &Watcher,
) -> Result<CacheSeen, CloudError> {
    let mut seen = observe(stack, account, watcher).await?;
    if seen.cache.is_none() {
        let (group, user) = (&stack.user_group.id, &stack.user.id);
        seen.user_group = owned(account.confirm::<CacheUserGroup>(group).await?);
        if seen.user_group.is_none() {
            seen.user = owned(account.confirm::<CacheUser>(user).await?);
        }
    }
    Ok(seen)
}
