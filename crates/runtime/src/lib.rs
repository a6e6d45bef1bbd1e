//! Kubernetes plumbing: how objects are written, pruned, watched, retried and reported.
//!
//! Nothing here knows what the objects are for. Everything here keeps three promises: a write is
//! sent only if it changes something, only while this process holds the lease, and every failure
//! is retried and reported in one place.

pub mod admin;
pub mod apply;
pub mod backoff;
pub mod controller;
pub mod error;
pub mod events;
pub mod finalizer;
pub mod gate;
mod key;
pub mod lease;
#[cfg(feature = "memory")]
pub mod memory;
pub mod metrics;
mod path;
pub mod prune;
pub mod status;
mod upkeep;

pub use apply::{Applied, apply};
pub use backoff::Class;
pub use controller::{Next, ReconcileError, Reconciler, run_kind};
pub use error::{Error, Result};
pub use events::Events;
pub use key::Key;
pub use lease::Leadership;
pub use metrics::Metrics;
pub use upkeep::{Upkeep, Wish};
