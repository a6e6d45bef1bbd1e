//! What people read of a cache.

use emr_api::{
    cache_cluster::CacheClusterStatus,
    references::{Placement, SecretRef},
};
use emr_resource::{
    ResourceType, cache_user, cache_user_group,
    ownership::{self, Claim},
    secret, security_group, serverless_cache,
};

use super::{CacheSeen, CacheStack};
use crate::inventory::line;

/// A sentence when an application can connect.
pub fn usable(stack: &CacheStack, seen: &CacheSeen) -> Option<String> {
    let cache = ours(stack, seen)?;
    let endpoint = cache.endpoint.as_ref()?;
    matches!(cache.status.as_str(), "available" | "modifying")
        .then(|| format!("{} answers at {}", cache.name, endpoint.address))
}

/// The cache, if it is this owner's: another's is not used.
fn ours<'a>(stack: &CacheStack, seen: &'a CacheSeen) -> Option<&'a serverless_cache::Observed> {
    seen.cache.as_ref().filter(|cache| {
        let tags = cache.tags.as_ref();
        tags.is_some_and(|tags| ownership::claim(tags, &stack.owner) == Claim::Ours)
    })
}

/// Where to write, once it is known.
pub fn endpoint<'a>(
    stack: &CacheStack,
    seen: &'a CacheSeen,
) -> Option<&'a serverless_cache::Endpoint> {
    ours(stack, seen)?.endpoint.as_ref()
}

/// The status that follows from what is seen.
pub fn status(
    old: &CacheClusterStatus,
    stack: &CacheStack,
    seen: &CacheSeen,
    placement: &Placement,
    connection_secret_ref: Option<SecretRef>,
) -> CacheClusterStatus {
    let cache = ours(stack, seen);
    let endpoint = cache.and_then(|cache| cache.endpoint.as_ref());
    CacheClusterStatus {
        observed_generation: old.observed_generation,
        conditions: old.conditions.clone(),
        placement: Some(old.placement.clone().unwrap_or_else(|| placement.clone())),
        arn: cache.map(|cache| cache.arn.to_string()),
        endpoint: endpoint.map(|endpoint| endpoint.address.clone()),
        reader_endpoint: cache
            .and_then(|cache| cache.reader_endpoint.as_ref())
            .map(|endpoint| endpoint.address.clone()),
        port: endpoint.map(|endpoint| i32::from(endpoint.port)),
        connection_secret_ref: connection_secret_ref.or_else(|| old.connection_secret_ref.clone()),
        resources: vec![
            line(
                security_group::SecurityGroup::NAME,
                &stack.security_group.name,
                seen.security_group
                    .as_ref()
                    .map(|group| (Some(group.id.as_str()), "available")),
            ),
            line(
                secret::Secret::NAME,
                &stack.secret.name,
                seen.secret
                    .as_ref()
                    .map(|secret| (Some(secret.arn.as_str()), "available")),
            ),
            line(
                cache_user::CacheUser::NAME,
                &stack.user.id,
                seen.user
                    .as_ref()
                    .map(|user| (Some(user.arn.as_str()), user.status.as_str())),
            ),
            line(
                cache_user_group::CacheUserGroup::NAME,
                &stack.user_group.id,
                seen.user_group
                    .as_ref()
                    .map(|group| (Some(group.arn.as_str()), group.status.as_str())),
            ),
            line(
                serverless_cache::ServerlessCache::NAME,
                &stack.cache.name,
                cache.map(|cache| (Some(cache.arn.as_str()), cache.status.as_str())),
            ),
        ],
    }
}
