//! EmrDrill: proof that a set brings an instance back.
//!
//! ```text
//! Pending ─> Restoring ─> Checking ─> Clearing ─> Passed
//!    │           └────────────┴────────^ └──────> Failed
//!    └─(no set)───────────────────────────────────^
//! ```
//! A phase is written before what it does begins. Whatever came out, `Clearing` wipes the copy first and
//! the verdict follows: nothing of a drill is left when it is over.

mod copy;
mod phase;
#[cfg(test)]
mod tests;
mod told;

pub use copy::{copy, copy_name, is_copy};
pub use phase::{Moment, NotYet, Start, begin, checked, is_too_late, start};
pub use told::{proven, resting};
