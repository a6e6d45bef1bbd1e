//! AWS resource types: what is wanted, what is seen, and the step from one to the other.
//!
//! A folder each. Every one defines a `Desired`, an `Observed`, a `Change` and a pure
//! `plan(desired, observed, …) -> Step`. Three rules hold for all of them:
//!
//! * A [`Change`](ResourceType::Change) is **exactly one** mutating AWS call, so a crash can only
//!   happen between changes, and the permission table has one row a variant.
//! * A resource is known by a name or token that **we** chose ([`names`]); AWS's own ids are seen,
//!   never invented. Two runs therefore can't create the same thing twice.
//! * What does not carry our [ownership](ownership) tags is never changed or deleted.
//!
//! No Kubernetes, no async, no clock: time comes in as a value.

pub mod difference;
pub mod ids;
pub mod names;
pub mod ownership;
pub mod resource_type;
pub mod restore_job;
pub mod step;
pub mod tags;

pub mod access_point;
pub mod backup_job;
pub mod backup_plan;
pub mod backup_role;
pub mod backup_vault;
pub mod bucket;
pub mod cache_parameter_group;
pub mod cache_subnet_group;
pub mod cache_user;
pub mod cache_user_group;
pub mod cluster_snapshot;
pub mod db_cluster;
pub mod db_instance;
pub mod db_parameter_group;
pub mod db_snapshot;
pub mod file_system;
pub mod key;
pub mod log_group;
pub mod network;
pub mod parameter_group;
pub mod pod_identity_association;
pub mod pod_role;
pub mod protected_resource;
pub mod quota;
pub mod rds_instance;
pub mod recovery_point;
pub mod replication_group;
pub mod secret;
pub mod security_group;
pub mod serverless_cache;
pub mod subnet_group;

mod table;

pub use difference::Difference;
pub use ownership::Owner;
pub use resource_type::{Listing, Mutation, ResourceType, Service};
pub use step::{Refusal, Step, Wait};
pub use table::Change;
pub use tags::{Tags, UserTags};
