//! What users write: the custom resources of `emrstack.dev/v1alpha1`.
//!
//! One file a kind. Field docs become the CRDs' descriptions and the reference, so they are
//! written for the person who fills the field in. Rules that the API server can check stand here
//! as CEL and are evaluated by unit tests through `validate_cel`; everything else is the model's.
//!
//! No IO. A field stands here only if it acts.

// The schema derive wraps each type in a private module of its own.
#![allow(unreachable_pub)]

pub mod cache_cluster;
pub mod conditions;
pub mod crd;
pub mod emr_backup;
pub mod emr_drill;
pub mod emr_instance;
pub mod emr_platform;
pub mod emr_restore;
pub mod labels;
pub mod managed_database;
pub mod object_store;
pub mod policy;
pub mod references;
#[cfg(test)]
mod samples;
pub mod shared_file_system;

pub use cache_cluster::CacheCluster;
pub use emr_backup::EmrBackup;
pub use emr_drill::EmrDrill;
pub use emr_instance::EmrInstance;
pub use emr_platform::EmrPlatform;
pub use emr_restore::EmrRestore;
pub use managed_database::ManagedDatabase;
pub use object_store::ObjectStore;
pub use shared_file_system::SharedFileSystem;

/// The API group of every kind.
pub const GROUP: &str = "emrstack.dev";
/// The version that is served and stored.
pub const VERSION: &str = "v1alpha1";
