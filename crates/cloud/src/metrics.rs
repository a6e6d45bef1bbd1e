//! What AWS is asked, how it answers, and how old our picture of it is.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use emr_resource::quota::Usage;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use tokio::time::Instant;

use crate::ErrorKind;

/// One kind of call and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    service: &'static str,
    operation: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ServiceLabels {
    service: &'static str,
}

/// One view: a resource type in an account and region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EncodeLabelSet)]
pub struct ViewLabels {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The resource type.
    pub resource_type: &'static str,
}

/// A quota of an account in a region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QuotaLabels {
    account: String,
    region: String,
    quota: String,
}

/// The metrics of this crate. Clones share their numbers.
#[derive(Clone, Debug)]
pub struct Metrics {
    calls: Family<CallLabels, Counter>,
    seconds: Family<ServiceLabels, Histogram, fn() -> Histogram>,
    throttles: Family<ServiceLabels, Counter>,
    waited: Family<ServiceLabels, Counter<f64, std::sync::atomic::AtomicU64>>,
    wakeups: Family<ViewLabels, Counter>,
    quota_used: Family<QuotaLabels, Gauge>,
    quota_limit: Family<QuotaLabels, Gauge>,
    swept: Arc<Mutex<BTreeMap<ViewLabels, Instant>>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.02, 2.0, 10))
            }),
            throttles: Family::default(),
            waited: Family::default(),
            wakeups: Family::default(),
            quota_used: Family::default(),
            quota_limit: Family::default(),
            swept: Arc::default(),
        }
    }
}

impl Metrics {
    /// Makes them visible. Names get the prefix of `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "aws_calls",
            "AWS API calls by service, operation and result",
            self.calls.clone(),
        );
        registry.register(
            "aws_call_seconds",
            "Time that AWS took to answer",
            self.seconds.clone(),
        );
        registry.register(
            "aws_throttles",
            "Calls that AWS refused because there were too many",
            self.throttles.clone(),
        );
        registry.register(
            "aws_limit_wait_seconds",
            "Time that calls waited for our own rate limit",
            self.waited.clone(),
        );
        registry.register(
            "view_changes",
            "Differences that sweeps found, by resource type",
            self.wakeups.clone(),
        );
        registry.register(
            "aws_quota_used",
            "How many of a quota an account has, read about once an hour",
            self.quota_used.clone(),
        );
        registry.register(
            "aws_quota_limit",
            "How many of a quota an account may have",
            self.quota_limit.clone(),
        );
        registry.register_collector(Box::new(Ages(Arc::clone(&self.swept))));
    }

    pub(crate) fn call(
        &self,
        service: &'static str,
        operation: &'static str,
        failure: Option<ErrorKind>,
        took: Duration,
    ) {
        let result = failure.map_or("ok", ErrorKind::reason);
        self.calls
            .get_or_create(&CallLabels {
                service,
                operation,
                result,
            })
            .inc();
        self.seconds
            .get_or_create(&ServiceLabels { service })
            .observe(took.as_secs_f64());
        if failure == Some(ErrorKind::Throttled) {
            self.throttles
                .get_or_create(&ServiceLabels { service })
                .inc();
        }
    }

    pub(crate) fn waited(&self, service: &'static str, time: Duration) {
        if !time.is_zero() {
            self.waited
                .get_or_create(&ServiceLabels { service })
                .inc_by(time.as_secs_f64());
        }
    }

    pub(crate) fn quota(&self, account: &str, region: &str, usage: &Usage) {
        let labels = QuotaLabels {
            account: account.to_owned(),
            region: region.to_owned(),
            quota: usage.quota.name().to_lowercase().replace(' ', "-"),
        };
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.quota_used
            .get_or_create(&labels)
            .set(number(usage.used));
        self.quota_limit
            .get_or_create(&labels)
            .set(number(usage.limit));
    }

    pub(crate) fn changed(&self, view: &ViewLabels) {
        self.wakeups.get_or_create(view).inc();
    }

    pub(crate) fn swept(&self, view: &ViewLabels, at: Instant) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        swept.insert(view.clone(), at);
    }

    /// A view that nobody watches any more has no age.
    pub(crate) fn parked(&self, view: &ViewLabels) {
        self.swept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(view);
    }

    /// Calls counted so far, by operation: what tests and benchmarks look at.
    pub fn calls_of(&self, service: &'static str, operation: &'static str) -> u64 {
        std::iter::once("ok")
            .chain(
                ErrorKind::ALL
                    .into_iter()
                    .map(ErrorKind::reason)
                    .collect::<std::collections::BTreeSet<_>>(),
            )
            .filter_map(|result| {
                self.calls
                    .get(&CallLabels {
                        service,
                        operation,
                        result,
                    })
                    .map(|counter| counter.get())
            })
            .sum()
    }
}

/// Computes ages when they are asked for, so that they grow while a sweeper hangs.
#[derive(Debug)]
struct Ages(Arc<Mutex<BTreeMap<ViewLabels, Instant>>>);

impl Collector for Ages {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let swept = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let ages: Vec<_> = swept
            .into_iter()
            .map(|(view, at)| (view, ConstGauge::new(at.elapsed().as_secs_f64())))
            .collect();
        let metric_type = prometheus_client::metrics::MetricType::Gauge;
        let mut family = encoder.encode_descriptor(
            "view_age_seconds",
            "Time since the last complete sweep began",
            None,
            metric_type,
        )?;
        for (view, age) in ages {
            age.encode(family.encode_family(&view)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_throttles_and_ages_are_told() {
        let metrics = Metrics::default();
        let mut registry = Registry::with_prefix("emr");
        metrics.register(&mut registry);
        let took = Duration::from_millis(50);
        metrics.call("rds", "CreateDBCluster", None, took);
        metrics.call("rds", "CreateDBCluster", Some(ErrorKind::Throttled), took);
        let view = ViewLabels {
            account: "1".into(),
            region: "eu-central-1".into(),
            resource_type: "db-cluster",
        };
        metrics.swept(&view, Instant::now());
        let quota = emr_resource::quota::Quota::DbClusters;
        let usage = Usage {
            quota,
            used: 34,
            limit: 40,
        };
        metrics.quota("1", "eu-central-1", &usage);
        tokio::time::advance(Duration::from_secs(5)).await;
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            r#"emr_aws_calls_total{service="rds",operation="CreateDBCluster",result="ok"} 1"#,
            r#"emr_aws_throttles_total{service="rds"} 1"#,
            r#"emr_view_age_seconds{account="1",region="eu-central-1",resource_type="db-cluster"} 5.0"#,
            r#"emr_aws_quota_used{account="1",region="eu-central-1",quota="db-clusters"} 34"#,
            r#"emr_aws_quota_limit{account="1",region="eu-central-1",quota="db-clusters"} 40"#,
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert_eq!(metrics.calls_of("rds", "CreateDBCluster"), 2);
    }
}
