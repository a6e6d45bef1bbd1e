//! Serverless caches. No list returns their tags; a single read adds them.

use async_trait::async_trait;
use aws_sdk_elasticache::{
    Client,
    operation::{
        create_serverless_cache::builders::CreateServerlessCacheFluentBuilder,
        modify_serverless_cache::builders::ModifyServerlessCacheFluentBuilder,
    },
    types::{
        CacheUsageLimits, DataStorage, DataStorageUnit, EcpuPerSecond, Endpoint as WiredEndpoint,
        ServerlessCache as Wired,
    },
};
use emr_resource::{
    Mutation, Tags,
    ids::{CacheName, CacheUserGroupId, SecurityGroupId, SubnetId},
    serverless_cache::{Change, Desired, Endpoint, Observed, ServerlessCache, Settings},
};

use super::{Clients, Wire, elasticache, wire::timestamp};
use crate::{CloudError, Cursor, Page, Port};

/// `ElastiCache` gives 50 serverless caches a page unless told, and its reference names no maximum.
const PAGE: i32 = 50;

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

    fn create(&self, desired: &Desired) -> CreateServerlessCacheFluentBuilder {
        let subnets = desired
            .subnet_ids
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect();
        self.elasticache
            .create_serverless_cache()
            .serverless_cache_name(desired.name.as_str())
            .description(&desired.description)
            .engine(&desired.engine)
            .major_engine_version(&desired.major_version)
            .cache_usage_limits(limits(desired.max_data_gb, desired.max_ecpu))
            .kms_key_id(desired.kms_key_arn.as_str())
            .security_group_ids(desired.security_group_id.as_str())
            .set_subnet_ids(Some(subnets))
            .user_group_id(desired.user_group_id.as_str())
            .snapshot_retention_limit(number(desired.snapshot_retention_days))
            .set_daily_snapshot_time(desired.daily_snapshot_time.clone())
            .set_tags(Some(elasticache::to_tags(&desired.tags)))
    }

    fn modify(&self, name: &CacheName, settings: &Settings) -> ModifyServerlessCacheFluentBuilder {
        let group = settings
            .security_group_id
            .as_ref()
            .map(|id| vec![id.as_str().to_owned()]);
        let users = settings
            .user_group_id
            .as_ref()
            .map(|id| id.as_str().to_owned());
        self.elasticache
            .modify_serverless_cache()
            .serverless_cache_name(name.as_str())
            .set_description(settings.description.clone())
            .set_major_engine_version(settings.major_version.clone())
            .set_cache_usage_limits(settings.limits.map(|(data, ecpu)| limits(data, ecpu)))
            .set_security_group_ids(group)
            .set_user_group_id(users)
            .set_snapshot_retention_limit(settings.snapshot_retention_days.map(number))
            .set_daily_snapshot_time(settings.daily_snapshot_time.clone())
    }
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn limits(max_data_gb: u32, max_ecpu: u32) -> CacheUsageLimits {
    let data = DataStorage::builder()
        .maximum(number(max_data_gb))
        .unit(DataStorageUnit::Gb);
    let ecpu = EcpuPerSecond::builder().maximum(number(max_ecpu));
    CacheUsageLimits::builder()
        .data_storage(data.build())
        .ecpu_per_second(ecpu.build())
        .build()
}

fn endpoint(endpoint: &WiredEndpoint) -> Option<Endpoint> {
    Some(Endpoint {
        address: endpoint.address()?.to_owned(),
        port: endpoint.port().and_then(|port| u16::try_from(port).ok())?,
    })
}

