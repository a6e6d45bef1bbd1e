//! Two replicas, and a leader that can't reach the API server any more but still reaches AWS:
//! nobody writes after another has begun to (invariant 11), and the stack ends as if nothing had
//! happened.

use std::{fmt, time::Duration};

use tokio::time::sleep;

use crate::{
    lies::Lie,
    lives::{self, assert_all_well},
    matrix::{Phase, Undisturbed},
    operator::{Lease, elect},
    points::{Point, Request, Trouble},
    rules::RULES,
    same::End,
};

/// The leader is cut off at a call.
struct Cut {
    phase: Phase,
    at: Point,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { phase, at } = self;
        write!(f, "{phase:?}, the leader is cut off at {at}")
    }
}

async fn live(cut: &Cut, wanted: &End, lease: Lease, lie: &Lie) -> Result<(), String> {
    let world = cut.phase.open(lie).await;
    world.troubles.arm(&cut.at, Trouble::Cut);
    let first = elect(world.surroundings(), "first", lease);
    sleep(Duration::from_secs(1)).await;
    let second = elect(world.surroundings(), "second", lease);
    cut.phase.act(&world).await;
    let ended = cut.phase.end(&world).await;
    // It is back, and must have understood that it does not lead any more.
    world.kube.process("first").mend();
    sleep(Duration::from_mins(10)).await;
    let forgot = !first.is_finished();
    first.abort();
    second.abort();
    world.judge.verdict(&world)?;
    ended?;
    if !world.troubles.all_fired() {
        return Err("it was never cut off".to_owned());
    }
    if forgot {
        return Err("the former leader goes on".to_owned());
    }
    wanted.compare(&End::of(&world))
}

fn cuts(phase: Phase, of: &Undisturbed) -> Vec<Cut> {
    let calls = of.calls().cloned();
    calls.map(|at| Cut { phase, at }).collect()
}

#[test]
fn a_leader_that_is_cut_off_stops_before_another_begins() {
    for phase in [Phase::Creation, Phase::Update, Phase::Deletion] {
        let of = phase.undisturbed();
        let cuts = cuts(phase, &of);
        let bad = lives::each(&cuts, async |cut| {
            live(cut, &of.end, Lease::Respected, &Lie::default()).await
        });
        println!("simulation: {phase:?}: {} leaders cut off", cuts.len());
        assert_all_well(&bad);
    }
}

#[test]
fn invariant_11_a_leader_that_forgets_its_lease_is_caught() {
    let of = Phase::Creation.undisturbed();
    let cuts = cuts(Phase::Creation, &of);
    let early = &cuts[..6];
    let bad = lives::each(early, async |cut| {
        live(cut, &of.end, Lease::Forgotten, &Lie::default()).await
    });
    assert_eq!(bad.len(), early.len(), "{bad:?}");
    let caught = |told: &String| told.contains("writes after another did");
    assert!(bad.iter().any(caught), "{bad:?}");
}

/// Where the leader is cut off while a rule is broken: before what the rule forbids, or at it.
const fn operations(phase: Phase) -> &'static [&'static str] {
    match phase {
        Phase::Deletion => &[
            "CreateDBClusterSnapshot",
            "StartBackupJob",
            "DeleteDBInstance",
        ],
        _ => &["CreateDBCluster"],
    }
}

#[test]
fn a_broken_rule_is_caught_with_two_replicas() {
    for rule in RULES {
        let of = rule.phase.undisturbed();
        let lie = (rule.lie)();
        let operations = operations(rule.phase).iter();
        let cuts: Vec<_> = operations
            .map(|operation| Cut {
                phase: rule.phase,
                at: Point {
                    request: Request::Call(operation),
                    nth: 1,
                },
            })
            .collect();
        let bad = lives::each(&cuts, async |cut| {
            live(cut, &of.end, Lease::Respected, &lie).await
        });
        let caught = bad.iter().filter(|told| told.contains(rule.says)).count();
        println!(
            "simulation: replicas: {} was caught in {caught} of {} lives",
            rule.name,
            cuts.len()
        );
        assert_eq!(caught, cuts.len(), "{}: {bad:#?}", rule.name);
    }
}
