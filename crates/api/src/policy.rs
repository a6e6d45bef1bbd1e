//! What happens to data on deletion, and how much the operator may change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happens to the data in AWS when the object is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// A final snapshot of the database and a recovery point of the files are taken and seen
    /// complete; then the resources are deleted.
    #[default]
    Snapshot,
    /// Everything that holds data stays in AWS as it is.
    Retain,
    /// Everything is deleted without a copy. Needs the annotation
    /// `emrstack.dev/confirm-delete: NAME`.
    Delete,
}

/// How much the operator may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ManagementPolicy {
    /// Creates, changes and deletes.
    #[default]
    Full,
    /// Reports drift and changes nothing, in AWS or in the cluster.
    Observe,
}

/// Sizes, zones and retention together; every field of a spec overrides its part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Profile {
    /// A reader in a second zone, a key of its own, 30 days of backups, 2 to 100 pods.
    #[default]
    Production,
    /// One writer, the platform's key, 7 days of backups, 2 to 10 pods.
    Staging,
    /// One small writer, the platform's key, 3 days of backups, 1 to 3 pods.
    Development,
}
