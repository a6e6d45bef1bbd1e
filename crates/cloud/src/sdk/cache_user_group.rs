//! Cache user groups. No list returns their tags; a single read adds them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_elasticache::{Client, types::UserGroup};
use emr_resource::{
    Mutation, Tags,
    cache_user_group::{CacheUserGroup, Change, Observed},
    ids::{CacheName, CacheUserGroupId, CacheUserId},
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

/// Groups and the replies that tell of one have the same fields.
macro_rules! observed {
    ($group:expr, $tags:expr) => {{
        let group = $group;
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        group
            .user_group_id()
            .zip(group.arn())
            .map(|(id, arn)| Observed {
                id: CacheUserGroupId::new(id),
                arn: arn.into(),
                status: text(group.status()),
                // What was asked for as VALKEY may come back as valkey.
                engine: text(group.engine()).to_ascii_lowercase(),
                user_ids: group
                    .user_ids()
                    .iter()
                    .map(|id| CacheUserId::new(id.as_str()))
                    .collect(),
                caches: group
                    .serverless_caches()
                    .iter()
                    .map(|name| CacheName::new(name.as_str()))
                    .collect(),
                tags: $tags,
            })
    }};
}

fn observed(group: &UserGroup, tags: Option<Tags>) -> Option<Observed> {
    observed!(group, tags)
}

/// `None` for nobody: ElastiCache refuses an empty list.
fn users(ids: &BTreeSet<CacheUserId>) -> Option<Vec<String>> {
    (!ids.is_empty()).then(|| ids.iter().map(|id| id.as_str().to_owned()).collect())
}

#[async_trait]
impl Port<CacheUserGroup> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .elasticache
                .describe_user_groups()
                .max_records(elasticache::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeUserGroups", list).await?;
        let groups = page.user_groups().iter();
        Ok(Page::new(
            groups.filter_map(|group| observed(group, None)).collect(),
            page.marker(),
        ))
    }

    async fn read(&self, id: &CacheUserGroupId) -> Result<Option<Observed>, CloudError> {
        let read = || {
            self.elasticache
                .describe_user_groups()
                .user_group_id(id.as_str())
                .send()
        };
        let found = self.wire.read("DescribeUserGroups", read).await;
        let found = CloudError::none_if_not_found(found)?;
        let Some(group) = found.as_ref().and_then(|found| found.user_groups().first()) else {
            return Ok(None);
        };
        let tags = elasticache::tags(&self.elasticache, &self.wire, group.arn()).await?;
        Ok(observed(group, tags))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let call = self
                    .elasticache
                    .create_user_group()
                    .user_group_id(desired.id.as_str())
                    .engine(&desired.engine)
                    .set_user_ids(users(&desired.user_ids))
                    .set_tags(Some(elasticache::to_tags(&desired.tags)));
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(observed!(&answer, Some(desired.tags.clone())))
            }
            Change::Modify { id, add, remove } => {
                let call = self
                    .elasticache
                    .modify_user_group()
                    .user_group_id(id.as_str())
                    .set_user_ids_to_add(users(add))
                    .set_user_ids_to_remove(users(remove));
                // The reply may show the group as it was before.
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete(id) => {
                let call = self
                    .elasticache
                    .delete_user_group()
                    .user_group_id(id.as_str());
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(observed!(&answer, None))
            }
        }
    }
}
