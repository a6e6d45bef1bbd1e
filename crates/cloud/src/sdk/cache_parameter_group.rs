//! Cache parameter groups. Lists return neither parameters nor tags; a single read does.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_elasticache::{
    Client,
    types::{CacheParameterGroup as Wired, ParameterNameValue},
};
use emr_resource::{
    Mutation, Tags,
    cache_parameter_group::{CacheParameterGroup, Change, Details, Observed},
    ids::CacheParameterGroupName,
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

    /// The parameters that were set.
    async fn parameters(
        &self,
        name: &CacheParameterGroupName,
    ) -> Result<BTreeMap<String, String>, CloudError> {
        let mut all = BTreeMap::new();
        let mut marker = None;
        loop {
            let list = || {
                let call = self
                    .elasticache
                    .describe_cache_parameters()
                    .cache_parameter_group_name(name.as_str())
                    .source("user")
                    .max_records(elasticache::PAGE);
                call.set_marker(marker.clone()).send()
            };
            let page = self.wire.read("DescribeCacheParameters", list).await?;
            let parameters = page.parameters.unwrap_or_default().into_iter();
            all.extend(parameters.filter_map(|of| Some((of.parameter_name?, of.parameter_value?))));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(all);
            }
        }
    }
}

fn observed(group: &Wired, tags: Option<&Tags>) -> Option<Observed> {
    Some(Observed {
        name: CacheParameterGroupName::new(group.cache_parameter_group_name()?),
        arn: group.arn()?.into(),
        family: group
            .cache_parameter_group_family()
            .unwrap_or_default()
            .to_owned(),
        details: tags.map(|tags| Details {
            parameters: BTreeMap::new(),
            tags: tags.clone(),
        }),
    })
}

#[async_trait]
impl Port<CacheParameterGroup> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .elasticache
                .describe_cache_parameter_groups()
                .max_records(elasticache::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeCacheParameterGroups", list).await?;
        let groups = page.cache_parameter_groups().iter();
        Ok(Page::new(
            groups.filter_map(|group| observed(group, None)).collect(),
            page.marker(),
        ))
    }

    async fn read(&self, id: &CacheParameterGroupName) -> Result<Option<Observed>, CloudError> {
        let read = || {
            let call = self.elasticache.describe_cache_parameter_groups();
            call.cache_parameter_group_name(id.as_str()).send()
        };
        let found = self.wire.read("DescribeCacheParameterGroups", read).await;
        let Some(found) = CloudError::none_if_not_found(found)? else {
            return Ok(None);
        };
        let group = found.cache_parameter_groups().first();
        let Some(mut seen) = group.and_then(|group| observed(group, None)) else {
            return Ok(None);
        };
        let arn = Some(seen.arn.as_str());
        let tags = elasticache::tags(&self.elasticache, &self.wire, arn).await?;
        let parameters = CloudError::none_if_not_found(self.parameters(id).await)?;
        seen.details = parameters
            .zip(tags)
            .map(|(parameters, tags)| Details { parameters, tags });
        Ok(seen.details.is_some().then_some(seen))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let call = self
                    .elasticache
                    .create_cache_parameter_group()
                    .cache_parameter_group_name(desired.name.as_str())
                    .cache_parameter_group_family(&desired.family)
                    .description(&desired.description)
                    .set_tags(Some(elasticache::to_tags(&desired.tags)));
                let reply = self.wire.mutate(operation, call.send()).await?;
                let group = reply.cache_parameter_group();
                Ok(group.and_then(|group| observed(group, Some(&desired.tags))))
            }
            Change::Set { name, parameters } => {
                let parameters = parameters.iter().map(|(name, value)| {
                    ParameterNameValue::builder()
                        .parameter_name(name)
                        .parameter_value(value)
                        .build()
                });
                let call = self
                    .elasticache
                    .modify_cache_parameter_group()
                    .cache_parameter_group_name(name.as_str())
                    .set_parameter_name_values(Some(parameters.collect()));
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete(name) => {
                let call = self.elasticache.delete_cache_parameter_group();
                let call = call.cache_parameter_group_name(name.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
