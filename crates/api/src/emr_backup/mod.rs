//! EmrBackup: one set of everything that brings an instance back, taken together.
//!
//! Database and files of an instance open only together (safety.md 2): a set has both, or it is not
//! one. The spec can't be changed, because a set is taken once.

mod status;
#[cfg(test)]
mod tests;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use status::{
    Application, BackupPhase, BackupSource, DatabaseHalf, EmrBackupStatus, FilesHalf,
    SecretVersion, Set, SourceBucket,
};

/// A set of everything that brings an EmrInstance back: database, files, and what opens them.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "EmrBackup",
    plural = "emrbackups",
    shortname = "emrb",
    category = "emr",
    namespaced,
    status = "EmrBackupStatus",
    doc = "A set of everything that brings an EmrInstance back: database, files, and what opens them.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Instance","type":"string","jsonPath":".spec.instanceRef.name"}"#,
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Size","type":"string","jsonPath":".status.size"}"#,
    printcolumn = r#"{"name":"Expires","type":"date","jsonPath":".status.expiresAt"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message","priority":1}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("spec is immutable: a set is taken once; make another EmrBackup"))]
#[x_kube(validation = Rule::new("self.consistency == 'Quiesced' || !has(self.quietLimit)").message("spec.quietLimit belongs to consistency Quiesced: nothing stands still under Online"))]
pub struct EmrBackupSpec {
    /// The instance, in the same namespace.
    pub instance_ref: InstanceRef,
    /// Whether the application stands still while the set is taken.
    #[serde(default)]
    pub consistency: Consistency,
    /// The longest time that the application may stand still, from the first pod that stops until
    /// both halves are complete: `45m`, `2h`. After it the backup fails, what was taken is removed,
    /// and the pods come back. One hour when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 16), regex(pattern = "^([0-9]+(h|m|s))+$"))]
    #[x_kube(validation = Rule::new("duration(self) >= duration('1m') && duration(self) <= duration('24h')").message("spec.quietLimit must lie between 1m and 24h"))]
    pub quiet_limit: Option<String>,
    /// Days until both halves are removed; 0 keeps them until this object is deleted under
    /// `deletionPolicy: Delete`.
    #[serde(default)]
    #[schemars(range(max = 36500))]
    pub keep_days: u32,
    /// What becomes of the set when this object is deleted.
    #[serde(default)]
    pub deletion_policy: SetDeletionPolicy,
}

/// The EmrInstance that is backed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstanceRef {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// Whether the application stands still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Consistency {
    /// It goes on working. The database is taken as it is when the files begin to be copied: what is
    /// stored while they are copied may be in one half and not in the other. `status.set.mayLack` names
    /// the time.
    #[default]
    Online,
    /// Its pods are stopped until both halves are complete. The set is exact.
    Quiesced,
}

/// What becomes of a set when its object is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SetDeletionPolicy {
    /// It stays in AWS, found by its tags. Nothing expires it any more.
    #[default]
    Retain,
    /// Both halves are removed. Asks for the annotation `emrstack.dev/confirm-delete: NAME`.
    Delete,
}
