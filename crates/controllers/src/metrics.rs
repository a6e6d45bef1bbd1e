//! What Prometheus sees of the work itself.
//!
//! Labels are bounded, never names of objects: those stand in conditions and events.

use std::sync::Arc;

use emr_api::emr_drill::{DrillPhase, EmrDrillStatus};
use jiff::Timestamp;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

/// The metrics of this crate. Clones share their numbers.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Drills>);

#[derive(Debug)]
struct Drills {
    held: Family<ResultLabels, Counter>,
    recovery: Histogram,
    age: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        const MINUTE: f64 = 60.0;
        const HOUR: f64 = 60.0 * MINUTE;
        const DAY: f64 = 24.0 * HOUR;
        let minutes = [5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 120.0, 240.0, 480.0];
        Self(Arc::new(Drills {
            held: Family::default(),
            recovery: Histogram::new(minutes.map(|of| of * MINUTE)),
            age: Histogram::new([
                HOUR,
                6.0 * HOUR,
                12.0 * HOUR,
                DAY,
                2.0 * DAY,
                7.0 * DAY,
                31.0 * DAY,
            ]),
        }))
    }
}

impl Metrics {
    /// Adds the metrics to a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "drills",
            "Drills that are over, by result",
            self.0.held.clone(),
        );
        registry.register(
            "drill_recovery_seconds",
            "How long passed drills took until the copy was checked",
            self.0.recovery.clone(),
        );
        registry.register(
            "drill_data_age_seconds",
            "How old the sets of passed drills were",
            self.0.age.clone(),
        );
    }

    /// Notes a drill that is over.
    pub(crate) fn drilled(&self, status: &EmrDrillStatus) {
        let passed = status.phase == DrillPhase::Passed;
        let result = if passed { "passed" } else { "failed" };
        self.0.held.get_or_create(&ResultLabels { result }).inc();
        let at = |time: &Option<String>| time.as_ref()?.parse::<Timestamp>().ok();
        if let Some(started) = at(&status.started_at).filter(|_| passed) {
            if let Some(checked) = at(&status.checked_at) {
                let took = checked.duration_since(started);
                self.0.recovery.observe(took.as_secs_f64());
            }
            if let Some(taken) = at(&status.taken_at) {
                let age = started.duration_since(taken);
                self.0.age.observe(age.as_secs_f64());
            }
        }
    }
}
