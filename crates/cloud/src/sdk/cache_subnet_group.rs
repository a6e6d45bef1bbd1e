//! Cache subnet groups. No list returns their tags; a single read adds them.

use async_trait::async_trait;
use aws_sdk_elasticache::{Client, types::CacheSubnetGroup as Wired};
use emr_resource::{
    Mutation, Tags,
    cache_subnet_group::{CacheSubnetGroup, Change, Observed},
    ids::{CacheSubnetGroupName, SubnetId},
};

use super::{Clients, Wire, elasticache};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    elasticache: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            elasticache: clients.elasticache.clone(),
            wire,
        }
    }
}

fn observed(group: &Wired, tags: Option<Tags>) -> Option<Observed> {
    Some(Observed {
        name: CacheSubnetGroupName::new(group.cache_subnet_group_name()?),
        arn: group.arn()?.into(),
        subnet_ids: group
            .subnets()
            .iter()
            .filter_map(|subnet| Some(SubnetId::new(subnet.subnet_identifier()?)))
            .collect(),
        tags,
    })
}

#[async_trait]
impl Port<CacheSubnetGroup> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .elasticache
                .describe_cache_subnet_groups()
                .max_records(elasticache::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeCacheSubnetGroups", list).await?;
        let groups = page.cache_subnet_groups().iter();
        Ok(Page::new(
            groups.filter_map(|group| observed(group, None)).collect(),
            page.marker(),
        ))
    }

    async fn read(&self, id: &CacheSubnetGroupName) -> Result<Option<Observed>, CloudError> {
        let read = || {
            self.elasticache
                .describe_cache_subnet_groups()
                .cache_subnet_group_name(id.as_str())
                .send()
        };
        let found = self.wire.read("DescribeCacheSubnetGroups", read).await;
        let Some(found) = CloudError::none_if_not_found(found)? else {
            return Ok(None);
        };
        let Some(mut seen) = found
            .cache_subnet_groups()
            .first()
            .and_then(|group| observed(group, None))
        else {
            return Ok(None);
        };
        let arn = Some(seen.arn.as_str());
        seen.tags = elasticache::tags(&self.elasticache, &self.wire, arn).await?;
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
                    .elasticache
                    .create_cache_subnet_group()
                    .cache_subnet_group_name(desired.name.as_str())
                    .cache_subnet_group_description(&desired.description)
                    .set_subnet_ids(Some(ids))
                    .set_tags(Some(elasticache::to_tags(&desired.tags)));
                let reply = self.wire.mutate(operation, call.send()).await?;
                (reply.cache_subnet_group, Some(desired.tags.clone()))
            }
            Change::Modify {
                name, subnet_ids, ..
            } => {
                let ids = subnet_ids.iter().map(|id| id.as_str().to_owned()).collect();
                let call = self
                    .elasticache
                    .modify_cache_subnet_group()
                    .cache_subnet_group_name(name.as_str())
                    .set_subnet_ids(Some(ids));
                (
                    self.wire
                        .mutate(operation, call.send())
                        .await?
                        .cache_subnet_group,
                    None,
                )
            }
            Change::Delete(name) => {
                let call = self
                    .elasticache
                    .delete_cache_subnet_group()
                    .cache_subnet_group_name(name.as_str());
                self.wire.mutate(operation, call.send()).await?;
                (None, None)
            }
        };
        Ok(reply.and_then(|group| observed(&group, tags)))
    }
}
