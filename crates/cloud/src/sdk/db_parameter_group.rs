//! DB parameter groups, those of instances. Lists return neither parameters nor tags; a single read does.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_rds::{
    Client,
    types::{ApplyMethod, DbParameterGroup as Wired, Filter, Parameter},
};
use emr_resource::{
    Mutation, Tags,
    db_parameter_group::{Change, DbParameterGroup, Details, Observed},
    ids::ParameterGroupName,
    parameter_group::Change as Call,
};

use super::{Clients, Wire, rds};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    rds: Client,
    wire: Wire,
}

/// Which parameters to read.
enum Which<'a> {
    /// Those that were set.
    Set,
    /// These.
    Named(&'a BTreeMap<String, String>),
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            rds: clients.rds.clone(),
            wire,
        }
    }

    async fn parameters(
        &self,
        name: &ParameterGroupName,
        which: Which<'_>,
    ) -> Result<Vec<Parameter>, CloudError> {
        let mut all = Vec::new();
        let mut marker = None;
        loop {
            let list = || {
                let call = self
                    .rds
                    .describe_db_parameters()
                    .db_parameter_group_name(name.as_str())
                    .max_records(rds::PAGE)
                    .set_marker(marker.clone());
                match which {
                    Which::Set => call.source("user").send(),
                    Which::Named(parameters) => {
                        let names = parameters.keys().cloned().collect();
                        let filter = Filter::builder()
                            .name("parameter-name")
                            .set_values(Some(names));
                        call.filters(filter.build()).send()
                    }
                }
            };
            let page = self.wire.read("DescribeDBParameters", list).await?;
            all.extend(page.parameters.unwrap_or_default());
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(all);
            }
        }
    }

    async fn details(&self, seen: &Observed) -> Result<Details, CloudError> {
        let parameters = self
            .parameters(&seen.name, Which::Set)
            .await?
            .into_iter()
            .filter(|parameter| parameter.source().is_none_or(|source| source == "user"))
            .filter_map(|parameter| Some((parameter.parameter_name?, parameter.parameter_value?)))
            .collect();
        let list = || {
            self.rds
                .list_tags_for_resource()
                .resource_name(seen.arn.as_str())
                .send()
        };
        let tags = self.wire.read("ListTagsForResource", list).await?;
        Ok(Details {
            parameters,
            tags: rds::from_tags(tags.tag_list()),
        })
    }

    /// Static parameters can only be set with a reboot pending, and dynamic ones should not wait
    /// for one.
    async fn set(
        &self,
        operation: &'static str,
        name: &ParameterGroupName,
        parameters: &BTreeMap<String, String>,
    ) -> Result<(), CloudError> {
        let fixed: BTreeSet<String> = self
            .parameters(name, Which::Named(parameters))
            .await?
            .into_iter()
            .filter(|parameter| parameter.apply_type() == Some("static"))
            .filter_map(|parameter| parameter.parameter_name)
            .collect();
        let parameters = parameters.iter().map(|(name, value)| {
            let method = if fixed.contains(name) {
                ApplyMethod::PendingReboot
            } else {
                ApplyMethod::Immediate
            };
            let parameter = Parameter::builder()
                .parameter_name(name)
                .parameter_value(value);
            parameter.apply_method(method).build()
        });
        let call = self
            .rds
            .modify_db_parameter_group()
            .db_parameter_group_name(name.as_str())
            .set_parameters(Some(parameters.collect()));
        self.wire.mutate(operation, call.send()).await.map(drop)
    }
}

fn observed(group: &Wired, tags: Option<&Tags>) -> Option<Observed> {
    Some(Observed {
        name: ParameterGroupName::new(group.db_parameter_group_name()?),
        arn: group.db_parameter_group_arn()?.into(),
        family: group
            .db_parameter_group_family()
            .unwrap_or_default()
            .to_owned(),
        details: tags.map(|tags| Details {
            parameters: BTreeMap::new(),
            tags: tags.clone(),
        }),
    })
}

#[async_trait]
impl Port<DbParameterGroup> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .rds
                .describe_db_parameter_groups()
                .max_records(rds::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeDBParameterGroups", list).await?;
        let groups = page.db_parameter_groups().iter();
        Ok(Page::new(
            groups.filter_map(|group| observed(group, None)).collect(),
            page.marker(),
        ))
    }

    async fn read(&self, id: &ParameterGroupName) -> Result<Option<Observed>, CloudError> {
        let read = || {
            let call = self.rds.describe_db_parameter_groups();
            call.db_parameter_group_name(id.as_str()).send()
        };
        let found = self.wire.read("DescribeDBParameterGroups", read).await;
        let Some(found) = CloudError::none_if_not_found(found)? else {
            return Ok(None);
        };
        let group = found.db_parameter_groups().first();
        let Some(mut seen) = group.and_then(|group| observed(group, None)) else {
            return Ok(None);
        };
        seen.details = CloudError::none_if_not_found(self.details(&seen).await)?;
        Ok(seen.details.is_some().then_some(seen))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match &change.0 {
            Call::Create(desired) => {
                let call = self
                    .rds
                    .create_db_parameter_group()
                    .db_parameter_group_name(desired.name.as_str())
                    .db_parameter_group_family(&desired.family)
                    .description(&desired.description)
                    .set_tags(Some(rds::to_tags(&desired.tags)));
                let reply = self.wire.mutate(operation, call.send()).await?;
                let group = reply.db_parameter_group();
                Ok(group.and_then(|group| observed(group, Some(&desired.tags))))
            }
            Call::Set { name, parameters } => {
                self.set(operation, name, parameters).await?;
                Ok(None)
            }
            Call::Delete(name) => {
                let call = self.rds.delete_db_parameter_group();
                let call = call.db_parameter_group_name(name.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
