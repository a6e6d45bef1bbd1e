//! The IAM roles that pods take.

use async_trait::async_trait;
use aws_sdk_iam::{Client, types::Role};
use emr_resource::{
    Mutation,
    bucket::canonical,
    ids::RoleName,
    pod_role::{Change, Desired, Observed, POLICY, PodRole},
};

use super::{Clients, Wire, iam};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    iam: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            iam: clients.iam.clone(),
            wire,
        }
    }

    /// The inline policy; `None` where there is none, or no role any more.
    async fn policy(&self, name: &RoleName) -> Result<Option<String>, CloudError> {
        let read = || {
            let call = self.iam.get_role_policy().role_name(name.as_str());
            call.policy_name(POLICY).send()
        };
        let found = CloudError::none_if_not_found(self.wire.read("GetRolePolicy", read).await)?;
        Ok(found.map(|found| canonical(&iam::decoded(found.policy_document()))))
    }

    async fn create(
        &self,
        desired: &Desired,
        operation: &'static str,
    ) -> Result<Option<Observed>, CloudError> {
        let boundary = desired.permissions_boundary.as_ref();
        let call = self
            .iam
            .create_role()
            .role_name(desired.name.as_str())
            .path(&desired.path)
            .description(&desired.description)
            .assume_role_policy_document(&desired.trust_policy)
            .set_permissions_boundary(boundary.map(|arn| arn.as_str().to_owned()))
            .set_tags(Some(iam::to_tags(&desired.tags, operation)?));
        let answer = self.wire.mutate(operation, call.send()).await?;
        // IAM's reply leaves tags and boundary out.
        Ok(answer.role().map(|role| Observed {
            trust_policy: canonical(&desired.trust_policy),
            permissions_boundary: desired.permissions_boundary.clone(),
            tags: desired.tags.clone(),
            ..observed(role, None)
        }))
    }
}

fn observed(role: &Role, policy: Option<String>) -> Observed {
    let boundary = role.permissions_boundary();
    let trust = role.assume_role_policy_document().unwrap_or_default();
    Observed {
        name: RoleName::new(role.role_name()),
        arn: role.arn().into(),
        trust_policy: canonical(&iam::decoded(trust)),
        policy,
        permissions_boundary: boundary
            .and_then(|boundary| boundary.permissions_boundary_arn())
            .map(Into::into),
        tags: iam::from_tags(role.tags()),
    }
}

#[async_trait]
impl Port<PodRole> for Adapter {
    async fn list(&self, _: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        Ok(Page::empty())
    }

    async fn read(&self, id: &RoleName) -> Result<Option<Observed>, CloudError> {
        let read = || self.iam.get_role().role_name(id.as_str()).send();
        let found = CloudError::none_if_not_found(self.wire.read("GetRole", read).await)?;
        let Some(role) = found.and_then(|found| found.role) else {
            return Ok(None);
        };
        Ok(Some(observed(&role, self.policy(id).await?)))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => return self.create(desired, operation).await,
            Change::PutPolicy { name, policy } => {
                let call = self.iam.put_role_policy().role_name(name.as_str());
                let call = call.policy_name(POLICY).policy_document(policy);
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
            Change::DeletePolicy(name) => {
                let call = self.iam.delete_role_policy().role_name(name.as_str());
                let call = call.policy_name(POLICY);
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
            Change::Delete(name) => {
                let call = self.iam.delete_role().role_name(name.as_str());
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
        }?;
        // The replies are empty.
        Ok(None)
    }
}
