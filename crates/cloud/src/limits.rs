//! Token buckets in front of AWS (invariant 10): one for each account, region and service, at a
//! set share of the documented limit, since the console and other tools share it with us.
//!
//! Mutations go before reads, but a waiting read gets every eighth turn: a sweep that starves
//! would leave finished creations unseen. A throttled call halves the rate, which then recovers
//! within a minute.

mod bucket;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use emr_resource::{
    Service,
    ids::{AccountId, Region},
};
use tokio::time::{Instant, sleep_until};

pub use bucket::{Bucket, Priority};

/// Requests a second, and how many may come at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Sustained requests a second.
    pub per_second: f64,
    /// Requests at once after a quiet time.
    pub burst: f64,
}

impl Rate {
    const fn new(per_second: f64, burst: f64) -> Self {
        Self { per_second, burst }
    }

    /// What AWS documents for a service. Where it limits each operation, the strictest that we
    /// use counts; where it says nothing, a cautious number stands.
    pub const fn documented(service: Service) -> Self {
        match service {
            // AmazonRDS/latest/UserGuide/rds-api-throttling.html
            Service::Rds => Self::new(12.0, 300.0),
            // AWSEC2/latest/APIReference/throttling.html, mutating actions.
            Service::Ec2 => Self::new(5.0, 50.0),
            // kms/latest/developerguide/requests-per-second.html: CreateKey 5, CreateAlias 10.
            Service::Kms => Self::new(5.0, 5.0),
            // AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html, log group operations.
            Service::Logs => Self::new(10.0, 10.0),
            // secretsmanager/latest/userguide/reference_limits.html, CreateSecret and the like.
            Service::SecretsManager => Self::new(50.0, 50.0),
            // IAM/latest/UserGuide/reference_iam-quotas.html, STS requests.
            Service::Sts => Self::new(600.0, 600.0),
            // A few reads an hour: less than anything that AWS may allow.
            Service::ServiceQuotas => Self::new(2.0, 8.0),
            // Nothing documented.
            Service::Backup | Service::Efs | Service::Eks | Service::ElastiCache | Service::Iam => {
                Self::new(10.0, 20.0)
            }
            // Nothing documented for buckets. What one was told takes ten reads.
            Service::S3 => Self::new(40.0, 80.0),
        }
    }
}

/// How much of the documented limits we take.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Our share, above 0 and at most 1.
    pub share: f64,
    /// Limits of accounts that AWS raised, instead of the documented ones.
    pub raised: BTreeMap<Service, Rate>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            share: 0.5,
            raised: BTreeMap::new(),
        }
    }
}

impl Limits {
    /// No limits to speak of: for an AWS that has none.
    pub fn unlimited() -> Self {
        let raised = Service::ALL.map(|service| (service, Rate::new(1e6, 1e6)));
        Self {
            share: 1.0,
            raised: raised.into(),
        }
    }

    /// What we allow ourselves for a service; never less than one request at a time.
    pub fn ours(&self, service: Service) -> Rate {
        let limit = self
            .raised
            .get(&service)
            .copied()
            .unwrap_or_else(|| Rate::documented(service));
        let share = self.share.clamp(0.01, 1.0);
        Rate {
            per_second: (limit.per_second * share).max(0.1),
            burst: (limit.burst * share).max(1.0),
        }
    }
}

/// One bucket that tasks wait at.
#[derive(Debug)]
pub struct Limiter {
    bucket: Mutex<Bucket>,
    // Tasks of one priority queue up in order here, so at most two look at the bucket at a time.
    queues: [tokio::sync::Mutex<()>; 2],
}

impl Limiter {
    /// A full bucket.
    pub fn new(rate: Rate) -> Self {
        Self {
            bucket: Mutex::new(Bucket::new(rate, Instant::now())),
            queues: Default::default(),
        }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Bucket) -> T) -> T {
        f(&mut self.bucket.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for a turn.
    pub async fn admit(&self, priority: Priority) {
        let _turn = self.queues[priority as usize].lock().await;
        let _waiting = Waiting::new(self, priority);
        while let Err(until) = self.with(|bucket| bucket.take(priority, Instant::now())) {
            sleep_until(until).await;
        }
    }

    /// AWS said that it was too much.
    pub fn throttled(&self) {
        self.with(|bucket| bucket.throttled(Instant::now()));
    }

    /// Requests a second at the moment.
    pub fn rate(&self) -> f64 {
        self.with(|bucket| bucket.rate(Instant::now()))
    }
}

/// Marks that somebody of a priority waits, for as long as it lives: a task that gives up while
/// it waits must not hold the other priority back.
struct Waiting<'a> {
    limiter: &'a Limiter,
    priority: Priority,
}

impl<'a> Waiting<'a> {
    fn new(limiter: &'a Limiter, priority: Priority) -> Self {
        limiter.with(|bucket| bucket.waiting(priority, true));
        Self { limiter, priority }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.limiter
            .with(|bucket| bucket.waiting(self.priority, false));
    }
}

/// The buckets of every account, region and service.
#[derive(Debug, Default)]
pub struct Limiters {
    limits: Limits,
    all: Mutex<BTreeMap<(AccountId, Region, Service), Arc<Limiter>>>,
}

impl Limiters {
    /// No bucket yet; each is made when it is first asked for.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            all: Mutex::default(),
        }
    }

    /// The bucket of a service in an account and region. Two roles in one account share it.
    pub fn get(&self, account: &AccountId, region: &Region, service: Service) -> Arc<Limiter> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account.clone(), region.clone(), service);
        Arc::clone(
            all.entry(key)
                .or_insert_with(|| Arc::new(Limiter::new(self.limits.ours(service)))),
        )
    }
}
