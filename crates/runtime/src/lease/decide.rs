//! Whose turn it is: a pure function of what was seen of the Lease and when.

use std::time::Duration;

use tokio::time::Instant;

/// What this process knows of a Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who holds it; `None` if it was released.
    pub holder: Option<String>,
    /// How long a renewal lasts, by the holder's word.
    pub duration: Duration,
    /// When this process first saw the Lease as it is now.
    pub since: Instant,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nobody leads: try to take it.
    Acquire,
    /// We lead: renew it.
    Renew,
    /// Somebody leads, at least until then.
    Wait(Instant),
}

/// Decides what to do about a Lease; `None` if there is none.
pub fn decide(lease: Option<&Seen>, me: &str, now: Instant) -> Decision {
    let Some(seen) = lease else {
        return Decision::Acquire;
    };
    match seen.holder.as_deref() {
        None | Some("") => Decision::Acquire,
        Some(holder) if holder == me => Decision::Renew,
        Some(_) => {
            let end = seen.since + seen.duration;
            if now >= end {
                Decision::Acquire
            } else {
                Decision::Wait(end)
            }
        }
    }
}
