//! The bucket itself. Time comes in as a value.

use std::time::Duration;

use tokio::time::Instant;

use super::Rate;

/// Turns of mutations after which a waiting read goes first.
const MUTATIONS_IN_A_ROW: u32 = 8;
/// The rate never falls below this part of what is allowed.
const SLOWEST: f64 = 1.0 / 16.0;
/// Seconds from the slowest to the full rate.
const RECOVERY_SECONDS: f64 = 60.0;
/// Throttles of requests that were in flight together count once.
const ONE_THROTTLE: Duration = Duration::from_secs(1);

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Changes something.
    Mutation = 0,
    /// Sweeps and single reads.
    Read = 1,
}

/// Tokens, and how fast they come.
#[derive(Clone, Debug)]
pub struct Bucket {
    full: Rate,
    tokens: f64,
    factor: f64,
    at: Instant,
    throttled_at: Option<Instant>,
    waiting: [bool; 2],
    mutations_in_a_row: u32,
}

impl Bucket {
    /// A full bucket.
    pub const fn new(rate: Rate, now: Instant) -> Self {
        Self {
            full: rate,
            tokens: rate.burst,
            factor: 1.0,
            at: now,
            throttled_at: None,
            waiting: [false; 2],
            mutations_in_a_row: 0,
        }
    }

    fn advance(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        let before = self.factor;
        self.factor = (before + seconds / RECOVERY_SECONDS).min(1.0);
        let rate = self.full.per_second * f64::midpoint(before, self.factor);
        self.tokens = (self.tokens + rate * seconds).min(self.full.burst);
    }

    /// Says that somebody of this priority waits, or no longer does.
    pub const fn waiting(&mut self, priority: Priority, waits: bool) {
        self.waiting[priority as usize] = waits;
    }

    /// Takes a token, or says when to ask again.
    pub fn take(&mut self, priority: Priority, now: Instant) -> Result<(), Instant> {
        self.advance(now);
        let reads_turn = self.mutations_in_a_row >= MUTATIONS_IN_A_ROW;
        let other_first = match priority {
            Priority::Mutation => reads_turn && self.waiting[Priority::Read as usize],
            Priority::Read => !reads_turn && self.waiting[Priority::Mutation as usize],
        };
        let missing = 1.0 - self.tokens;
        // Who lets the other go first needs the token after that one.
        let missing = if other_first {
            missing.max(0.0) + 1.0
        } else {
            missing
        };
        if missing > 1e-9 {
            let seconds = missing / (self.full.per_second * self.factor);
            return Err(now + Duration::from_secs_f64(seconds.clamp(0.001, 60.0)));
        }
        self.tokens -= 1.0;
        self.mutations_in_a_row = match priority {
            Priority::Mutation => self.mutations_in_a_row.saturating_add(1),
            Priority::Read => 0,
        };
        Ok(())
    }

    /// AWS refused a request: half as fast from here, and nothing at once.
    pub fn throttled(&mut self, now: Instant) {
        self.advance(now);
        self.tokens = self.tokens.min(0.0);
        if self
            .throttled_at
            .is_none_or(|at| now.saturating_duration_since(at) >= ONE_THROTTLE)
        {
            self.throttled_at = Some(now);
            self.factor = (self.factor / 2.0).max(SLOWEST);
        }
    }

    /// Requests a second at the moment.
    pub fn rate(&mut self, now: Instant) -> f64 {
        self.advance(now);
        self.full.per_second * self.factor
    }
}
