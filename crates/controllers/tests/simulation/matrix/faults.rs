//! Every call of AWS fails once in every way, and so do reads and writes to Kubernetes.

use emr_cloud::{ErrorKind, memory::Fault};
use emr_runtime::memory as kubernetes;

use super::{Job, PHASES, Phase, Undisturbed, live};
use crate::{
    lies::Lie,
    lives::{self, assert_all_well},
    points::{Request, Trouble},
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

pub(crate) fn jobs(phase: Phase, of: &Undisturbed) -> Vec<Job> {
    let job = |point: &crate::points::Point, trouble| Job {
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
    let reads = of.reads().into_iter().flat_map(|point| {
        let lists = matches!(point.request, Request::Read("List", _));
        let stale = lists.then_some(Fault::Stale);
        READ.into_iter()
            .chain(stale)
            .map(|fault| job(point, Trouble::Aws(fault)))
    });
    calls.chain(writes).chain(reads).collect()
}

#[test]
fn every_failure_leads_to_the_same_end() {
    for phase in PHASES {
        let of = phase.undisturbed();
        let jobs = jobs(phase, &of);
        let bad = lives::each(&jobs, async |job| live(job, &of.end, &Lie::default()).await);
        println!(
            "simulation: {phase:?}: {} failures of {} calls of AWS, {} reads and {} writes",
            jobs.len(),
            of.calls().count(),
            of.reads().len(),
            of.writes().count()
        );
        assert_all_well(&bad);
    }
}
