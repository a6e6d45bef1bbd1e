//! Cache users. The password comes from Secrets Manager at the moment of the call and goes nowhere
//! else (invariant 7). No list returns their tags; a single read adds them.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticache::{Client, types::User};
use emr_resource::{
    Mutation, Tags,
    cache_user::{AccessString, CacheUser, Change, Observed},
    ids::{CacheUserGroupId, CacheUserId},
};

use super::{Clients, Wire, elasticache};
use crate::{CloudError, Cursor, Page, Port, SecretValues};

pub(super) struct Adapter {
    elasticache: Client,
    wire: Wire,
    secrets: Arc<dyn SecretValues>,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire, secrets: Arc<dyn SecretValues>) -> Self {
        Self {
            elasticache: clients.elasticache.clone(),
            wire,
            secrets,
        }
    }
}

/// Users and the replies that tell of one have the same fields.
macro_rules! observed {
    ($user:expr, $tags:expr) => {{
        let user = $user;
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        user.user_id().zip(user.arn()).map(|(id, arn)| Observed {
            id: CacheUserId::new(id),
            arn: arn.into(),
            status: text(user.status()),
            user_name: text(user.user_name()),
            access: AccessString::new(text(user.access_string())),
            group_ids: user
                .user_group_ids()
                .iter()
                .map(|id| CacheUserGroupId::new(id.as_str()))
                .collect(),
            tags: $tags,
        })
    }};
}

fn observed(user: &User, tags: Option<Tags>) -> Option<Observed> {
    observed!(user, tags)
}

#[async_trait]
impl Port<CacheUser> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .elasticache
                .describe_users()
                .max_records(elasticache::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeUsers", list).await?;
        let users = page.users().iter();
        Ok(Page::new(
            users.filter_map(|user| observed(user, None)).collect(),
            page.marker(),
        ))
    }

    async fn read(&self, id: &CacheUserId) -> Result<Option<Observed>, CloudError> {
        let read = || {
            self.elasticache
                .describe_users()
                .user_id(id.as_str())
                .send()
        };
        let found = CloudError::none_if_not_found(self.wire.read("DescribeUsers", read).await)?;
        let Some(user) = found.as_ref().and_then(|found| found.users().first()) else {
            return Ok(None);
        };
        let tags = elasticache::tags(&self.elasticache, &self.wire, user.arn()).await?;
        Ok(observed(user, tags))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let secret = self.secrets.read(&desired.password_secret).await?;
                let call = self
                    .elasticache
                    .create_user()
                    .user_id(desired.id.as_str())
                    .user_name(&desired.user_name)
                    .engine(&desired.engine)
                    .access_string(desired.access.as_str())
                    .passwords(secret.password.as_str())
                    .set_tags(Some(elasticache::to_tags(&desired.tags)));
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(observed!(&answer, Some(desired.tags.clone())))
            }
            Change::Modify { id, access } => {
                let call = self
                    .elasticache
                    .modify_user()
                    .user_id(id.as_str())
                    .access_string(access.as_str());
                // The reply may show the user as it was before.
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete(id) => {
                let call = self.elasticache.delete_user().user_id(id.as_str());
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(observed!(&answer, None))
            }
        }
    }
}
