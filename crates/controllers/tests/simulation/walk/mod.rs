//! Random histories: users' edits, other people's hands in the account, faults and crashes, in any
//! order. Whatever happened, once it is over the stack is what its spec says, as if it had been
//! made by one edit; it rests; and the judge saw no rule broken on the way.
//!
//! A history follows from its seed. One that goes wrong is made shorter as long as it still goes
//! wrong, and told with its seed: `EMR_WALK_SEED=SEED` lives it again, `EMR_WALKS=COUNT` lives that
//! many.

mod deeds;
mod histories;

use std::{env, time::Instant};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::{
    lies::Lie,
    lives::{self, assert_all_well},
    rules::RULES,
};

/// How many histories are lived when nobody says otherwise; they take about half a minute of one core.
const WALKS: u64 = 250;
/// How many shorter histories are tried when one goes wrong.
const SHRINKS: u32 = 100;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// Lives the history of a seed, and tells the shortest one like it that goes wrong.
fn walk(seed: u64, lie: &Lie) -> Result<(), String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: SHRINKS,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let ended = runner.run(&deeds::histories(), |history| {
        lives::caught(histories::live(&history, seed, lie)).map_err(TestCaseError::fail)
    });
    match ended {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, history)) => Err(format!("{history:#?}\n{}", reason.message())),
        Err(TestError::Abort(reason)) => Err(reason.message().to_owned()),
    }
}

#[test]
fn every_history_ends_well() {
    let seeds: Vec<u64> = match number("EMR_WALK_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("EMR_WALKS").unwrap_or(WALKS)).collect(),
    };
    let started = Instant::now();
    let bad = lives::spread(&seeds, |seed| walk(*seed, &Lie::default()));
    println!(
        "simulation: {} random histories in {:.0} s",
        seeds.len(),
        started.elapsed().as_secs_f64()
    );
    assert_all_well(&bad);
}

#[test]
fn a_broken_rule_is_found_by_walking() {
    for rule in RULES {
        let lie = (rule.lie)();
        // A broken rule has other effects, too: what counts is that this one is seen.
        let caught = |seed| walk(seed, &lie).err()?.contains(rule.says).then_some(seed);
        let seed = (0..100_u64).find_map(caught);
        let seed = seed.expect("nothing noticed the broken rule");
        println!("simulation: {} was found by history {seed}", rule.name);
    }
}
