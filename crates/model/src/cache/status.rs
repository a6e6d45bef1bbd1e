//! What people read of a cache.

use emr_api::{
    cache_cluster::CacheClusterStatus,
    references::{Placement, ResourceStatus, SecretRef},
};
use emr_resource::{
    ResourceType, Tags, cache_parameter_group, cache_subnet_group, cache_user, cache_user_group,
    ownership::{self, Claim},
    replication_group, secret, security_group,
    serverless_cache::{self, Endpoint},
};

use super::{CacheSeen, CacheStack, Form, Replication, Serverless, token};
use crate::inventory::line;

/// A sentence when an application can connect.
pub fn usable(stack: &CacheStack, seen: &CacheSeen) -> Option<String> {
    let endpoint = endpoint(stack, seen)?;
    let (name, status) = match &stack.form {
        Form::Serverless(of) => (of.cache.name.as_str(), &seen.cache.as_ref()?.status),
        Form::Replication(of) => (of.group.id.as_str(), &seen.group.as_ref()?.status),
    };
    matches!(status.as_str(), "available" | "modifying" | "snapshotting")
        .then(|| format!("{name} answers at {}", endpoint.address))
}

fn is_ours(stack: &CacheStack, tags: Option<&Tags>) -> bool {
    tags.is_some_and(|tags| ownership::claim(tags, &stack.owner) == Claim::Ours)
}

/// The serverless cache, if it is this owner's: another's is not used.
fn our_cache<'a>(
    stack: &CacheStack,
    seen: &'a CacheSeen,
) -> Option<&'a serverless_cache::Observed> {
    let cache = seen.cache.as_ref();
    cache.filter(|cache| is_ours(stack, cache.tags.as_ref()))
}

/// The replication group, if it is this owner's: another's is neither used nor remembered.
pub(super) fn ours<'a>(
    stack: &CacheStack,
    seen: &'a CacheSeen,
) -> Option<&'a replication_group::Observed> {
    let group = seen.group.as_ref();
    group.filter(|group| is_ours(stack, group.tags.as_ref()))
}

/// Where to write, once it is known.
pub fn endpoint<'a>(stack: &CacheStack, seen: &'a CacheSeen) -> Option<&'a Endpoint> {
    match &stack.form {
        Form::Serverless(_) => our_cache(stack, seen)?.endpoint.as_ref(),
        Form::Replication(_) => ours(stack, seen)?.endpoint.as_ref(),
    }
}

/// Where to read, where that is another place.
pub fn reader_endpoint<'a>(stack: &CacheStack, seen: &'a CacheSeen) -> Option<&'a Endpoint> {
    match &stack.form {
        Form::Serverless(_) => our_cache(stack, seen)?.reader_endpoint.as_ref(),
        Form::Replication(_) => ours(stack, seen)?.reader_endpoint.as_ref(),
    }
}

/// The status that follows from what is seen. `remembered` is what the old one told.
pub fn status(
    old: &CacheClusterStatus,
    stack: &CacheStack,
    remembered: &token::Remembered<'_>,
    seen: &CacheSeen,
    placement: &Placement,
    connection_secret_ref: Option<SecretRef>,
) -> CacheClusterStatus {
    let endpoint = endpoint(stack, seen);
    let group = ours(stack, seen);
    let arn = match &stack.form {
        Form::Serverless(_) => our_cache(stack, seen).map(|cache| cache.arn.to_string()),
        // Only of one that was ready once, and then for good.
        Form::Replication(_) => old.arn.clone().or_else(|| {
            let served = group.filter(|group| group.endpoint.is_some() && group.is_available());
            served.map(|group| group.arn.to_string())
        }),
    };
    let version = group.and_then(|group| group.details.as_ref());
    CacheClusterStatus {
        observed_generation: old.observed_generation,
        conditions: old.conditions.clone(),
        placement: Some(old.placement.clone().unwrap_or_else(|| placement.clone())),
        arn,
        endpoint: endpoint.map(|endpoint| endpoint.address.clone()),
        reader_endpoint: reader_endpoint(stack, seen).map(|endpoint| endpoint.address.clone()),
        port: endpoint.map(|endpoint| i32::from(endpoint.port)),
        engine_version: version.map(|details| details.engine_version.clone()),
        auth_token: token::next(stack, remembered, seen),
        connection_secret_ref: connection_secret_ref.or_else(|| old.connection_secret_ref.clone()),
        resources: resources(stack, seen),
    }
}

fn resources(stack: &CacheStack, seen: &CacheSeen) -> Vec<ResourceStatus> {
    let group = seen.security_group.as_ref();
    let secret = seen.secret.as_ref();
    let mut all = vec![
        line(
            security_group::SecurityGroup::NAME,
            &stack.security_group.name,
            group.map(|group| (Some(group.id.as_str()), "available")),
        ),
        line(
            secret::Secret::NAME,
            &stack.secret.name,
            secret.map(|secret| (Some(secret.arn.as_str()), "available")),
        ),
    ];
    match &stack.form {
        Form::Serverless(of) => all.extend(of_serverless(stack, of, seen)),
        Form::Replication(of) => all.extend(of_replication(stack, of, seen)),
    }
    all
}

fn of_serverless(stack: &CacheStack, of: &Serverless, seen: &CacheSeen) -> [ResourceStatus; 3] {
    let (user, group) = (seen.user.as_ref(), seen.user_group.as_ref());
    let cache = our_cache(stack, seen);
    [
        line(
            cache_user::CacheUser::NAME,
            &of.user.id,
            user.map(|user| (Some(user.arn.as_str()), user.status.as_str())),
        ),
        line(
            cache_user_group::CacheUserGroup::NAME,
            &of.user_group.id,
            group.map(|group| (Some(group.arn.as_str()), group.status.as_str())),
        ),
        line(
            serverless_cache::ServerlessCache::NAME,
            &of.cache.name,
            cache.map(|cache| (Some(cache.arn.as_str()), cache.status.as_str())),
        ),
    ]
}

fn of_replication(stack: &CacheStack, of: &Replication, seen: &CacheSeen) -> [ResourceStatus; 3] {
    let (subnets, parameters) = (seen.subnet_group.as_ref(), seen.parameter_group.as_ref());
    let group = ours(stack, seen);
    [
        line(
            cache_subnet_group::CacheSubnetGroup::NAME,
            &of.subnet_group.name,
            subnets.map(|group| (Some(group.arn.as_str()), "available")),
        ),
        line(
            cache_parameter_group::CacheParameterGroup::NAME,
            &of.parameter_group.name,
            parameters.map(|group| (Some(group.arn.as_str()), "available")),
        ),
        line(
            replication_group::ReplicationGroup::NAME,
            &of.group.id,
            group.map(|group| (Some(group.arn.as_str()), group.status.as_str())),
        ),
    ]
}
