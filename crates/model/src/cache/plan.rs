//! From the cache that is seen to the one that is wanted, and away.

use emr_api::policy::DeletionPolicy;
use emr_resource::{
    Change, Step, cache_parameter_group, cache_subnet_group, cache_user, cache_user_group, names,
    replication_group, secret, security_group, serverless_cache,
};

use super::{
    CacheSeen, CacheStack, Form, Replication, Serverless,
    token::{self, Remembered},
};

/// The next step. `remembered` is what status knows of a replication group that was ready.
pub fn plan(stack: &CacheStack, remembered: &Remembered<'_>, seen: &CacheSeen) -> Step<Change> {
    match &stack.form {
        Form::Serverless(of) => serverless(stack, of, seen),
        Form::Replication(of) => replication(stack, of, remembered, seen),
    }
}

/// Who may connect, and the secret, which is never made anew once `needed_for` was made with it.
fn around(stack: &CacheStack, needed_for: Option<&str>, seen: &CacheSeen) -> Step<Change> {
    let owner = &stack.owner;
    let group = security_group::plan(&stack.security_group, seen.security_group.as_ref(), owner);
    let secret = secret::plan(&stack.secret, seen.secret.as_ref(), needed_for, owner);
    group.into_step().beside(secret.into_step())
}

/// Group and secret, the user, its group, the cache.
fn serverless(stack: &CacheStack, of: &Serverless, seen: &CacheSeen) -> Step<Change> {
    let owner = &stack.owner;
    let user = seen.user.as_ref();
    let needed_for = user.map(|user| format!("cache user {}", user.id));
    around(stack, needed_for.as_deref(), seen)
        .then(|| cache_user::plan(&of.user, user, owner).into_step())
        .then(|| {
            cache_user_group::plan(&of.user_group, seen.user_group.as_ref(), owner).into_step()
        })
        .then(|| {
            let Some(group) = &seen.security_group else {
                return waiting_for_security_group();
            };
            let mut desired = of.cache.clone();
            desired.security_group_id = group.id.clone();
            serverless_cache::plan(&desired, seen.cache.as_ref(), owner).into_step()
        })
}

fn waiting_for_security_group() -> Step<Change> {
    Step::wait("CreatingSecurityGroup", "AWS is making the security group")
}

/// The group is judged first: while it is lost, foreign or can't be kept, nothing around it is
/// touched. Then what it leans on, side by side; the group; and its token last.
fn replication(
    stack: &CacheStack,
    of: &Replication,
    remembered: &Remembered<'_>,
    seen: &CacheSeen,
) -> Step<Change> {
    let owner = &stack.owner;
    let planned = || {
        let (Some(group), Some(secret)) = (&seen.security_group, &seen.secret) else {
            return waiting_for_security_group();
        };
        let mut desired = of.group.clone();
        desired.security_group_id = group.id.clone();
        if let Some(version) = &secret.version {
            desired.token.version = version.clone();
        }
        let recorded = remembered.arn.as_ref();
        replication_group::plan(&desired, recorded, seen.group.as_ref(), owner).into_step()
    };
    judged(of, remembered, stack, seen)
        .then(|| {
            let group = seen.group.as_ref();
            let needed_for = group.map(|group| format!("replication group {}", group.id));
            Step::all([
                around(stack, needed_for.as_deref(), seen),
                cache_subnet_group::plan(&of.subnet_group, seen.subnet_group.as_ref(), owner)
                    .into_step(),
                cache_parameter_group::plan(
                    &of.parameter_group,
                    seen.parameter_group.as_ref(),
                    &owner.cluster,
                )
                .into_step(),
            ])
        })
        .then(planned)
        .then(|| token::plan(stack, remembered, seen))
}

/// A refusal of the group's own plan, before anything else is done.
fn judged(
    of: &Replication,
    remembered: &Remembered<'_>,
    stack: &CacheStack,
    seen: &CacheSeen,
) -> Step<Change> {
    let recorded = remembered.arn.as_ref();
    match replication_group::plan(&of.group, recorded, seen.group.as_ref(), &stack.owner) {
        Step::Refuse(refusal) => Step::Refuse(refusal),
        _ => Step::Settled,
    }
}

/// What else decides over a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// What to keep.
    pub policy: DeletionPolicy,
    /// Caches that still use the parameter group, this one not counted.
    pub parameter_group_users: usize,
}

/// The next step towards nothing being left but what the policy keeps. A cache of sessions has
/// nothing to keep (safety.md 3), so only `Retain` keeps it; of a replication group `Snapshot` keeps
/// a snapshot, which AWS takes before it deletes, and the token.
pub fn teardown(
    stack: &CacheStack,
    circumstances: &Circumstances,
    seen: &CacheSeen,
) -> Step<Change> {
    let owner = &stack.owner;
    if circumstances.policy == DeletionPolicy::Retain {
        return Step::Settled;
    }
    let copied = circumstances.policy == DeletionPolicy::Snapshot;
    let secret = || {
        if copied {
            Step::Settled
        } else {
            secret::remove(seen.secret.as_ref(), owner).into_step()
        }
    };
    let security_group = || security_group::remove(seen.security_group.as_ref(), owner).into_step();
    match &stack.form {
        Form::Serverless(_) => serverless_cache::remove(seen.cache.as_ref(), None, owner)
            .into_step()
            .then(|| cache_user_group::remove(seen.user_group.as_ref(), owner).into_step())
            .then(|| cache_user::remove(seen.user.as_ref(), owner).into_step())
            .then(|| security_group().beside(secret())),
        Form::Replication(_) => {
            let snapshot = copied.then(|| names::cache_final_snapshot(owner));
            replication_group::remove(seen.group.as_ref(), snapshot.as_ref(), owner)
                .into_step()
                .then(|| {
                    Step::all([
                        security_group(),
                        cache_subnet_group::remove(seen.subnet_group.as_ref(), owner).into_step(),
                        cache_parameter_group::remove_unused(
                            seen.parameter_group.as_ref(),
                            &owner.cluster,
                            circumstances.parameter_group_users,
                        )
                        .into_step(),
                        secret(),
                    ])
                })
        }
    }
}
