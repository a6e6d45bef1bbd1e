//! What Prometheus sees of the plumbing.
//!
//! Labels are bounded: kinds, results, verbs and phases, never names of objects.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text},
    metrics::{
        MetricType, counter::Counter, family::Family, gauge::ConstGauge, gauge::Gauge,
        histogram::Histogram,
    },
    registry::Registry,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    kind: String,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PhaseLabels {
    kind: String,
    phase: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WriteLabels {
    resource: String,
    verb: &'static str,
}

/// Counts the objects of a kind by phase, when asked.
pub type PhaseCount = Arc<dyn Fn() -> BTreeMap<String, u64> + Send + Sync>;

/// The metrics of this crate. Clones share their numbers.
#[derive(Clone)]
pub struct Metrics {
    reconciles: Family<ResultLabels, Counter>,
    seconds: Family<KindLabels, Histogram, fn() -> Histogram>,
    writes: Family<WriteLabels, Counter>,
    leader: Gauge,
    phases: Phases,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            reconciles: Family::default(),
            seconds: Family::new_with_constructor(|| {
                Histogram::new([0.005, 0.02, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0])
            }),
            writes: Family::default(),
            leader: Gauge::default(),
            phases: Phases::default(),
        }
    }
}

impl Metrics {
    /// Adds the metrics to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "reconciles",
            "Passes over objects, by kind and result",
            self.reconciles.clone(),
        );
        registry.register(
            "reconcile_duration_seconds",
            "How long a pass over an object took",
            self.seconds.clone(),
        );
        registry.register(
            "kube_writes",
            "Mutating requests sent to the API server, by resource and verb",
            self.writes.clone(),
        );
        registry.register(
            "leader",
            "1 while this process holds the lease",
            self.leader.clone(),
        );
        registry.register_collector(Box::new(self.phases.clone()));
    }

    /// Notes a pass.
    pub fn reconciled(&self, kind: &str, result: &'static str, took: Duration) {
        let kind = kind.to_owned();
        self.seconds
            .get_or_create(&KindLabels { kind: kind.clone() })
            .observe(took.as_secs_f64());
        self.reconciles
            .get_or_create(&ResultLabels { kind, result })
            .inc();
    }

    /// How many passes over a kind ended like this.
    pub fn reconciles(&self, kind: &str, result: &'static str) -> u64 {
        let kind = kind.to_owned();
        self.reconciles
            .get_or_create(&ResultLabels { kind, result })
            .get()
    }

    /// Notes a mutating request. `resource` is the plural name in the path.
    pub fn kube_write(&self, resource: &str, verb: &'static str) {
        let resource = resource.to_owned();
        self.writes
            .get_or_create(&WriteLabels { resource, verb })
            .inc();
    }

    /// Notes whether this process leads.
    pub fn leading(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// Counts a kind's objects with `count` at every scrape.
    pub fn count_phases(&self, kind: &str, count: PhaseCount) {
        self.phases
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(kind.to_owned(), count);
    }
}

/// A registry's metrics as Prometheus reads them.
pub fn encode(registry: &Registry) -> Result<String, fmt::Error> {
    let mut page = String::new();
    text::encode(&mut page, registry)?;
    Ok(page)
}

#[derive(Clone, Default)]
struct Phases {
    counts: Arc<Mutex<BTreeMap<String, PhaseCount>>>,
}

impl fmt::Debug for Phases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phases")
    }
}

impl Collector for Phases {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let counts = self
            .counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut family = encoder.encode_descriptor(
            "objects",
            "Objects, by kind and phase",
            None,
            MetricType::Gauge,
        )?;
        for (kind, count) in counts {
            for (phase, number) in count() {
                let labels = PhaseLabels {
                    kind: kind.clone(),
                    phase,
                };
                let gauge = ConstGauge::new(i64::try_from(number).unwrap_or(i64::MAX));
                gauge.encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_what_was_counted() {
        let metrics = Metrics::default();
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        metrics.reconciled("Widget", "ok", Duration::from_millis(3));
        metrics.kube_write("widgets", "patch");
        metrics.leading(true);
        let counts = BTreeMap::from([("Ready".to_owned(), 2)]);
        metrics.count_phases("Widget", Arc::new(move || counts.clone()));
        let page = encode(&registry).unwrap();
        for line in [
            r#"reconciles_total{kind="Widget",result="ok"} 1"#,
            r#"reconcile_duration_seconds_bucket{le="0.005",kind="Widget"} 1"#,
            r#"kube_writes_total{resource="widgets",verb="patch"} 1"#,
            "leader 1",
            r#"objects{kind="Widget",phase="Ready"} 2"#,
        ] {
            assert!(page.contains(line), "{line} is not in\n{page}");
        }
    }
}
