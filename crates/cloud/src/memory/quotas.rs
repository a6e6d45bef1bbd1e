//! What an account may have: the limits that every creation here is held to.

use std::collections::BTreeMap;

use async_trait::async_trait;
use emr_resource::{
    Service,
    quota::{Quota, Usage},
};

use super::{
    State,
    discovery::other,
    room::{Refused, Room, refuse},
    side::Side,
};
use crate::{CloudError, Quotas};

/// Limits that differ from AWS's defaults.
#[derive(Clone, Default)]
pub(super) struct Limits(BTreeMap<Quota, u64>);

/// Sources: RDS user guide, "Quotas and constraints"; ElastiCache user guide, "Quotas"; EFS user
/// guide, "Quotas".
const fn default(quota: Quota) -> u64 {
    match quota {
        Quota::DbClusters | Quota::DbInstances | Quota::ServerlessCaches => 40,
        Quota::DbClusterParameterGroups | Quota::DbSubnetGroups => 50,
        Quota::ManualClusterSnapshots => 100,
        Quota::FileSystems => 1000,
    }
}

impl Room {
    /// AWS raised, or never gave, a quota.
    pub fn set_quota(&mut self, quota: Quota, limit: u64) {
        self.limits.0.insert(quota, limit);
    }

    fn limit(&self, quota: Quota) -> u64 {
        let set = self.limits.0.get(&quota);
        set.copied().unwrap_or_else(|| default(quota))
    }

    fn usage(&self, quota: Quota) -> Usage {
        let used = match quota {
            Quota::DbClusters => self.clusters.all.len(),
            Quota::DbInstances => self.instances.all.len() + self.rds.all.len(),
            Quota::DbClusterParameterGroups => self.groups.parameters.len(),
            Quota::DbSubnetGroups => self.groups.subnets.len(),
            Quota::ManualClusterSnapshots => self.snapshots.all.len(),
            Quota::ServerlessCaches => self.caches.all.len(),
            Quota::FileSystems => self.file_systems.all.len(),
        };
        Usage {
            quota,
            used: u64::try_from(used).unwrap_or(u64::MAX),
            limit: self.limit(quota),
        }
    }

    /// Refuses one more than there may be.
    pub(super) fn within_quota(&self, quota: Quota, code: &'static str) -> Result<(), Refused> {
        let usage = self.usage(quota);
        if usage.used < usage.limit {
            return Ok(());
        }
        refuse(code, format!("at most {} {}", usage.limit, quota.name()))
    }
}

#[async_trait]
impl Quotas for Side {
    async fn databases(&self) -> Result<Vec<Usage>, CloudError> {
        let all = |state: &mut State, side: &Self, _| {
            let room = side.room(state);
            let of_rds = |quota: &Quota| quota.service() == Service::Rds;
            let usages = Quota::ALL.into_iter().filter(of_rds);
            Ok(usages.map(|quota| room.usage(quota)).collect())
        };
        self.look(Service::Rds, other("DescribeAccountAttributes"), all)
            .await
    }

    async fn limit(&self, quota: Quota) -> Result<Option<u64>, CloudError> {
        let limit = |state: &mut State, side: &Self, _| Ok(Some(side.room(state).limit(quota)));
        self.look(Service::ServiceQuotas, other("GetServiceQuota"), limit)
            .await
    }
}
