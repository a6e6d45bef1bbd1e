//! EmrRestore: an instance put back to a set, beside what it runs on, and then instead of it.
//!
//! ```text
//! Pending ─> Securing ─> Making ─> Verifying ─> Switching ─> Complete ─> Discarding ─> Discarded
//!    │          └───────────┴──────────┴──────> Failing ──> Failed
//!    └─(no safety set)──^
//! ```
//! A phase is written before what it does begins. Until `Switching` the instance does not notice, and
//! everything that was made can go; from then on it runs to its end.

mod candidate;
mod phase;
#[cfg(test)]
mod tests;

pub use candidate::{as_candidate, candidate_name, children, safety_backup};
pub use phase::{
    Moment, NotYet, begin, is_confirmed, ready_to_begin, resting, runs_on, what_is_made,
};
