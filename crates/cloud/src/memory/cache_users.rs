//! ElastiCache users and user groups.

use std::collections::{BTreeMap, BTreeSet};

use emr_resource::{
    cache_user::{self, AccessString, CacheUser},
    cache_user_group::{self, CacheUserGroup},
    ids::{CacheUserGroupId, CacheUserId},
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

#[derive(Clone, Default)]
pub(super) struct CacheUsers {
    pub(super) users: BTreeMap<CacheUserId, cache_user::Observed>,
    pub(super) groups: BTreeMap<CacheUserGroupId, cache_user_group::Observed>,
}

const ENGINES: [&str; 2] = ["valkey", "redis"];

/// AWS starts from nothing, and says so. Source: ElastiCache user guide, "Specifying permissions
/// using an access string".
fn rewritten(access: &AccessString) -> AccessString {
    let (patterns, commands): (Vec<_>, Vec<_>) = access
        .as_str()
        .split_whitespace()
        .filter(|term| *term != "-@all")
        .partition(|term| !term.starts_with(['+', '-']));
    AccessString::new([patterns, vec!["-@all"], commands].concat().join(" "))
}

impl CacheUsers {
    /// Source: ElastiCache API reference, `ModifyUser`, `InvalidUserState`.
    fn user(&mut self, id: &CacheUserId) -> Result<&mut cache_user::Observed, Refused> {
        let Some(user) = self.users.get_mut(id) else {
            return refuse("UserNotFound", format!("user {id} not found"));
        };
        let message = format!("user {id} is {}", user.status);
        ensure(user.status == "active", "InvalidUserState", message)?;
        Ok(user)
    }

    /// Source: ElastiCache API reference, `ModifyUserGroup`, `InvalidUserGroupState`.
    pub(super) fn group(
        &mut self,
        id: &CacheUserGroupId,
    ) -> Result<&mut cache_user_group::Observed, Refused> {
        let Some(group) = self.groups.get_mut(id) else {
            return refuse("UserGroupNotFound", format!("user group {id} not found"));
        };
        let message = format!("user group {id} is {}", group.status);
        ensure(group.status == "active", "InvalidUserGroupState", message)?;
        Ok(group)
    }

    /// Users exist, are active, and sign in with names of their own.
    fn check_members(&mut self, ids: &BTreeSet<CacheUserId>) -> Result<(), Refused> {
        let mut names = BTreeSet::new();
        for id in ids {
            let name = self.user(id)?.user_name.clone();
            ensure(names.insert(name), "DuplicateUserName", id.as_str())?;
        }
        Ok(())
    }
}

impl Room {
    fn user_rests(&mut self, id: &CacheUserId) {
        let id = id.clone();
        self.after(self.delays.users, move |room| {
            if let Some(user) = room.cache_users.users.get_mut(&id)
                && user.status == "modifying"
            {
                user.status = "active".into();
            }
        });
    }

    fn group_rests(&mut self, id: &CacheUserGroupId, status: &'static str) {
        let id = id.clone();
        self.after(self.delays.users, move |room| {
            if let Some(group) = room.cache_users.groups.get_mut(&id)
                && group.status == status
            {
                group.status = "active".into();
            }
        });
    }

    fn user_as_read(&self, user: &cache_user::Observed) -> cache_user::Observed {
        let groups = self.cache_users.groups.values();
        let of_user = groups.filter(|group| group.user_ids.contains(&user.id));
        cache_user::Observed {
            group_ids: of_user.map(|group| group.id.clone()).collect(),
            ..user.clone()
        }
    }

    fn group_as_read(&self, group: &cache_user_group::Observed) -> cache_user_group::Observed {
        let caches = self.caches.all.values();
        let of_group = caches.filter(|cache| cache.user_group_id.as_ref() == Some(&group.id));
        cache_user_group::Observed {
            caches: of_group.map(|cache| cache.name.clone()).collect(),
            ..group.clone()
        }
    }
}

impl Keeps<CacheUser> for Room {
    fn list(&self, window: Window) -> Vec<cache_user::Observed> {
        let untagged = |user: &cache_user::Observed| cache_user::Observed {
            tags: None,
            ..user.clone()
        };
        let mut users = window.show(self.cache_users.users.values(), untagged);
        // One look at every group for the whole page; users are in order.
        for group in self.cache_users.groups.values() {
            for id in &group.user_ids {
                if let Ok(at) = users.binary_search_by(|user| user.id.cmp(id)) {
                    users[at].group_ids.insert(group.id.clone());
                }
            }
        }
        users
    }

    fn read(&self, id: &CacheUserId) -> Option<cache_user::Observed> {
        let user = self.cache_users.users.get(id)?;
        Some(self.user_as_read(user))
    }

    fn change(
        &mut self,
        change: &cache_user::Change,
    ) -> Result<Option<cache_user::Observed>, Refused> {
        use cache_user::Change;
        match change {
            Change::Create(desired) => {
                let id = &desired.id;
                self.secrets.value(&desired.password_secret)?;
                let exists = self.cache_users.users.contains_key(id);
                ensure(!exists, "UserAlreadyExists", format!("{id} exists"))?;
                let engine = ENGINES.contains(&desired.engine.as_str());
                ensure(engine, "InvalidParameterValue", "no such engine")?;
                let user = cache_user::Observed {
                    id: id.clone(),
                    arn: self.arn("elasticache", &format!("user:{id}")),
                    status: "active".into(),
                    user_name: desired.user_name.clone(),
                    access: rewritten(&desired.access),
                    group_ids: BTreeSet::new(),
                    tags: Some(desired.tags.clone()),
                };
                self.cache_users.users.insert(id.clone(), user.clone());
                Ok(Some(user))
            }
            Change::Modify { id, access } => {
                let user = self.cache_users.user(id)?;
                user.access = rewritten(access);
                user.status = "modifying".into();
                self.user_rests(id);
                Ok(None)
            }
            // Groups lose the user. Source: ElastiCache API reference, `DeleteUser`.
            Change::Delete(id) => {
                self.cache_users.user(id)?.status = "deleting".into();
                let id = id.clone();
                self.after(self.delays.users, move |room| {
                    room.cache_users.users.remove(&id);
                    for group in room.cache_users.groups.values_mut() {
                        group.user_ids.remove(&id);
                    }
                });
                Ok(None)
            }
        }
    }
}

impl Keeps<CacheUserGroup> for Room {
    fn list(&self, window: Window) -> Vec<cache_user_group::Observed> {
        let untagged = |group: &cache_user_group::Observed| cache_user_group::Observed {
            tags: None,
            ..group.clone()
        };
        let mut groups = window.show(self.cache_users.groups.values(), untagged);
        for cache in self.caches.all.values() {
            if let Some(id) = &cache.user_group_id
                && let Ok(at) = groups.binary_search_by(|group| group.id.cmp(id))
            {
                groups[at].caches.insert(cache.name.clone());
            }
        }
        groups
    }

    fn read(&self, id: &CacheUserGroupId) -> Option<cache_user_group::Observed> {
        let group = self.cache_users.groups.get(id)?;
        Some(self.group_as_read(group))
    }

    fn change(
        &mut self,
        change: &cache_user_group::Change,
    ) -> Result<Option<cache_user_group::Observed>, Refused> {
        use cache_user_group::Change;
        match change {
            Change::Create(desired) => {
                let id = &desired.id;
                let exists = self.cache_users.groups.contains_key(id);
                ensure(!exists, "UserGroupAlreadyExists", format!("{id} exists"))?;
                self.cache_users.check_members(&desired.user_ids)?;
                // Redis OSS needs the user `default`, Valkey does not.
                // Source: ElastiCache user guide, "Role-Based Access Control (RBAC)".
                let default = desired.engine == "valkey";
                ensure(default, "DefaultUserRequired", "a user `default` is needed")?;
                let group = cache_user_group::Observed {
                    id: id.clone(),
                    arn: self.arn("elasticache", &format!("usergroup:{id}")),
                    status: "creating".into(),
                    engine: desired.engine.clone(),
                    user_ids: desired.user_ids.clone(),
                    caches: BTreeSet::new(),
                    tags: Some(desired.tags.clone()),
                };
                self.cache_users.groups.insert(id.clone(), group.clone());
                self.group_rests(id, "creating");
                Ok(Some(group))
            }
            Change::Modify { id, add, remove } => {
                let mut users = self.cache_users.group(id)?.user_ids.clone();
                users.retain(|user| !remove.contains(user));
                users.extend(add.iter().cloned());
                self.cache_users.check_members(&users)?;
                let group = self.cache_users.group(id)?;
                group.user_ids = users;
                group.status = "modifying".into();
                self.group_rests(id, "modifying");
                Ok(None)
            }
            Change::Delete(id) => {
                let seen = self.cache_users.group(id)?.clone();
                let used = !self.group_as_read(&seen).caches.is_empty();
                ensure(!used, "InvalidUserGroupState", "a cache uses it")?;
                self.cache_users.group(id)?.status = "deleting".into();
                let id = id.clone();
                self.after(self.delays.users, move |room| {
                    room.cache_users.groups.remove(&id);
                });
                Ok(None)
            }
        }
    }
}
