//! Leader election: one process writes, and knows for how long it still may.
//!
//! A rival takes over when it has seen the Lease unchanged for the lease's duration, on its own
//! clock. So the holder may trust a renewal for that duration, counted from when it *started* the
//! request: the API server cannot have stored it earlier. Both sides use monotonic clocks; wall
//! clocks are written for people only.
//!
//! Invariant: while `remaining()` is above zero, nobody else holds the lease.

mod decide;
mod election;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

pub use decide::{Decision, Seen, decide};
pub use election::acquire;

/// Which Lease, and how fast.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Lease's namespace.
    pub namespace: String,
    /// The Lease's name.
    pub name: String,
    /// This process, different from every other process that ever was: pod name and a random part.
    pub identity: String,
    /// How long a renewal lasts.
    pub duration: Duration,
    /// How long renewals may fail before leadership is given up.
    pub renew_deadline: Duration,
    /// The time between renewals, and between looks at another's lease.
    pub retry: Duration,
    /// What must remain of the lease after a write's time-out.
    pub margin: Duration,
}

impl Config {
    /// 15 s, given up after 10 s, renewed every 2 s, with a margin of 1 s.
    pub fn new(
        namespace: impl Into<String>,
        name: impl Into<String>,
        identity: impl Into<String>,
    ) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
            identity: identity.into(),
            duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry: Duration::from_secs(2),
            margin: Duration::from_secs(1),
        }
    }
}

/// What the election tells everybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// We lead, at least until then.
    Until(Instant),
    /// There is no rival: tests and one-off commands.
    Forever,
    /// We do not lead any more, and will not again.
    Over,
}

/// The right to write. Clones share it.
#[derive(Clone, Debug)]
pub struct Leadership {
    state: watch::Receiver<State>,
    margin: Duration,
    /// Asks the election to release the Lease.
    release: mpsc::Sender<()>,
    /// Keeps `state` open where no election runs.
    _forever: Option<Arc<watch::Sender<State>>>,
}

impl Leadership {
    /// Leadership without an election, for tests and for commands that have no rival.
    pub fn forever() -> Self {
        let (sender, state) = watch::channel(State::Forever);
        Self {
            state,
            margin: Duration::ZERO,
            release: mpsc::channel(1).0,
            _forever: Some(Arc::new(sender)),
        }
    }

    /// For how long nobody else can lead.
    pub fn remaining(&self) -> Duration {
        let state = *self.state.borrow();
        match state {
            State::Until(end) => end.saturating_duration_since(Instant::now()),
            State::Forever => Duration::MAX,
            State::Over => Duration::ZERO,
        }
    }

    /// True if something that takes up to `timeout` may start now.
    pub fn allows(&self, timeout: Duration) -> bool {
        let needed = timeout.saturating_add(self.margin);
        let remaining = self.remaining();
        !remaining.is_zero() && needed <= remaining
    }

    /// As [`allows`](Self::allows), but waits for the next renewal where the present one is too
    /// old: what may take nearly as long as a renewal lasts would otherwise be refused for as long as
    /// each renewal is under way. False once leadership can't be renewed in time.
    pub async fn permits(&self, timeout: Duration) -> bool {
        let mut state = self.state.clone();
        state.mark_unchanged();
        if self.allows(timeout) {
            return true;
        }
        // No renewal comes once nothing remains; one is as long as the next.
        let renewed = tokio::time::timeout(self.remaining(), state.changed()).await;
        matches!(renewed, Ok(Ok(()))) && self.allows(timeout)
    }

    /// Returns when leadership is over.
    pub async fn lost(&self) {
        let mut state = self.state.clone();
        // A closed channel means that the election is gone, so nobody renews.
        let _ = state.wait_for(|state| *state == State::Over).await;
    }

    /// Hands the lease on at once. Call it when nothing writes any more.
    pub async fn release(&self) {
        if self.release.send(()).await.is_ok() {
            // The election drops its end once the Lease is written.
            self.release.closed().await;
        }
    }
}

#[cfg(test)]
mod tests;
