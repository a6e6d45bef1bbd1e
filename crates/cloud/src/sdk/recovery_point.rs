//! Recovery points, each read singly: with a call for what it is, and one for its tags.

use async_trait::async_trait;
use aws_sdk_backup::{Client, operation::describe_recovery_point::DescribeRecoveryPointOutput};
use emr_resource::{
    Mutation, Tags,
    recovery_point::{Change, Id, Observed, RecoveryPoint},
};

use super::{Clients, Wire, backup, wire::timestamp};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    backup: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            backup: clients.backup.clone(),
            wire,
        }
    }
}

fn observed(id: &Id, found: &DescribeRecoveryPointOutput, tags: Tags) -> Option<Observed> {
    Some(Observed {
        id: id.clone(),
        resource_arn: found.resource_arn()?.into(),
        status: found.status()?.as_str().to_owned(),
        created_at: found.creation_date().and_then(timestamp)?,
        completed_at: found.completion_date().and_then(timestamp),
        bytes: found.backup_size_in_bytes(),
        tags,
    })
}

#[async_trait]
impl Port<RecoveryPoint> for Adapter {
    async fn list(&self, _: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        Ok(Page::empty())
    }

    async fn read(&self, id: &Id) -> Result<Option<Observed>, CloudError> {
        let get = || {
            let call = self.backup.describe_recovery_point();
            let call = call.backup_vault_name(id.vault.as_str());
            call.recovery_point_arn(id.arn.as_str()).send()
        };
        let found = self.wire.read("DescribeRecoveryPoint", get).await;
        let Some(found) = CloudError::none_if_not_found(found)? else {
            return Ok(None);
        };
        let tags = backup::tags(&self.backup, &self.wire, &id.arn).await;
        let Some(tags) = CloudError::none_if_not_found(tags)? else {
            return Ok(None);
        };
        let lacks = || CloudError::malformed("DescribeRecoveryPoint", "resource, status or time");
        observed(id, &found, tags).map(Some).ok_or_else(lacks)
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let Change::Delete(id) = change;
        let call = self.backup.delete_recovery_point();
        let call = call.backup_vault_name(id.vault.as_str());
        let call = call.recovery_point_arn(id.arn.as_str());
        self.wire.mutate(change.operation(), call.send()).await?;
        Ok(None)
    }
}
