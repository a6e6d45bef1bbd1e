//! EmrDrill: proof that a set brings an instance back, by bringing it back.
//!
//! A copy is made from the set beside the instance, looked at to its last table and document, and wiped.
//! The copy is never let out of its fence.

mod status;
#[cfg(test)]
mod tests;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use status::{DrillPhase, EmrDrillStatus};

use crate::emr_backup::InstanceRef;

/// Proof that a set brings an EmrInstance back: a copy is made from it, checked, timed and wiped.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "EmrDrill",
    plural = "emrdrills",
    shortname = "emrd",
    category = "emr",
    namespaced,
    status = "EmrDrillStatus",
    doc = "Proof that a set brings an EmrInstance back: a copy is made from it, checked, timed and wiped.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Instance","type":"string","jsonPath":".spec.instanceRef.name"}"#,
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Set","type":"string","jsonPath":".status.backup"}"#,
    printcolumn = r#"{"name":"Recovery Time","type":"string","jsonPath":".status.recoveryTime"}"#,
    printcolumn = r#"{"name":"Data Age","type":"string","jsonPath":".status.dataAge"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message","priority":1}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("spec is immutable: a drill is held once; make another EmrDrill"))]
pub struct EmrDrillSpec {
    /// The instance, in the same namespace.
    pub instance_ref: InstanceRef,
    /// A complete EmrBackup of it, in the same namespace; the newest when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_ref: Option<BackupRef>,
    /// The longest time until the copy is checked: `90m`, `6h`. After it the drill has failed, and the
    /// copy is wiped. Six hours when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 16), regex(pattern = "^([0-9]+(h|m|s))+$"))]
    #[x_kube(validation = Rule::new("duration(self) >= duration('10m') && duration(self) <= duration('72h')").message("spec.timeLimit must lie between 10m and 72h"))]
    pub time_limit: Option<String>,
}

/// The set that a drill is held with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupRef {
    /// Its EmrBackup's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}
