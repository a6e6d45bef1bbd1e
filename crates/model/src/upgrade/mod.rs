//! Upgrades of an application: which releases they go through, and the walk along them.
//!
//! ```text
//! path(from, to, catalogue) ─> steps                       which releases, or why not
//! next(procedure, whose, wanted, recorded, seen, now) ─> Action     what comes next on the way
//!
//! Medplum   Securing ─> Rolling ─> Verifying ─> Migrating ─> next step
//! OpenEMR   Stopping ─> Securing ─> Migrating ─> Verifying ─> Rolling ─> next step
//!              └───────────┴───────────┴────────────┴────────────┴──> Failed
//! ```
//! One machine walks both: the order of the phases, and what proves that a step is done, are data
//! ([`Procedure`]). A phase is written before what it does begins. Nothing that can't be undone begins
//! before a set of this very step is complete, and whatever fails stops and keeps that set.

mod catalogue;
mod look;
mod path;
mod procedure;
mod record;
mod secure;
mod state;
#[cfg(test)]
mod tests;
mod told;
mod version;
mod walk;

pub use catalogue::{Catalogue, Walk};
pub use path::{Step, UpgradeError, path};
pub use procedure::{Evidence, Procedure};
pub use record::{Target, concerns, look_again, recorded, remember, target, wish};
pub use secure::{a_set, what_came_of};
pub use state::{
    Action, Level, Observed, Pods, Recorded, State, Upgrade, UpgradePhase, Wish, Work,
};
pub use told::restore_line;
pub use version::{Release, Version, VersionError};
pub use walk::next;
