//! The one gate that every AWS call passes: it waits for the bucket, times, counts and logs.
//!
//! Reads wait here and are tried up to three times. Mutations are tried once: the view has let
//! them in, right beside the check of the lease (invariant 11), so nothing waits between that
//! check and the call. Payloads are never logged (invariant 7).

use std::{future::Future, sync::Arc, time::Duration};

use emr_resource::{
    Service,
    ids::{AccountId, Region},
};
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::{
    CloudError, ErrorKind, Metrics,
    limits::{Limiter, Limiters, Priority},
};

/// Longest time that one attempt may take; the SDK is told the same.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// Attempts of a read.
const READ_ATTEMPTS: u32 = 3;
/// First pause between attempts; the second is twice as long.
const READ_PAUSE: Duration = Duration::from_millis(200);

/// Makes the calls of one account and region.
#[derive(Clone, Debug)]
pub struct Caller {
    account: AccountId,
    region: Region,
    limiters: Arc<Limiters>,
    metrics: Metrics,
}

impl Caller {
    /// A caller for an account and region.
    pub const fn new(
        account: AccountId,
        region: Region,
        limiters: Arc<Limiters>,
        metrics: Metrics,
    ) -> Self {
        Self {
            account,
            region,
            limiters,
            metrics,
        }
    }

    /// The account.
    pub const fn account(&self) -> &AccountId {
        &self.account
    }

    /// The region.
    pub const fn region(&self) -> &Region {
        &self.region
    }

    /// The metrics that count its calls.
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The bucket of a service.
    pub fn limiter(&self, service: Service) -> Arc<Limiter> {
        self.limiters.get(&self.account, &self.region, service)
    }

    /// Waits until a call may be made.
    pub async fn admit(&self, service: Service, priority: Priority) {
        let started = Instant::now();
        self.limiter(service).admit(priority).await;
        self.metrics.waited(service.prefix(), started.elapsed());
    }

    /// Makes a call that changes nothing; again, when it failed in a way that may pass.
    pub async fn read<T, F>(
        &self,
        service: Service,
        operation: &'static str,
        mut call: impl FnMut() -> F,
    ) -> Result<T, CloudError>
    where
        F: Future<Output = Result<T, CloudError>> + Send,
    {
        let mut pause = READ_PAUSE;
        for attempt in 1.. {
            self.admit(service, Priority::Read).await;
            match self.once(service, operation, call()).await {
                Err(error)
                    if attempt < READ_ATTEMPTS
                        && matches!(
                            error.kind,
                            ErrorKind::Throttled | ErrorKind::Transient | ErrorKind::MaybeApplied
                        ) => {}
                result => return result,
            }
            sleep(pause).await;
            pause *= 2;
        }
        unreachable!("the last attempt returns")
    }

    /// Makes a call that changes something, once. Whoever calls this has been admitted.
    pub async fn mutate<T>(
        &self,
        service: Service,
        operation: &'static str,
        call: impl Future<Output = Result<T, CloudError>> + Send,
    ) -> Result<T, CloudError> {
        self.once(service, operation, call).await
    }

    async fn once<T>(
        &self,
        service: Service,
        operation: &'static str,
        call: impl Future<Output = Result<T, CloudError>> + Send,
    ) -> Result<T, CloudError> {
        let started = Instant::now();
        let result = call.await;
        let took = started.elapsed();
        let failure = result.as_ref().err();
        self.metrics.call(
            service.prefix(),
            operation,
            failure.map(|error| error.kind),
            took,
        );
        if failure.is_some_and(|error| error.kind == ErrorKind::Throttled) {
            self.limiter(service).throttled();
        }
        debug!(
            service = service.prefix(),
            operation,
            account = %self.account,
            region = %self.region,
            milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            reason = failure.map_or("ok", CloudError::reason),
            code = failure.and_then(|error| error.code.as_deref()),
            request_id = failure.and_then(|error| error.request_id.as_deref()),
            "called AWS"
        );
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn caller() -> Caller {
        Caller::new("1".into(), "r".into(), Arc::default(), Metrics::default())
    }

    async fn attempts(kind: ErrorKind, mutation: bool) -> u32 {
        let caller = caller();
        let count = AtomicU32::new(0);
        let call = || async {
            count.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(CloudError::new(kind, "X", "x"))
        };
        let result = if mutation {
            caller.mutate(Service::Rds, "X", call()).await
        } else {
            caller.read(Service::Rds, "X", call).await
        };
        assert_eq!(result.unwrap_err().kind, kind);
        count.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn reads_are_tried_again_where_that_helps_and_mutations_never() {
        assert_eq!(attempts(ErrorKind::Transient, false).await, 3);
        assert_eq!(attempts(ErrorKind::AccessDenied, false).await, 1);
        assert_eq!(attempts(ErrorKind::Transient, true).await, 1);
        assert_eq!(attempts(ErrorKind::MaybeApplied, true).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_slows_the_service_down() {
        let caller = caller();
        let before = caller.limiter(Service::Rds).rate();
        let refused = async { Err::<(), _>(CloudError::new(ErrorKind::Throttled, "X", "x")) };
        caller.mutate(Service::Rds, "X", refused).await.unwrap_err();
        assert!(caller.limiter(Service::Rds).rate() < before * 0.6);
    }
}
