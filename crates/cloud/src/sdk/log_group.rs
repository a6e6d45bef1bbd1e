//! CloudWatch log groups.

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::{Client, types::LogGroup as Wired};
use emr_resource::{
    Mutation, Service,
    ids::{Arn, LogGroupName},
    log_group::{Change, Desired, LogGroup, Observed},
};

use super::{Clients, Wire};
use crate::{Caller, CloudError, Cursor, Page, Port};

/// What our names begin with; see `emr_resource::names`. An account has thousands of others.
const PREFIX: &str = "/aws/rds/cluster/emr-";
/// CloudWatch Logs allows 50.
const PAGE: i32 = 50;

pub(super) struct Adapter {
    logs: Client,
    wire: Wire,
    account: String,
    region: String,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, caller: &Caller) -> Self {
        Self {
            logs: clients.logs.clone(),
            wire: Wire::new(caller, Service::Logs),
            account: caller.account().to_string(),
            region: caller.region().to_string(),
        }
    }

    /// What a new group is like: the reply is empty, and nothing in it is left to AWS.
    fn created(&self, desired: &Desired) -> Observed {
        let partition = desired
            .kms_key_arn
            .as_str()
            .split(':')
            .nth(1)
            .unwrap_or("aws");
        let (region, account, name) = (&self.region, &self.account, &desired.name);
        Observed {
            name: name.clone(),
            arn: Arn::new(format!(
                "arn:{partition}:logs:{region}:{account}:log-group:{name}"
            )),
            kms_key_arn: Some(desired.kms_key_arn.clone()),
            retention_days: None,
        }
    }
}

fn observed(group: &Wired) -> Option<Observed> {
    let arn = group.log_group_arn().or(group.arn())?;
    Some(Observed {
        name: LogGroupName::new(group.log_group_name()?),
        arn: arn.strip_suffix(":*").unwrap_or(arn).into(),
        kms_key_arn: group.kms_key_id().map(Into::into),
        retention_days: group
            .retention_in_days()
            .and_then(|days| u32::try_from(days).ok()),
    })
}

#[async_trait]
impl Port<LogGroup> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .logs
                .describe_log_groups()
                .log_group_name_prefix(PREFIX);
            call.limit(PAGE).set_next_token(token.clone()).send()
        };
        let page = self.wire.read("DescribeLogGroups", list).await?;
        let items = page.log_groups().iter().filter_map(observed).collect();
        Ok(Page::new(items, page.next_token()))
    }

    async fn read(&self, id: &LogGroupName) -> Result<Option<Observed>, CloudError> {
        // Sorted by name, so that the name itself comes before what it is a prefix of.
        let read = || {
            self.logs
                .describe_log_groups()
                .log_group_name_prefix(id.as_str())
                .send()
        };
        let found = self.wire.read("DescribeLogGroups", read).await?;
        Ok(found
            .log_groups()
            .iter()
            .filter_map(observed)
            .find(|group| group.name == *id))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let call = self
                    .logs
                    .create_log_group()
                    .log_group_name(desired.name.as_str())
                    .kms_key_id(desired.kms_key_arn.as_str())
                    .set_tags(Some(desired.tags.clone().into_iter().collect()));
                self.wire.mutate(operation, call.send()).await?;
                Ok(Some(self.created(desired)))
            }
            Change::SetRetention { name, days, .. } => {
                let call = self
                    .logs
                    .put_retention_policy()
                    .log_group_name(name.as_str());
                let call = call.retention_in_days(i32::try_from(*days).unwrap_or(i32::MAX));
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::SetKey { name, kms_key_arn } => {
                let call = self.logs.associate_kms_key().log_group_name(name.as_str());
                let call = call.kms_key_id(kms_key_arn.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
