//! From the cache that is seen to the one that is wanted, and away.

use emr_api::policy::DeletionPolicy;
use emr_resource::{
    Change, Step, cache_user, cache_user_group, secret, security_group, serverless_cache,
};

use super::{CacheSeen, CacheStack};

/// The next step: group and secret, the user, its group, the cache.
pub fn plan(stack: &CacheStack, seen: &CacheSeen) -> Step<Change> {
    let owner = &stack.owner;
    let needed_for = seen
        .user
        .as_ref()
        .map(|user| format!("cache user {}", user.id));
    Step::all([
        security_group::plan(&stack.security_group, seen.security_group.as_ref(), owner)
            .into_step(),
        secret::plan(
            &stack.secret,
            seen.secret.as_ref(),
            needed_for.as_deref(),
            owner,
        )
        .into_step(),
    ])
    .then(|| cache_user::plan(&stack.user, seen.user.as_ref(), owner).into_step())
    .then(|| cache_user_group::plan(&stack.user_group, seen.user_group.as_ref(), owner).into_step())
    .then(|| {
        let Some(group) = &seen.security_group else {
            return Step::wait("CreatingSecurityGroup", "AWS is making the security group");
        };
        let mut desired = stack.cache.clone();
        desired.security_group_id = group.id.clone();
        serverless_cache::plan(&desired, seen.cache.as_ref(), owner).into_step()
    })
}

/// The next step towards nothing being left. A cache of sessions has nothing to keep (safety.md
/// 3), so only `Retain` keeps it.
pub fn teardown(stack: &CacheStack, policy: DeletionPolicy, seen: &CacheSeen) -> Step<Change> {
    let owner = &stack.owner;
    match policy {
        DeletionPolicy::Retain => Step::Settled,
        DeletionPolicy::Snapshot | DeletionPolicy::Delete => {
            serverless_cache::remove(seen.cache.as_ref(), None, owner)
                .into_step()
                .then(|| cache_user_group::remove(seen.user_group.as_ref(), owner).into_step())
                .then(|| cache_user::remove(seen.user.as_ref(), owner).into_step())
                .then(|| {
                    let secret = match policy {
                        DeletionPolicy::Delete => {
                            secret::remove(seen.secret.as_ref(), owner).into_step()
                        }
                        _ => Step::Settled,
                    };
                    security_group::remove(seen.security_group.as_ref(), owner)
                        .into_step()
                        .beside(secret)
                })
        }
    }
}
