//! IAM roles. One set an account: IAM knows no regions.

use std::collections::{BTreeMap, BTreeSet};

use emr_resource::{
    backup_role::{BackupRole, Change, Observed},
    ids::{Arn, RoleName},
    pod_role,
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

#[derive(Clone, Default)]
pub(super) struct Roles {
    pub(super) all: BTreeMap<RoleName, Observed>,
    pub(super) of_pods: BTreeMap<RoleName, pod_role::Observed>,
}

impl Roles {
    pub(super) fn by_arn(&self, arn: &Arn) -> Option<&Observed> {
        self.all.values().find(|role| role.arn == *arn)
    }

    /// Names are unique in an account, whatever the path.
    pub(super) fn free(&self, name: &RoleName) -> Result<(), Refused> {
        let taken = self.all.contains_key(name) || self.of_pods.contains_key(name);
        ensure(!taken, "EntityAlreadyExists", format!("{name} exists"))
    }

    pub(super) fn any_with(&self, policy: &Arn) -> bool {
        let mut roles = self.all.values();
        roles.any(|role| role.managed_policies.contains(policy))
    }
}

impl Keeps<BackupRole> for Room {
    fn list(&self, _: Window) -> Vec<Observed> {
        Vec::new()
    }

    fn read(&self, id: &RoleName) -> Option<Observed> {
        self.roles().all.get(id).cloned()
    }

    /// Attaching twice is no error.
    /// Source: IAM API reference, `CreateRole`, `AttachRolePolicy`.
    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => {
                let name = &desired.name;
                self.roles().free(name)?;
                let policy: Result<serde_json::Value, _> =
                    serde_json::from_str(&desired.trust_policy);
                ensure(policy.is_ok(), "MalformedPolicyDocument", "no JSON")?;
                let role = Observed {
                    name: name.clone(),
                    arn: Arn::new(format!(
                        "arn:aws:iam::{}:role{}{name}",
                        self.account, desired.path
                    )),
                    managed_policies: BTreeSet::new(),
                    permissions_boundary: desired.permissions_boundary.clone(),
                    tags: desired.tags.clone(),
                };
                self.roles().all.insert(name.clone(), role.clone());
                Ok(Some(role))
            }
            Change::Attach { name, policy } => {
                match self.roles().all.get_mut(name) {
                    Some(role) => role.managed_policies.insert(policy.clone()),
                    None => return refuse("NoSuchEntity", format!("no role {name}")),
                };
                Ok(None)
            }
        }
    }
}
