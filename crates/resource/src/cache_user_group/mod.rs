//! ElastiCache user groups: who may sign in to a cache.
//!
//! A group for Valkey needs no user `default`, unlike one for Redis OSS, so nobody can sign in
//! without a name. Source: ElastiCache user guide, "Role-Based Access Control (RBAC)".

use std::{collections::BTreeSet, time::Duration};

use crate::{
    Listing, Mutation, Owner, Refusal, ResourceType, Service, Step, Tags,
    ids::{Arn, CacheName, CacheUserGroupId, CacheUserId},
    ownership,
};

/// The resource type.
#[derive(Debug)]
pub struct CacheUserGroup;

/// A user group as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its id.
    pub id: CacheUserGroupId,
    /// `valkey`; can't be changed later.
    pub engine: String,
    /// Its users: all, and nobody else.
    pub user_ids: BTreeSet<CacheUserId>,
    /// Its tags.
    pub tags: Tags,
}

/// A user group as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: CacheUserGroupId,
    /// Its ARN.
    pub arn: Arn,
    /// `creating`, `active`, `modifying`, `deleting`.
    pub status: String,
    /// The engine it is for.
    pub engine: String,
    /// Its users.
    pub user_ids: BTreeSet<CacheUserId>,
    /// The serverless caches that use it.
    pub caches: BTreeSet<CacheName>,
    /// Its tags, which no list call returns.
    pub tags: Option<Tags>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateUserGroup`.
    Create(Desired),
    /// `ModifyUserGroup`.
    Modify {
        /// Its id.
        id: CacheUserGroupId,
        /// Users who may sign in from now on.
        add: BTreeSet<CacheUserId>,
        /// Users who may not any longer.
        remove: BTreeSet<CacheUserId>,
    },
    /// `DeleteUserGroup`.
    Delete(CacheUserGroupId),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateUserGroup",
            Self::Modify { .. } => "ModifyUserGroup",
            Self::Delete(_) => "DeleteUserGroup",
        }
    }

    fn target(&self) -> String {
        CacheUserGroup::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create cache user group {}", desired.id),
            Self::Modify { id, add, remove } => {
                let list = |verb: &str, users: &BTreeSet<CacheUserId>| {
                    users
                        .iter()
                        .map(|user| format!("{verb} {user}"))
                        .collect::<Vec<_>>()
                };
                let members = [list("add", add), list("remove", remove)]
                    .concat()
                    .join(", ");
                format!("change cache user group {id}: {members}")
            }
            Self::Delete(id) => format!("delete cache user group {id}"),
        }
    }
}

impl ResourceType for CacheUserGroup {
    const NAME: &'static str = "cache-user-group";
    const SERVICE: Service = Service::ElastiCache;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(5);
    /// Tags alone.
    const DETAIL_WINDOW: Duration = Duration::from_hours(4);
    type Id = CacheUserGroupId;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.id.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.id.clone(),
            Change::Modify { id, .. } | Change::Delete(id) => id.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        observed.tags.as_ref()
    }

    fn in_transition(observed: &Observed) -> bool {
        observed.status != "active"
    }

    fn lacks_details(observed: &Observed) -> bool {
        observed.tags.is_none()
    }

    fn absorb(listed: &mut Observed, known: &Observed) {
        listed.tags = listed.tags.take().or_else(|| known.tags.clone());
    }

    /// New members are pending until AWS is done with them, so a modified group is read.
    /// Source: ElastiCache API reference, `UserGroup`, `PendingChanges`.
    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        matches!(change, Change::Delete(_)).then(|| Observed {
            status: "deleting".into(),
            ..before.clone()
        })
    }
}

fn being_read(seen: &Observed) -> Step<Change> {
    Step::wait(
        "ReadingCache",
        format!("the tags of cache user group {} are being read", seen.id),
    )
}

/// Creates the group, or brings its members to exactly the wanted ones.
pub fn plan(desired: &Desired, observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Create(desired.clone()));
    };
    let Some(tags) = &seen.tags else {
        return being_read(seen);
    };
    ownership::guard(&format!("cache user group {}", seen.id), tags, owner)
        .then(|| {
            if seen.engine == desired.engine {
                return Step::Settled;
            }
            Step::refuse(
                Refusal::REPLACEMENT_REFUSED,
                format!(
                    "the engine of cache user group {} is {} and can't become {} without replacing \
                     the group. Set it back, or delete the cache and the group: they are created \
                     again as the spec says.",
                    seen.id, seen.engine, desired.engine
                ),
            )
        })
        .then(|| match seen.status.as_str() {
            "active" => Step::Settled,
            status => Step::wait(
                "ModifyingCacheUsers",
                format!("cache user group {} is {status}", seen.id),
            ),
        })
        .then(|| {
            let add: BTreeSet<_> = desired
                .user_ids
                .difference(&seen.user_ids)
                .cloned()
                .collect();
            let remove: BTreeSet<_> = seen
                .user_ids
                .difference(&desired.user_ids)
                .cloned()
                .collect();
            if add.is_empty() && remove.is_empty() {
                return Step::Settled;
            }
            Step::change(Change::Modify {
                id: seen.id.clone(),
                add,
                remove,
            })
        })
}

/// Deletes the group, if it is this owner's, once no cache uses it. Settled once it is gone.
pub fn remove(observed: Option<&Observed>, owner: &Owner) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::Settled;
    };
    let Some(tags) = &seen.tags else {
        return being_read(seen);
    };
    if ownership::claim(tags, owner) != ownership::Claim::Ours {
        return Step::Settled;
    }
    if seen.status != "active" {
        return Step::wait(
            "DeletingCacheUsers",
            format!("cache user group {} is {}", seen.id, seen.status),
        );
    }
    if let Some(cache) = seen.caches.first() {
        return Step::wait(
            "DeletingCacheUsers",
            format!(
                "cache user group {} is still used by cache {cache}",
                seen.id
            ),
        );
    }
    Step::change(Change::Delete(seen.id.clone()))
}

#[cfg(test)]
mod tests;
