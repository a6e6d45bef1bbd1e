//! The IAM role of AWS Backup.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_iam::{Client, types::Role};
use emr_resource::{
    Mutation,
    backup_role::{BackupRole, Change, Desired, Observed},
    ids::{Arn, RoleName},
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

    async fn policies(&self, name: &RoleName) -> Result<BTreeSet<Arn>, CloudError> {
        let mut policies = BTreeSet::new();
        let mut marker: Option<String> = None;
        loop {
            let list = || {
                let call = self
                    .iam
                    .list_attached_role_policies()
                    .role_name(name.as_str());
                call.set_marker(marker.clone()).send()
            };
            let page = self.wire.read("ListAttachedRolePolicies", list).await?;
            policies.extend(
                page.attached_policies()
                    .iter()
                    .filter_map(|policy| Some(policy.policy_arn()?.into())),
            );
            marker = page
                .marker()
                .filter(|_| page.is_truncated())
                .map(str::to_owned);
            if marker.is_none() {
                return Ok(policies);
            }
        }
    }
}

fn observed(role: &Role, managed_policies: BTreeSet<Arn>) -> Observed {
    let boundary = role.permissions_boundary();
    Observed {
        name: RoleName::new(role.role_name()),
        arn: role.arn().into(),
        managed_policies,
        permissions_boundary: boundary
            .and_then(|boundary| boundary.permissions_boundary_arn())
            .map(Into::into),
        tags: iam::from_tags(role.tags()),
    }
}

/// What a role that has just been made is like: IAM's reply leaves tags and boundary out.
fn created(desired: &Desired, role: &Role) -> Observed {
    Observed {
        permissions_boundary: desired.permissions_boundary.clone(),
        tags: desired.tags.clone(),
        ..observed(role, BTreeSet::new())
    }
}

#[async_trait]
impl Port<BackupRole> for Adapter {
    async fn list(&self, _: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        Ok(Page::empty())
    }

    async fn read(&self, id: &RoleName) -> Result<Option<Observed>, CloudError> {
        let read = || self.iam.get_role().role_name(id.as_str()).send();
        let found = CloudError::none_if_not_found(self.wire.read("GetRole", read).await)?;
        let Some(role) = found.and_then(|found| found.role) else {
            return Ok(None);
        };
        let policies = CloudError::none_if_not_found(self.policies(id).await)?;
        Ok(policies.map(|policies| observed(&role, policies)))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let tags = iam::to_tags(&desired.tags, operation)?;
                let boundary = desired
                    .permissions_boundary
                    .as_ref()
                    .map(|arn| arn.as_str().to_owned());
                let call = self
                    .iam
                    .create_role()
                    .role_name(desired.name.as_str())
                    .path(&desired.path)
                    .assume_role_policy_document(&desired.trust_policy)
                    .set_permissions_boundary(boundary)
                    .set_tags(Some(tags));
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(answer.role().map(|role| created(desired, role)))
            }
            Change::Attach { name, policy } => {
                let call = self
                    .iam
                    .attach_role_policy()
                    .role_name(name.as_str())
                    .policy_arn(policy.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
