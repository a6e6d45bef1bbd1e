//! The matrices run against an operator one of whose rules is broken: what they would not notice
//! there, they would not notice anywhere.

use super::{Job, Phase, Undisturbed, crashes, faults, live};
use crate::{lives, rules::RULES};

/// How many jobs of a matrix are lived with each broken rule.
const JOBS: usize = 8;

type Jobs = fn(Phase, &Undisturbed) -> Vec<Job>;

/// So many of them, from the first to the last.
fn spread(mut jobs: Vec<Job>) -> Vec<Job> {
    let step = jobs.len().div_ceil(JOBS).max(1);
    let mut at = 0;
    jobs.retain(|_| {
        at += 1;
        (at - 1) % step == 0
    });
    jobs
}

#[test]
fn a_broken_rule_is_caught_by_each_matrix() {
    let matrices: [(&str, Jobs); 2] = [("crashes", crashes::jobs), ("failures", faults::jobs)];
    for rule in RULES {
        let of = rule.phase.undisturbed();
        let lie = (rule.lie)();
        for (matrix, jobs) in matrices {
            let jobs = spread(jobs(rule.phase, &of));
            let bad = lives::each(&jobs, async |job| {
                live(job, &of.end, &lie).await?;
                Ok(())
            });
            let caught = bad.iter().filter(|told| told.contains(rule.says)).count();
            println!(
                "simulation: {matrix}: {} was caught in {caught} of {} lives",
                rule.name,
                jobs.len()
            );
            // A failure may delay what is too early until it is in time.
            assert!(caught * 2 > jobs.len(), "{}: {bad:#?}", rule.name);
        }
    }
}
