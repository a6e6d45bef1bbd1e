//! What should be: from a spec and the world around it to desired resources, Kubernetes objects
//! and status.
//!
//! Pure: no client, no clock, no randomness. Each kind has a folder with the same three verbs:
//! `desire` (spec to stack), `plan` (stack and what is seen to the next step), `status` (what is
//! seen to what people read). The controllers call them and do the rest.

pub mod backup;
pub mod cache;
pub mod database;
pub mod drill;
pub mod files;
pub mod instance;
pub mod inventory;
pub mod medplum;
pub mod objects;
pub mod openemr;
pub mod owner;
pub mod platform;
pub mod profile;
pub mod progress;
pub mod restore;
pub mod schedule;
pub mod upgrade;
pub mod workload;

pub use owner::{object_name, owner_of};
pub use progress::Progress;
