//! The roles that pods take, and whose pods take them.

use std::collections::BTreeMap;

use emr_resource::{
    bucket::canonical,
    ids::{Arn, PodIdentity, PodIdentityAssociationId, RoleName},
    pod_identity_association::{self, PodIdentityAssociation},
    pod_role::{self, PodRole},
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

#[derive(Clone, Default)]
pub(super) struct Associations {
    pub(super) all: BTreeMap<PodIdentity, pod_identity_association::Observed>,
}

/// Policies are JSON. Source: IAM API reference, `MalformedPolicyDocument`.
fn check_policy(text: &str) -> Result<(), Refused> {
    let json: Result<serde_json::Value, _> = serde_json::from_str(text);
    ensure(json.is_ok(), "MalformedPolicyDocument", "no JSON")
}

impl Keeps<PodRole> for Room {
    fn list(&self, _: Window) -> Vec<pod_role::Observed> {
        Vec::new()
    }

    fn read(&self, id: &RoleName) -> Option<pod_role::Observed> {
        self.roles().of_pods.get(id).cloned()
    }

    /// A role with a policy is not deleted. Source: IAM API reference, `DeleteRole`, `DeleteConflict`.
    fn change(&mut self, change: &pod_role::Change) -> Result<Option<pod_role::Observed>, Refused> {
        use pod_role::Change;
        if let Change::Create(desired) = change {
            self.roles().free(&desired.name)?;
            check_policy(&desired.trust_policy)?;
            let role = pod_role::Observed {
                name: desired.name.clone(),
                arn: Arn::new(format!(
                    "arn:aws:iam::{}:role{}{}",
                    self.account, desired.path, desired.name
                )),
                trust_policy: canonical(&desired.trust_policy),
                policy: None,
                permissions_boundary: desired.permissions_boundary.clone(),
                tags: desired.tags.clone(),
            };
            let mut roles = self.roles();
            roles.of_pods.insert(role.name.clone(), role.clone());
            return Ok(Some(role));
        }
        let mut roles = self.roles();
        let name = match change {
            Change::Create(desired) => &desired.name,
            Change::PutPolicy { name, .. } | Change::DeletePolicy(name) | Change::Delete(name) => {
                name
            }
        };
        let Some(role) = roles.of_pods.get_mut(name) else {
            return refuse("NoSuchEntity", format!("no role {name}"));
        };
        match change {
            Change::Create(_) => {}
            Change::PutPolicy { policy, .. } => {
                check_policy(policy)?;
                role.policy = Some(canonical(policy));
            }
            Change::DeletePolicy(_) => {
                let there = role.policy.take().is_some();
                ensure(there, "NoSuchEntity", "no such policy")?;
            }
            Change::Delete(_) => {
                ensure(role.policy.is_none(), "DeleteConflict", "it has a policy")?;
                roles.of_pods.remove(name);
            }
        }
        Ok(None)
    }
}

impl Keeps<PodIdentityAssociation> for Room {
    fn list(&self, _: Window) -> Vec<pod_identity_association::Observed> {
        Vec::new()
    }

    fn read(&self, id: &PodIdentity) -> Option<pod_identity_association::Observed> {
        self.associations.all.get(id).cloned()
    }

    /// One a service account. Source: EKS API reference, `CreatePodIdentityAssociation`,
    /// `ResourceInUseException`.
    fn change(
        &mut self,
        change: &pod_identity_association::Change,
    ) -> Result<Option<pod_identity_association::Observed>, Refused> {
        use pod_identity_association::Change;
        match change {
            Change::Create(desired) => {
                let identity = &desired.identity;
                let (cluster, _) = identity.as_str().split_once('/').unwrap_or_default();
                let known = cluster == self.seeded.cluster.name;
                let no_cluster = format!("no cluster {cluster}");
                ensure(known, "ResourceNotFoundException", no_cluster)?;
                let taken = self.associations.all.contains_key(identity);
                ensure(!taken, "ResourceInUseException", "it has one")?;
                let id = self.next_id("a-", identity.as_str());
                let made = pod_identity_association::Observed {
                    identity: identity.clone(),
                    arn: self.arn("eks", &format!("podidentityassociation/{cluster}/{id}")),
                    id: PodIdentityAssociationId::new(id),
                    role_arn: desired.role_arn.clone(),
                    tags: desired.tags.clone(),
                };
                let all = &mut self.associations.all;
                all.insert(identity.clone(), made.clone());
                Ok(Some(made))
            }
            Change::Update {
                identity,
                id,
                role_arn,
            } => {
                self.association(identity, id)?.role_arn = role_arn.clone();
                Ok(None)
            }
            Change::Delete { identity, id } => {
                self.association(identity, id)?;
                self.associations.all.remove(identity);
                Ok(None)
            }
        }
    }
}

impl Room {
    fn association(
        &mut self,
        identity: &PodIdentity,
        id: &PodIdentityAssociationId,
    ) -> Result<&mut pod_identity_association::Observed, Refused> {
        match self.associations.all.get_mut(identity) {
            Some(found) if found.id == *id => Ok(found),
            _ => refuse("ResourceNotFoundException", format!("no association {id}")),
        }
    }
}
