//! One module a kind: the only place where reading, deciding and writing meet.
//!
//! ```text
//! landing   which account, network and key            reads
//! drive     observe -> plan -> perform, until settled AWS
//! connect   values of secrets into Kubernetes Secrets AWS read, one apply
//! report    one status write, only if it differs      Kubernetes
//! ```
//!
//! A kind's `reconcile` is one screen and calls these by name; the stores share theirs, in
//! `store`. What they decide with is the model's. Nothing here sleeps, and nothing is decided here that `model` could decide.

mod cache_cluster;
mod children;
mod connect;
mod context;
mod deletion;
mod drive;
mod emr_backup;
mod emr_drill;
mod emr_instance;
mod emr_platform;
mod emr_restore;
mod kept;
mod landing;
mod managed_database;
pub mod medplum_server;
mod metrics;
mod mirrors;
mod object_store;
mod phased;
pub mod rbac;
mod report;
mod shared_file_system;
mod start;
mod store;
mod waiters;
mod write;

pub use context::{Clock, Context, LeasePermit};
pub use metrics::Metrics;
pub use start::start;
