//! ElastiCache users: a name, a password and what they may do.
//!
//! The password is never part of a change: the adapter reads it from Secrets Manager when it makes
//! the call, so that it can't reach a log or an event (invariant 7).

mod access;
mod plan;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, time::Duration};

pub use access::{AccessString, PHP_SESSIONS};
pub use plan::{plan, remove};

use crate::{
    Listing, Mutation, ResourceType, Service, Tags,
    ids::{Arn, CacheUserGroupId, CacheUserId, SecretName},
};

/// The resource type.
#[derive(Debug)]
pub struct CacheUser;

/// A user as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its id.
    pub id: CacheUserId,
    /// The name to sign in with, unique within a user group: ours is the id. Can't be changed.
    pub user_name: String,
    /// `valkey`.
    pub engine: String,
    /// What the user may do.
    pub access: AccessString,
    /// Where the password lies in Secrets Manager; read when the user is created.
    pub password_secret: SecretName,
    /// Its tags.
    pub tags: Tags,
}

/// A user as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: CacheUserId,
    /// Its ARN.
    pub arn: Arn,
    /// `active`, `modifying`, `deleting`.
    pub status: String,
    /// The name to sign in with.
    pub user_name: String,
    /// What the user may do.
    pub access: AccessString,
    /// Groups that the user belongs to.
    pub group_ids: BTreeSet<CacheUserGroupId>,
    /// Its tags, which no list call returns.
    pub tags: Option<Tags>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateUser`, with the password that the secret holds.
    Create(Box<Desired>),
    /// `ModifyUser`.
    Modify {
        /// Its id.
        id: CacheUserId,
        /// What the user may do from now on.
        access: AccessString,
    },
    /// `DeleteUser`.
    Delete(CacheUserId),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateUser",
            Self::Modify { .. } => "ModifyUser",
            Self::Delete(_) => "DeleteUser",
        }
    }

    fn target(&self) -> String {
        CacheUser::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create cache user {}", desired.id),
            Self::Modify { id, access } => format!("change access of cache user {id}: {access}"),
            Self::Delete(id) => format!("delete cache user {id}"),
        }
    }
}

impl ResourceType for CacheUser {
    const NAME: &'static str = "cache-user";
    const SERVICE: Service = Service::ElastiCache;
    const LISTING: Listing = Listing::Pages;
    const DRIFT_WINDOW: Duration = Duration::from_mins(5);
    /// Tags alone.
    const DETAIL_WINDOW: Duration = Duration::from_hours(4);
    type Id = CacheUserId;
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

    /// Access strings are equal by meaning, so it does not matter how AWS writes this one.
    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let mut seen = before.clone();
        match change {
            Change::Create(_) => return None,
            Change::Modify { access, .. } => {
                seen.access = access.clone();
                seen.status = "modifying".into();
            }
            Change::Delete(_) => seen.status = "deleting".into(),
        }
        Some(seen)
    }
}
