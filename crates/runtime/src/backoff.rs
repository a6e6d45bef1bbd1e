//! How long to wait before an object that failed is tried again.
//!
//! Exponential with full jitter above a floor, per object, forgotten on success and when the
//! user changes the object: a correction must not wait for the penalty of the mistake.
//!
//! An attempt that something else brought on before its time (the status that a refused pass wrote, a
//! neighbour's change) and that fails the same way neither counts nor puts the next one off.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rand::{Rng, RngExt};
use tokio::time::Instant;

use crate::Key;

/// How soon a failure may be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// It may pass by itself: 1 s to 60 s.
    Soon,
    /// A person is needed, or a cause outside must go away: 60 s to 15 min.
    Slow,
}

impl Class {
    /// The shortest and the longest wait.
    pub const fn bounds(self) -> (Duration, Duration) {
        match self {
            Self::Soon => (Duration::from_secs(1), Duration::from_mins(1)),
            Self::Slow => (Duration::from_mins(1), Duration::from_mins(15)),
        }
    }
}

/// The wait after `failures` earlier failures in a row: anything between the class's floor and a
/// ceiling that doubles each time.
pub fn delay(class: Class, failures: u32, rng: &mut impl Rng) -> Duration {
    let (floor, longest) = class.bounds();
    let ceiling = floor
        .saturating_mul(2_u32.saturating_pow(failures.saturating_add(1).min(31)))
        .min(longest);
    let spread = u64::try_from((ceiling.saturating_sub(floor)).as_millis()).unwrap_or(u64::MAX);
    floor + Duration::from_millis(rng.random_range(0..=spread))
}

#[derive(Clone, Copy, Debug)]
struct Streak {
    generation: Option<i64>,
    class: Class,
    failures: u32,
    due: Instant,
}

/// The failures of every object of a kind.
#[derive(Debug, Default)]
pub struct Backoff {
    streaks: Mutex<HashMap<Key, Streak>>,
}

impl Backoff {
    /// Notes a failure and says how long to wait.
    pub fn failed(
        &self,
        key: &Key,
        generation: Option<i64>,
        class: Class,
        rng: &mut impl Rng,
    ) -> Duration {
        let now = Instant::now();
        let mut streaks = self.streaks.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = match streaks.get(key) {
            Some(streak) if streak.generation == generation && streak.class == class => {
                if now < streak.due {
                    return streak.due.saturating_duration_since(now);
                }
                streak.failures.saturating_add(1)
            }
            _ => 0,
        };
        let wait = delay(class, failures, rng);
        let streak = Streak {
            generation,
            class,
            failures,
            due: now + wait,
        };
        streaks.insert(key.clone(), streak);
        wait
    }

    /// Forgets an object: it succeeded, or it is gone.
    pub fn forget(&self, key: &Key) {
        self.streaks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }

    /// How many objects are failing.
    pub fn failing(&self) -> usize {
        self.streaks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::SmallRng};

    use super::*;

    #[test]
    fn a_wait_stays_within_its_class_and_its_ceiling() {
        let mut rng = SmallRng::seed_from_u64(7);
        for class in [Class::Soon, Class::Slow] {
            let (floor, longest) = class.bounds();
            for failures in 0..40 {
                let wait = delay(class, failures, &mut rng);
                let ceiling = floor
                    .saturating_mul(2_u32.saturating_pow(failures + 1))
                    .min(longest);
                assert!(
                    floor <= wait && wait <= ceiling,
                    "{class:?} {failures} {wait:?}"
                );
            }
        }
    }

    #[test]
    fn waits_are_spread() {
        let mut rng = SmallRng::seed_from_u64(7);
        let waits: Vec<_> = (0..200).map(|_| delay(Class::Soon, 9, &mut rng)).collect();
        assert!(waits.iter().any(|wait| *wait < Duration::from_secs(15)));
        assert!(waits.iter().any(|wait| *wait > Duration::from_secs(45)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_before_its_time_changes_nothing() {
        let mut rng = SmallRng::seed_from_u64(7);
        let backoff = Backoff::default();
        let key = Key::new("a", "b");
        let wait = backoff.failed(&key, Some(1), Class::Slow, &mut rng);
        let early = Duration::from_secs(1);
        tokio::time::advance(early).await;
        for _ in 0..5 {
            let left = backoff.failed(&key, Some(1), Class::Slow, &mut rng);
            assert_eq!(left, wait.saturating_sub(early));
        }
        tokio::time::advance(wait.saturating_sub(early)).await;
        let second = backoff.failed(&key, Some(1), Class::Slow, &mut rng);
        assert!(second <= Duration::from_mins(4), "{second:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn success_a_new_generation_and_another_class_start_anew() {
        let mut rng = SmallRng::seed_from_u64(7);
        let backoff = Backoff::default();
        let key = Key::new("a", "b");
        let second = Duration::from_secs(2);
        for _ in 0..10 {
            let wait = backoff.failed(&key, Some(1), Class::Soon, &mut rng);
            tokio::time::advance(wait).await;
        }
        assert!(backoff.failed(&key, Some(2), Class::Soon, &mut rng) <= second);
        for _ in 0..10 {
            let wait = backoff.failed(&key, Some(2), Class::Slow, &mut rng);
            tokio::time::advance(wait).await;
        }
        assert!(backoff.failed(&key, Some(2), Class::Soon, &mut rng) <= second);
        backoff.forget(&key);
        assert_eq!(backoff.failing(), 0);
    }
}
