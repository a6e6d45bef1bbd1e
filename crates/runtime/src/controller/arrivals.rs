//! Who is looked at when after a start: a process that takes over a thousand settled objects does not
//! read all of AWS at once, while what is new waits behind it.
//!
//! Objects that were settled when their driver started have their first pass in turn, a few of them
//! at once and then one after the other. Whatever happens to one of them meanwhile makes it urgent.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::Key;

/// How many settled objects have their first pass at once.
const AT_ONCE: u32 = 100;
/// How long until the next one has.
const GAP: Duration = Duration::from_millis(600);
/// How many come one after the other; with more of them the next begin beside the first, so that all
/// had their pass within ten minutes.
const IN_TURN: u32 = 1_000;
/// What is first seen later than this did not wait for the driver to start.
const START: Duration = Duration::from_secs(30);

/// A settled object that waits for its first pass.
#[derive(Clone, Copy, Debug)]
struct Turn {
    at: Instant,
    /// What the user says about it, as a hash.
    asked: Option<u64>,
}

#[derive(Debug, Default)]
struct State {
    begun: Option<Instant>,
    known: HashSet<Key>,
    waiting: HashMap<Key, Turn>,
    urgent: HashSet<Key>,
    turns: u32,
}

/// The order in which settled objects have their first pass.
#[derive(Debug, Default)]
pub(super) struct Arrivals(Mutex<State>);

impl Arrivals {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened to an object that waits: its turn is now.
    pub(super) fn hurry(&self, key: &Key) {
        let mut state = self.state();
        let early = state.begun.is_none_or(|begun| begun.elapsed() < START);
        let to_come = early && !state.known.contains(key);
        if to_come || state.waiting.contains_key(key) {
            state.urgent.insert(key.clone());
        }
    }

    /// The object is gone.
    pub(super) fn forget(&self, key: &Key) {
        let mut state = self.state();
        state.known.remove(key);
        state.waiting.remove(key);
        state.urgent.remove(key);
    }

    /// How long `key` has to wait for its pass; `None` when it is due. `asked` is what the user says
    /// about it, and `settled` whether nothing was left to do when it was last reported.
    pub(super) fn wait(
        &self,
        key: &Key,
        asked: Option<u64>,
        settled: bool,
        now: Instant,
    ) -> Option<Duration> {
        let mut state = self.state();
        let begun = *state.begun.get_or_insert(now);
        let urgent = state.urgent.remove(key);
        let turn = if state.known.contains(key) {
            state.waiting.get(key).copied()
        } else {
            let early = now.saturating_duration_since(begun) < START;
            if early {
                state.known.insert(key.clone());
            }
            (early && settled).then(|| {
                let turn = Turn {
                    at: begun + GAP * (state.turns.saturating_sub(AT_ONCE) % IN_TURN),
                    asked,
                };
                state.turns = state.turns.saturating_add(1);
                turn
            })
        };
        let turn = turn.filter(|turn| !urgent && settled && turn.asked == asked && turn.at > now);
        let Some(turn) = turn else {
            state.waiting.remove(key);
            return None;
        };
        state.waiting.insert(key.clone(), turn);
        Some(turn.at - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Key {
        Key::new("clinics", number.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn settled_objects_come_in_turn_and_others_at_once() {
        let (arrivals, now) = (Arrivals::default(), Instant::now());
        let wait = |number, asked, settled, at| arrivals.wait(&key(number), asked, settled, at);
        let waits: Vec<_> = (0..300).map(|n| wait(n, Some(1), true, now)).collect();
        assert_eq!(waits.iter().filter(|wait| wait.is_none()).count(), 101);
        assert_eq!(waits[299], Some(GAP * 199));
        assert_eq!(wait(300, Some(1), false, now), None, "not settled");

        assert_eq!(
            wait(299, Some(1), true, now + GAP),
            Some(GAP * 198),
            "its turn stays"
        );
        assert_eq!(wait(299, Some(2), true, now), None, "the user changed it");
        assert_eq!(
            wait(298, Some(1), false, now),
            None,
            "it is not settled any more"
        );
        arrivals.hurry(&key(297));
        assert_eq!(
            wait(297, Some(1), true, now),
            None,
            "something happened to it"
        );
        assert_eq!(wait(297, Some(1), true, now), None, "it had its turn");
        assert!(wait(296, Some(1), true, now).is_some());
        assert_eq!(wait(296, Some(1), true, now + GAP * 300), None, "its turn");
        assert_eq!(wait(400, Some(1), true, now + START), None, "it came later");
    }

    #[tokio::test(start_paused = true)]
    async fn a_great_many_do_not_wait_longer() {
        let (arrivals, now) = (Arrivals::default(), Instant::now());
        let waits: Vec<_> = (0..10_000)
            .filter_map(|number| arrivals.wait(&key(number), None, true, now))
            .collect();
        assert!(waits.len() > 9_800);
        let longest = waits.iter().max().unwrap();
        assert!(*longest < Duration::from_mins(10), "{longest:?}");
        let at_once = |at| waits.iter().filter(|wait| **wait == at).count();
        assert!((9..=10).contains(&at_once(GAP)) && at_once(GAP * 999) >= 9);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_gone_is_forgotten() {
        let (arrivals, now) = (Arrivals::default(), Instant::now());
        for number in 0..200 {
            arrivals.wait(&key(number), None, true, now);
        }
        arrivals.hurry(&key(150));
        for number in 0..200 {
            arrivals.forget(&key(number));
        }
        let state = arrivals.state();
        assert!(state.known.is_empty() && state.waiting.is_empty() && state.urgent.is_empty());
    }
}
