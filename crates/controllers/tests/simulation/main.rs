//! The real controllers on both fakes, under a virtual clock.
//!
//! Each scenario starts from `deploy/samples/openemr.yaml`, and a judge watches both sides.
//! `EMR_SIMULATION_LOG=info` shows what the operator tells.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod allocator;
mod backups;
mod broken;
mod clinics;
mod convergence;
mod deletion;
mod drills;
mod growth;
mod in_place;
mod judge;
mod kubelet;
mod leftovers;
mod lies;
mod lives;
mod loss;
mod matrix;
mod medplum;
mod medplum_restore;
mod medplum_upgrades;
mod moments;
mod month;
mod objects;
mod operator;
mod points;
mod postgresql;
mod preflight;
mod prerequisites;
mod queue;
mod rds;
mod rds_troubles;
mod recovery;
mod replicas;
mod restored;
mod restores;
mod rules;
mod same;
mod secrets;
mod servers;
mod sets;
mod trust;
mod upgrades;
mod users;
mod volumes;
mod walk;
mod world;
