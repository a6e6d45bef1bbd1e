//! The real controllers on both fakes, under a virtual clock.
//!
//! Each scenario starts from `deploy/samples/openemr.yaml`. The matrices try a sample of their
//! points; `EMR_SIMULATION_FULL=1` tries all of them. `EMR_SIMULATION_LOG=info` shows what the
//! operator tells.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod convergence;
mod deletion;
mod kubelet;
mod loss;
mod matrix;
mod points;
mod world;
