//! The process ends before or after every call of AWS and every write to Kubernetes.

use emr_cloud::memory as aws;
use emr_runtime::memory as kubernetes;

use super::{Job, PHASES, Phase, Undisturbed, live};
use crate::{
    lies::Lie,
    lives::{self, assert_all_well},
    points::Trouble,
};

/// True when the trouble is a crash.
pub(crate) fn ends_the_process(trouble: Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Aws(aws::Fault::CrashBefore | aws::Fault::CrashAfter)
            | Trouble::Kubernetes(kubernetes::Fault::CrashBefore | kubernetes::Fault::CrashAfter)
    )
}

pub(crate) fn jobs(phase: Phase, of: &Undisturbed) -> Vec<Job> {
    let call = [aws::Fault::CrashBefore, aws::Fault::CrashAfter].map(Trouble::Aws);
    let write = [
        kubernetes::Fault::CrashBefore,
        kubernetes::Fault::CrashAfter,
    ]
    .map(Trouble::Kubernetes);
    let calls = of.calls().map(|point| (point, call));
    let writes = of.writes().map(|point| (point, write));
    let all = calls.chain(writes).flat_map(|(point, troubles)| {
        troubles.map(|trouble| Job {
            phase,
            point: point.clone(),
            trouble,
        })
    });
    phase.tried(all.collect())
}

#[test]
fn a_crash_at_any_point_leads_to_the_same_end() {
    for phase in PHASES {
        let of = phase.undisturbed();
        let jobs = jobs(phase, &of);
        let bad = lives::each(&jobs, async |job| {
            live(job, &of.end, &Lie::default()).await?;
            Ok(())
        });
        println!(
            "simulation: {phase:?}: {} crashes at {} calls of AWS and {} writes to Kubernetes",
            jobs.len(),
            of.calls().count(),
            of.writes().count()
        );
        assert_all_well(&bad);
    }
}
