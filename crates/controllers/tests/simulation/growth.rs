//! How the operator's memory grows with the number of instances that rest.
//!
//! Clinics come up a few at a time, in worlds of their own that are joined then: what is measured is
//! rest. The operator's share is what is freed when it ends, so that neither the fakes nor what an
//! allocator keeps in reserve counts as its own.
//!
//! With the feature `growth` alone, because counting is slow: `cargo xtask bench growth`.

use std::{
    env, fmt, fs,
    ops::Range,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::sleep;

use crate::{
    allocator::allocated,
    clinics,
    lives::{self, assert_all_well},
    operator,
    world::{Origin, World},
};

/// How many clinics rest, one after the other.
const SIZES: [usize; 3] = [10, 20, 40];
/// How many come up together.
const BATCH: usize = 20;
/// Everything that is looked at in turn was looked at by then.
const REST: Duration = Duration::from_mins(90);
/// How much faster than the number of instances memory may grow.
const SLACK: f64 = 1.25;

/// What a number of clinics at rest takes.
#[derive(Clone, Copy, Debug)]
struct Row {
    clinics: usize,
    /// Bytes that the operator holds.
    bytes: f64,
    /// Processor seconds that an hour takes, both fakes included.
    hour: f64,
    /// MiB that the process holds, both fakes included.
    resident: f64,
}

impl Row {
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    const fn count(&self) -> f64 {
        self.clinics as f64
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.bytes / self.count();
        let Self {
            clinics,
            bytes,
            hour,
            resident,
        } = self;
        write!(
            f,
            "{clinics:>7} {bytes:>12.0} {each:>8.0} {hour:>10.2} {resident:>9.0}"
        )
    }
}

/// Some clinics that come up together.
struct Batch(Range<usize>);

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "clinics {:?}", self.0)
    }
}

/// A platform on which nobody landed yet.
async fn platform() -> Origin {
    let mut world = World::with(clinics::PLATFORM).await;
    clinics::lift_quotas(&world);
    world.start();
    world.until_all_ready(0).await;
    world.kill().await;
    world.freeze()
}

/// These clinics alone, Ready and at rest.
async fn come_up(platform: &Origin, which: &Range<usize>) -> Origin {
    let mut world = World::thaw_apart(platform, 2 + which.start as u64);
    for clinic in which.clone() {
        world.apply(&clinics::manifest(clinic)).await;
    }
    world.start();
    world.until_all_ready(which.len()).await;
    world.kill().await;
    world.freeze()
}

/// Adds clinics until there are so many.
fn fill(all: &mut Origin, platform: &Origin, which: Range<usize>) {
    let batches: Vec<_> = which
        .clone()
        .step_by(BATCH)
        .map(|first| Batch(first..which.end.min(first + BATCH)))
        .collect();
    let all = Mutex::new(all);
    let bad = lives::spread(&batches, |batch| {
        let made = lives::run(come_up(platform, &batch.0));
        all.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .join(made);
        Ok(())
    });
    assert_all_well(&bad);
}

/// Lets them rest with an operator, and ends it. There is no kubelet, and nobody looks on: with ten
/// thousand clinics both would take more than the operator does.
fn measure(all: &Origin, clinics: usize) -> Row {
    let runtime = lives::runtime();
    let (around, operator) = runtime.block_on(async {
        let around = all.alone();
        let operator = operator::start(&around);
        sleep(REST).await;
        (around, operator)
    });
    let writes = || (around.aws.writes(), around.kube.writes());
    assert_eq!(writes(), (0, 0), "they did not rest before");
    let before = processor();
    runtime.block_on(async { sleep(Duration::from_hours(1)).await });
    assert_eq!(writes(), (0, 0), "they do not rest");
    let hour = processor() - before;
    let resident = resident();
    let full = allocated().unwrap();
    runtime.block_on(async {
        operator.abort();
        let _ = operator.await;
        // What it had spawned ends too.
        sleep(Duration::from_secs(10)).await;
    });
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    let bytes = (full - allocated().unwrap()) as f64;
    Row {
        clinics,
        bytes,
        hour,
        resident,
    }
}

/// Fails when memory grows faster than the number of instances does.
fn linear(rows: &[Row]) -> Result<(), String> {
    let steps = rows.windows(2).map(|pair| {
        let more = pair[1].bytes - pair[0].bytes;
        more / (pair[1].count() - pair[0].count())
    });
    let steps: Vec<_> = steps.collect();
    match (steps.first(), steps.last()) {
        (Some(first), Some(last)) if *last > first * SLACK => Err(format!(
            "an instance takes {first:.0} bytes at first and {last:.0} in the end"
        )),
        _ => Ok(()),
    }
}

/// Seconds that this thread has had the processor, in hundredths, as Linux tells them.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
    // The name, in parentheses, may hold spaces: fields are counted from behind it.
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    let times = fields.skip(11).take(2);
    let ticks: u32 = times.map(|time| time.parse::<u32>().unwrap()).sum();
    f64::from(ticks) / 100.0
}

/// MiB that the process holds.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kibibytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kibibytes.parse::<f64>().unwrap() / 1024.0
}

#[test]
#[cfg_attr(not(feature = "growth"), ignore = "nothing counts what is allocated")]
fn memory_grows_as_the_number_of_instances_does() {
    let sizes = env::var("EMR_GROWTH").ok().map_or(SIZES.to_vec(), |sizes| {
        let sizes = sizes.split(',').map(|size| size.parse().unwrap());
        sizes.collect()
    });
    let platform = lives::run(platform());
    let mut all = lives::run(come_up(&platform, &(0..0)));
    let mut rows = Vec::new();
    let mut there = 0;
    println!("simulation: clinics    operator     each  CPU s / h   RSS MiB");
    for size in sizes {
        fill(&mut all, &platform, there..size);
        there = size;
        let row = measure(&all, size);
        println!("simulation: {row}");
        rows.push(row);
    }
    linear(&rows).unwrap();
}

#[test]
fn growth_that_is_faster_is_told() {
    let rows = |bytes: [f64; 3]| {
        [1, 2, 4]
            .into_iter()
            .zip(bytes)
            .map(|(clinics, bytes)| Row {
                clinics,
                bytes,
                hour: 0.0,
                resident: 0.0,
            })
    };
    let told = |bytes| linear(&rows(bytes).collect::<Vec<_>>());
    told([110.0, 210.0, 410.0]).unwrap();
    told([110.0, 140.0, 260.0]).unwrap_err();
}
