//! The points at which something goes wrong: before or after the how-manieth call of an operation.
//! Named like this, a point is found again although the order of calls may differ.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use emr_cloud::memory::{Call, Fault, Memory, Room};

/// One call of the undisturbed run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) operation: &'static str,
    /// The how-manieth of its operation, from 1.
    pub(crate) nth: usize,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation, self.nth)
    }
}

/// Every call of a log.
pub(crate) fn all(calls: &[Call]) -> Vec<Point> {
    let mut counts = BTreeMap::new();
    let points = calls.iter().map(|call| {
        let nth = counts.entry(call.operation).or_insert(0);
        *nth += 1;
        Point {
            operation: call.operation,
            nth: *nth,
        }
    });
    points.collect()
}

/// Every one with `EMR_SIMULATION_FULL=1`, otherwise every `step`th.
pub(crate) fn sample<T: Clone>(all: &[T], step: usize) -> Vec<T> {
    let full = std::env::var("EMR_SIMULATION_FULL").is_ok_and(|value| value == "1");
    let step = if full { 1 } else { step };
    all.iter().step_by(step).cloned().collect()
}

/// Whether a fault has happened.
#[derive(Clone, Default)]
pub(crate) struct Fired(Arc<AtomicBool>);

impl Fired {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Arms `fault` at `point`, counted from now, once. `watch` sees every call.
pub(crate) fn arm(
    aws: &Memory,
    point: Option<(Point, Fault)>,
    mut watch: impl FnMut(&Call, &Room) + Send + 'static,
) -> Fired {
    let fired = Fired::default();
    let flag = fired.clone();
    let mut count = 0;
    aws.fail_with(move |call, room| {
        watch(call, room);
        let (point, fault) = point?;
        if call.operation != point.operation {
            return None;
        }
        count += 1;
        if count != point.nth || flag.get() {
            return None;
        }
        flag.0.store(true, Ordering::Relaxed);
        Some(fault)
    });
    fired
}