fn observed(cache: &Wired, tags: Option<Tags>) -> Option<Observed> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let count = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    let limits = cache.cache_usage_limits();
    Some(Observed {
        name: CacheName::new(cache.serverless_cache_name()?),
        arn: cache.arn()?.into(),
        created_at: cache.create_time().and_then(timestamp),
        status: text(cache.status()),
        description: text(cache.description()),
        endpoint: cache.endpoint().and_then(endpoint),
        reader_endpoint: cache.reader_endpoint().and_then(endpoint),
        engine: text(cache.engine()),
        major_version: text(cache.major_engine_version()),
        full_version: cache.full_engine_version().map(str::to_owned),
        max_data_gb: count(
            limits
                .and_then(CacheUsageLimits::data_storage)
                .and_then(DataStorage::maximum),
        ),
        max_ecpu: count(
            limits
                .and_then(CacheUsageLimits::ecpu_per_second)
                .and_then(EcpuPerSecond::maximum),
        ),
        kms_key_arn: cache.kms_key_id().map(Into::into),
        security_group_ids: cache
            .security_group_ids()
            .iter()
            .map(|id| SecurityGroupId::new(id.as_str()))
            .collect(),
        subnet_ids: cache
            .subnet_ids()
            .iter()
            .map(|id| SubnetId::new(id.as_str()))
            .collect(),
        user_group_id: cache
            .user_group_id()
            .filter(|id| !id.is_empty())
            .map(CacheUserGroupId::from),
        snapshot_retention_days: count(cache.snapshot_retention_limit()).unwrap_or_default(),
        daily_snapshot_time: cache.daily_snapshot_time().map(str::to_owned),
        tags,
    })
}

#[async_trait]
impl Port<ServerlessCache> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .elasticache
                .describe_serverless_caches()
                .max_results(PAGE);
            call.set_next_token(token.clone()).send()
        };
        let page = self.wire.read("DescribeServerlessCaches", list).await?;
        let caches = page.serverless_caches().iter();
        Ok(Page::new(
            caches.filter_map(|cache| observed(cache, None)).collect(),
            page.next_token(),
        ))
    }

    async fn read(&self, id: &CacheName) -> Result<Option<Observed>, CloudError> {
        let read = || {
            let call = self.elasticache.describe_serverless_caches();
            call.serverless_cache_name(id.as_str()).send()
        };
        let found = self.wire.read("DescribeServerlessCaches", read).await;
        let found = CloudError::none_if_not_found(found)?;
        let first = found
            .as_ref()
            .and_then(|found| found.serverless_caches().first());
        let Some(cache) = first else {
            return Ok(None);
        };
        let tags = elasticache::tags(&self.elasticache, &self.wire, cache.arn()).await?;
        Ok(observed(cache, tags))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let call = self.create(desired);
                let answer = self.wire.mutate(operation, call.send()).await?;
                let tags = Some(desired.tags.clone());
                Ok(answer
                    .serverless_cache()
                    .and_then(|cache| observed(cache, tags)))
            }
            Change::Modify { name, settings, .. } => {
                // The reply may show the cache as it was before.
                self.wire
                    .mutate(operation, self.modify(name, settings).send())
                    .await?;
                Ok(None)
            }
            Change::Delete {
                name,
                final_snapshot,
            } => {
                let call = self
                    .elasticache
                    .delete_serverless_cache()
                    .serverless_cache_name(name.as_str())
                    .set_final_snapshot_name(final_snapshot.clone());
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(answer
                    .serverless_cache()
                    .and_then(|cache| observed(cache, None)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_leaves_out_stays_open() {
        let cache = Wired::builder()
            .serverless_cache_name("emr-a-b")
            .arn("arn")
            .status("creating")
            .user_group_id("")
            .cache_usage_limits(limits(20, 5000))
            .build();
        let seen = observed(&cache, None).unwrap();
        assert_eq!((seen.max_data_gb, seen.max_ecpu), (Some(20), Some(5000)));
        assert_eq!(
            (seen.endpoint, seen.user_group_id, seen.kms_key_arn),
            (None, None, None)
        );
        assert_eq!(
            observed(&Wired::builder().status("available").build(), None),
            None
        );
    }
}
