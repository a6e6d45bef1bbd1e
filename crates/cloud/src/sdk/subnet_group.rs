//! DB subnet groups. No list returns their tags; a single read adds them.

use async_trait::async_trait;
use aws_sdk_rds::{Client, types::DbSubnetGroup};
use emr_resource::{
    Mutation, Tags,
    ids::{SubnetGroupName, SubnetId},
    subnet_group::{Change, Observed, SubnetGroup},
};

use super::{Clients, Wire, rds};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    rds: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            rds: clients.rds.clone(),
            wire,
        }
    }

    async fn tags(&self, arn: &str) -> Result<Tags, CloudError> {
        let list = || self.rds.list_tags_for_resource().resource_name(arn).send();
        let tags = self.wire.read("ListTagsForResource", list).await?;
        Ok(rds::from_tags(tags.tag_list()))
    }
}

fn observed(group: &DbSubnetGroup, tags: Option<Tags>) -> Option<Observed> {
    Some(Observed {
        name: SubnetGroupName::new(group.db_subnet_group_name()?),
        arn: group.db_subnet_group_arn()?.into(),
        subnet_ids: group
            .subnets()
            .iter()
            .filter_map(|subnet| Some(SubnetId::new(subnet.subnet_identifier()?)))
            .collect(),
        tags,
    })
}

#[async_trait]
impl Port<SubnetGroup> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.rds.describe_db_subnet_groups().max_records(rds::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeDBSubnetGroups", list).await?;
        let groups = page.db_subnet_groups().iter();
        Ok(Page::new(
            groups.filter_map(|group| observed(group, None)).collect(),
            page.marker(),
        ))
    }

    async fn read(&self, id: &SubnetGroupName) -> Result<Option<Observed>, CloudError> {
        let read = || {
            self.rds
                .describe_db_subnet_groups()
                .db_subnet_group_name(id.as_str())
                .send()
        };
        let found = self.wire.read("DescribeDBSubnetGroups", read).await;
        let Some(found) = CloudError::none_if_not_found(found)? else {
            return Ok(None);
        };
        let Some(mut seen) = found
            .db_subnet_groups()
            .first()
            .and_then(|group| observed(group, None))
        else {
            return Ok(None);
        };
        seen.tags = CloudError::none_if_not_found(self.tags(seen.arn.as_str()).await)?;
        Ok(seen.tags.is_some().then_some(seen))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        let (reply, tags) = match change {
            Change::Create(desired) => {
                let ids = desired
                    .subnet_ids
                    .iter()
                    .map(|id| id.as_str().to_owned())
                    .collect();
                let call = self
                    .rds
                    .create_db_subnet_group()
                    .db_subnet_group_name(desired.name.as_str())
                    .db_subnet_group_description(&desired.description)
                    .set_subnet_ids(Some(ids))
                    .set_tags(Some(rds::to_tags(&desired.tags)));
                let reply = self.wire.mutate(operation, call.send()).await?;
                (reply.db_subnet_group, Some(desired.tags.clone()))
            }
            Change::Modify {
                name, subnet_ids, ..
            } => {
                let ids = subnet_ids.iter().map(|id| id.as_str().to_owned()).collect();
                let call = self
                    .rds
                    .modify_db_subnet_group()
                    .db_subnet_group_name(name.as_str())
                    .set_subnet_ids(Some(ids));
                (
                    self.wire
                        .mutate(operation, call.send())
                        .await?
                        .db_subnet_group,
                    None,
                )
            }
            Change::Delete(name) => {
                let call = self
                    .rds
                    .delete_db_subnet_group()
                    .db_subnet_group_name(name.as_str());
                self.wire.mutate(operation, call.send()).await?;
                (None, None)
            }
        };
        Ok(reply.and_then(|group| observed(&group, tags)))
    }
}
