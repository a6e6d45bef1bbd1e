//! What AWS allows the account to have: RDS tells use and limit of its own quotas, Service Quotas the
//! limits of the others.

use async_trait::async_trait;
use emr_resource::{
    Service,
    quota::{Quota, Usage},
};

use super::{Clients, Wire};
use crate::{Caller, CloudError, Quotas};

pub(super) struct Adapter {
    rds: (aws_sdk_rds::Client, Wire),
    quotas: (aws_sdk_servicequotas::Client, Wire),
}

impl Adapter {
    pub(super) fn new(clients: &Clients, caller: &Caller) -> Self {
        let wire = |service| Wire::new(caller, service);
        Self {
            rds: (clients.rds.clone(), wire(Service::Rds)),
            quotas: (clients.quotas.clone(), wire(Service::ServiceQuotas)),
        }
    }
}

fn usage(wired: &aws_sdk_rds::types::AccountQuota) -> Option<Usage> {
    Some(Usage {
        quota: Quota::of_rds(wired.account_quota_name()?)?,
        used: u64::try_from(wired.used()?).ok()?,
        limit: u64::try_from(wired.max()?).ok()?,
    })
}

/// Service Quotas counts in fractions, since some quotas are rates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> Option<u64> {
    (value.is_finite() && value >= 0.0).then_some(value as u64)
}

#[async_trait]
impl Quotas for Adapter {
    async fn databases(&self) -> Result<Vec<Usage>, CloudError> {
        const OPERATION: &str = "DescribeAccountAttributes";
        let (rds, wire) = &self.rds;
        let told = wire
            .read(OPERATION, || rds.describe_account_attributes().send())
            .await?;
        let mut all: Vec<_> = told.account_quotas().iter().filter_map(usage).collect();
        if all.is_empty() {
            return Err(CloudError::malformed(OPERATION, "any quota of ours"));
        }
        all.sort_by_key(|usage| usage.quota);
        Ok(all)
    }

    async fn limit(&self, quota: Quota) -> Result<Option<u64>, CloudError> {
        let (quotas, wire) = &self.quotas;
        let (service, code) = (quota.service().prefix(), quota.code());
        let applied = wire
            .read("GetServiceQuota", || {
                quotas
                    .get_service_quota()
                    .service_code(service)
                    .quota_code(code)
                    .send()
            })
            .await;
        let applied = CloudError::none_if_not_found(applied)?;
        let applied = applied.and_then(|told| told.quota()?.value());
        if let Some(value) = applied {
            return Ok(whole(value));
        }
        // "If the applied quota value is not available, the quota is not retrieved": Service Quotas
        // API reference, GetServiceQuota.
        let default = wire
            .read("GetAWSDefaultServiceQuota", || {
                quotas
                    .get_aws_default_service_quota()
                    .service_code(service)
                    .quota_code(code)
                    .send()
            })
            .await;
        let default = CloudError::none_if_not_found(default)?;
        let default = default.and_then(|told| told.quota()?.value());
        Ok(default.and_then(whole))
    }
}
