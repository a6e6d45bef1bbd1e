//! How a cache is looked at.

use emr_api::cache_cluster::{CacheClusterStatus, TokenPhase};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::cache::{CacheSeen, CacheStack, Form, Replication, Serverless};
use emr_resource::{
    cache_parameter_group::CacheParameterGroup, cache_subnet_group::CacheSubnetGroup,
    cache_user::CacheUser, cache_user_group::CacheUserGroup, replication_group::ReplicationGroup,
    secret::Secret, security_group::SecurityGroup, serverless_cache::ServerlessCache,
};

use crate::drive::owned;

/// What AWS has of it. `status` is what is remembered of one that is to stay.
pub(super) async fn observe(
    stack: &CacheStack,
    status: Option<&CacheClusterStatus>,
    account: &Account,
    watcher: &Watcher,
) -> Result<CacheSeen, CloudError> {
    let group = account
        .get::<SecurityGroup>(&stack.security_group.name, watcher)
        .await?;
    let secret = account.get::<Secret>(&stack.secret.name, watcher).await?;
    let around = CacheSeen {
        security_group: owned(group),
        secret: owned(secret),
        ..CacheSeen::default()
    };
    match &stack.form {
        Form::Serverless(of) => serverless(of, around, account, watcher).await,
        Form::Replication(of) => replication(of, around, status, account, watcher).await,
    }
}

async fn serverless(
    of: &Serverless,
    around: CacheSeen,
    account: &Account,
    watcher: &Watcher,
) -> Result<CacheSeen, CloudError> {
    let cache = account
        .get::<ServerlessCache>(&of.cache.name, watcher)
        .await?;
    let user = account.get::<CacheUser>(&of.user.id, watcher).await?;
    let user_group = account
        .get::<CacheUserGroup>(&of.user_group.id, watcher)
        .await?;
    Ok(CacheSeen {
        user: owned(user),
        user_group: owned(user_group),
        cache: owned(cache),
        ..around
    })
}

async fn replication(
    of: &Replication,
    around: CacheSeen,
    status: Option<&CacheClusterStatus>,
    account: &Account,
    watcher: &Watcher,
) -> Result<CacheSeen, CloudError> {
    let subnet_group = account
        .get::<CacheSubnetGroup>(&of.subnet_group.name, watcher)
        .await?;
    let parameter_group = account
        .get::<CacheParameterGroup>(&of.parameter_group.name, watcher)
        .await?;
    let id = &of.group.id;
    let mut group = account.get::<ReplicationGroup>(id, watcher).await?;
    // Gone is said only after a single read (architecture.md, the shared view). So is that a token's
    // call is still to be made: made twice, it would take the old token away from who holds it.
    let lost = group.is_none() && status.is_some_and(|status| status.arn.is_some());
    if lost || awaits_call(status) {
        group = account.confirm::<ReplicationGroup>(id).await?;
    }
    Ok(CacheSeen {
        subnet_group: owned(subnet_group),
        parameter_group: owned(parameter_group),
        group: owned(group),
        ..around
    })
}

fn awaits_call(status: Option<&CacheClusterStatus>) -> bool {
    let token = status.and_then(|status| status.auth_token.as_ref());
    let rotation = token.and_then(|token| token.rotation.as_ref());
    rotation.is_some_and(|rotation| rotation.phase != TokenPhase::Rolling)
}

/// What AWS has of one that leaves. Who still uses a group or a user changes without a transition
/// of theirs, and the next sweep may be a minute away: once the cache is gone, they are read.
pub(super) async fn observe_leaving(
    stack: &CacheStack,
    account: &Account,
    watcher: &Watcher,
) -> Result<CacheSeen, CloudError> {
    let mut seen = observe(stack, None, account, watcher).await?;
    if let Form::Serverless(of) = &stack.form
        && seen.cache.is_none()
    {
        let (group, user) = (&of.user_group.id, &of.user.id);
        seen.user_group = owned(account.confirm::<CacheUserGroup>(group).await?);
        if seen.user_group.is_none() {
            seen.user = owned(account.confirm::<CacheUser>(user).await?);
        }
    }
    Ok(seen)
}
