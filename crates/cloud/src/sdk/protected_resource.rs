//! When AWS Backup last backed something up.

use async_trait::async_trait;
use aws_sdk_backup::{Client, types};
use emr_resource::{
    ids::Arn,
    protected_resource::{Change, Observed, ProtectedResource},
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

fn observed(resource: &types::ProtectedResource) -> Option<Observed> {
    Some(Observed {
        arn: resource.resource_arn()?.into(),
        last_backup: resource.last_backup_time().and_then(timestamp),
        recovery_point_arn: resource.last_recovery_point_arn().map(Into::into),
    })
}

#[async_trait]
impl Port<ProtectedResource> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .backup
                .list_protected_resources()
                .max_results(backup::PAGE);
            call.set_next_token(token.clone()).send()
        };
        let page = self.wire.read("ListProtectedResources", list).await?;
        let items = page.results().iter().filter_map(observed).collect();
        Ok(Page::new(items, page.next_token()))
    }

    async fn read(&self, id: &Arn) -> Result<Option<Observed>, CloudError> {
        let get = || {
            let call = self.backup.describe_protected_resource();
            call.resource_arn(id.as_str()).send()
        };
        let found = self.wire.read("DescribeProtectedResource", get).await;
        let Some(found) = CloudError::none_if_not_found(found)? else {
            return Ok(None);
        };
        Ok(Some(Observed {
            arn: id.clone(),
            last_backup: found.last_backup_time().and_then(timestamp),
            recovery_point_arn: found.last_recovery_point_arn().map(Into::into),
        }))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        match *change {}
    }
}
