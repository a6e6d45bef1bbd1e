//! Every call of AWS fails once in every way, and so do reads and writes to Kubernetes.
//!
//! Of reads, the first, the middle and the last of each operation and resource type fail in every way,
//! and the others in one, the ways taken in turn; `EMR_EVERY_READ=1` lets every one fail in every way.

use std::{
    collections::BTreeSet,
    env,
    sync::atomic::{AtomicUsize, Ordering},
};

use emr_cloud::{ErrorKind, memory::Fault};
use emr_runtime::memory as kubernetes;

use super::{Job, PHASES, Phase, Undisturbed, live};
use crate::{
    lies::Lie,
    lives::{self, assert_all_well},
    points::{Point, Request, Trouble},
};

/// What can go wrong with a change. Access is repaired and credentials are renewed by the time of
/// the next attempt.
const CALL: [Fault; 8] = [
    Fault::Refuse(ErrorKind::Throttled),
    Fault::Refuse(ErrorKind::Transient),
    Fault::TimedOutBefore,
    Fault::TimedOutAfter,
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::Refuse(ErrorKind::AccessDenied),
    Fault::Refuse(ErrorKind::Credentials),
];
/// What can go wrong with a read, which has no effect before which it could be lost.
const READ: [Fault; 6] = [
    Fault::Refuse(ErrorKind::Throttled),
    Fault::Refuse(ErrorKind::Transient),
    Fault::TimedOutBefore,
    Fault::LostBefore,
    Fault::Refuse(ErrorKind::AccessDenied),
    Fault::Refuse(ErrorKind::Credentials),
];
/// Refused or done, and neither known: crashes try the rest.
const WRITE: [kubernetes::Fault; 2] =
    [kubernetes::Fault::Refuse(500), kubernetes::Fault::LostAfter];

/// How a read can fail: a list can also be stale.
fn ways(read: &Point) -> Vec<Fault> {
    let lists = matches!(read.request, Request::Read("List", _));
    let stale = lists.then_some(Fault::Stale);
    READ.into_iter().chain(stale).collect()
}

/// Which reads are to fail, and how.
fn reads(of: &Undisturbed) -> Vec<(&Point, Fault)> {
    let every = env::var_os("EMR_EVERY_READ").is_some();
    let some: BTreeSet<_> = of.some_reads().collect();
    let all = of.reads().enumerate().flat_map(|(index, read)| {
        let mut ways = ways(read);
        if !every && !some.contains(read) {
            ways = vec![ways[index % ways.len()]];
        }
        ways.into_iter().map(move |fault| (read, fault))
    });
    all.collect()
}

pub(crate) fn jobs(phase: Phase, of: &Undisturbed) -> Vec<Job> {
    let job = |point: &Point, trouble| Job {
        phase,
        point: point.clone(),
        trouble,
    };
    let calls = of
        .calls()
        .flat_map(|point| CALL.map(|fault| job(point, Trouble::Aws(fault))));
    let writes = of
        .writes()
        .flat_map(|point| WRITE.map(|fault| job(point, Trouble::Kubernetes(fault))));
    let reads = reads(of).into_iter();
    let reads = reads.map(|(point, fault)| job(point, Trouble::Aws(fault)));
    phase.tried(calls.chain(writes).chain(reads).collect())
}

#[test]
fn every_failure_leads_to_the_same_end() {
    for phase in PHASES {
        let of = phase.undisturbed();
        let jobs = jobs(phase, &of);
        let missed = AtomicUsize::new(0);
        let bad = lives::each(&jobs, async |job| {
            if !live(job, &of.end, &Lie::default()).await? {
                missed.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        });
        println!(
            "simulation: {phase:?}: {} failures of: all {} of {} calls of AWS, all {} of {} writes to \
             Kubernetes, {} of {} of {} reads of AWS, each of which failed, {} of them less than \
             three times in a row",
            jobs.len(),
            of.calls().count() * CALL.len(),
            of.calls().count(),
            of.writes().count() * WRITE.len(),
            of.writes().count(),
            reads(&of).len(),
            of.reads().map(|read| ways(read).len()).sum::<usize>(),
            of.reads().count(),
            missed.into_inner(),
        );
        assert_all_well(&bad);
    }
}
