//! What an account may have, read rarely: quotas move by the week, and use by the clinic. Every
//! platform in an account and region shares one reading.

use std::{sync::Arc, time::Duration};

use emr_resource::{
    ResourceType,
    file_system::FileSystem,
    quota::{Quota, Usage},
    serverless_cache::ServerlessCache,
};
use tokio::{sync::Mutex, time::Instant};

use crate::{Account, CloudError, account::Has};

/// How long a reading is good: a little less than platforms take to look again.
const GOOD: Duration = Duration::from_mins(50);
/// How long until a reading that failed in part is tried again.
const AGAIN: Duration = Duration::from_mins(5);

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct QuotaReading {
    /// Every quota whose use and limit are known, in the order of [`Quota::ALL`].
    pub usage: Vec<Usage>,
    /// The first thing that could not be read.
    pub failure: Option<CloudError>,
}

impl QuotaReading {
    fn add(&mut self, found: Result<Vec<Usage>, CloudError>) {
        match found {
            Ok(usage) => self.usage.extend(usage),
            Err(error) => {
                self.failure.get_or_insert(error);
            }
        }
    }
}

/// The latest reading, and when it was made.
pub(crate) type Latest = Mutex<Option<(Instant, Arc<QuotaReading>)>>;

impl Account {
    /// Use and limits, read now unless they were read within the hour.
    pub async fn quotas(&self) -> Arc<QuotaReading> {
        let mut latest = self.latest_quotas().lock().await;
        if let Some((at, reading)) = &*latest {
            let good = if reading.failure.is_some() {
                AGAIN
            } else {
                GOOD
            };
            if at.elapsed() < good {
                return Arc::clone(reading);
            }
        }
        let mut reading = QuotaReading::default();
        reading.add(self.ports().quotas.databases().await);
        reading.add(
            self.counted::<ServerlessCache>(Quota::ServerlessCaches)
                .await,
        );
        reading.add(self.counted::<FileSystem>(Quota::FileSystems).await);
        for usage in &reading.usage {
            self.caller()
                .metrics()
                .quota(self.id().as_str(), self.region().as_str(), usage);
        }
        let reading = Arc::new(reading);
        *latest = Some((Instant::now(), Arc::clone(&reading)));
        reading
    }

    /// A quota of which Service Quotas tells the limit alone.
    async fn counted<R: ResourceType>(&self, quota: Quota) -> Result<Vec<Usage>, CloudError>
    where
        Self: Has<R>,
    {
        let Some(limit) = self.ports().quotas.limit(quota).await? else {
            return Ok(Vec::new());
        };
        let used = self.count::<R>().await?;
        let used = u64::try_from(used).unwrap_or(u64::MAX);
        Ok(vec![Usage { quota, used, limit }])
    }
}
