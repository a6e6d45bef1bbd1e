//! Two replicas, and a leader that can't reach the API server any more but still reaches AWS:
//! nobody writes after another has begun to (invariant 11), and the stack ends as if nothing had
//! happened.

use std::{fmt, time::Duration};

use tokio::time::sleep;

use crate::{
    lives::{self, assert_all_well},
    matrix::Phase,
    operator::{Lease, elect},
    points::{Point, Trouble},
    same::End,
    world::World,
};

/// The leader is cut off at a call.
struct Cut(Point);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the leader is cut off at {}", self.0)
    }
}

async fn live(cut: &Cut, wanted: &End, lease: Lease) -> Result<(), String> {
    let world = World::new().await;
    world.troubles.arm(&cut.0, Trouble::Cut);
    let first = elect(world.surroundings(), "first", lease);
    sleep(Duration::from_secs(1)).await;
    let second = elect(world.surroundings(), "second", lease);
    let ended = world.try_ready().await;
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

fn cuts(of: &crate::matrix::Undisturbed) -> Vec<Cut> {
    of.calls().cloned().map(Cut).collect()
}

#[test]
fn a_leader_that_is_cut_off_stops_before_another_begins() {
    let of = Phase::Creation.undisturbed();
    let cuts = cuts(&of);
    let bad = lives::each(&cuts, async |cut| {
        live(cut, &of.end, Lease::Respected).await
    });
    println!("simulation: {} leaders cut off", cuts.len());
    assert_all_well(&bad);
}

#[test]
fn invariant_11_a_leader_that_forgets_its_lease_is_caught() {
    let of = Phase::Creation.undisturbed();
    let cuts = cuts(&of);
    let early = &cuts[..6];
    let bad = lives::each(early, async |cut| {
        live(cut, &of.end, Lease::Forgotten).await
    });
    assert_eq!(bad.len(), early.len(), "{bad:?}");
    let caught = |told: &String| told.contains("writes after another did");
    assert!(bad.iter().any(caught), "{bad:?}");
}
