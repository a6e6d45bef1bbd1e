//! EmrRestore: an EmrInstance put back to a set, in place.
//!
//! A new database and new files are made from the set beside those that run, and verified; only then
//! does the instance change over, and what it ran on stays aside until somebody says that it may go.

mod status;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use status::{EmrRestoreStatus, RestorePhase};

use crate::{emr_backup::InstanceRef, emr_instance::InstanceSource};

/// An EmrInstance put back to what a set holds.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "EmrRestore",
    plural = "emrrestores",
    shortname = "emrr",
    category = "emr",
    namespaced,
    status = "EmrRestoreStatus",
    doc = "An EmrInstance put back to what a set holds, in place.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Instance","type":"string","jsonPath":".spec.instanceRef.name"}"#,
    printcolumn = r#"{"name":"Phase","type":"string","jsonPath":".status.phase"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf").message("spec is immutable: a restore is done once; delete this one, which cancels it before the switch, and make another"))]
#[x_kube(validation = Rule::new("self.from.purpose != 'Drill'").message("spec.from.purpose Drill is for a copy: an instance that is put back serves; hold an EmrDrill instead"))]
#[x_kube(validation = Rule::new("!has(self.from.pointInTime) || !has(self.from.pointInTime.instance) || self.from.pointInTime.instance == self.instanceRef.name").message("spec.from.pointInTime.instance must be the instance itself: to look at another's data, make a new instance with restoreFrom"))]
pub struct EmrRestoreSpec {
    /// The instance, in the same namespace.
    pub instance_ref: InstanceRef,
    /// The set that it is put back to.
    pub from: InstanceSource,
    /// Whether a set of what runs is taken first.
    #[serde(default)]
    pub safety_set: SafetySet,
    /// Who lets the restored instance out of its fence.
    #[serde(default)]
    pub release: Release,
}

/// Whether a set of what runs is taken before anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SafetySet {
    /// An EmrBackup `NAME-safety`, without stopping the pods. The restore begins once it is complete.
    #[default]
    Take,
    /// None: there is nothing left to copy.
    Skip,
}

/// Who lets a restored instance out of its fence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Release {
    /// A person, with this object's name in the annotation `emrstack.dev/released` of the instance.
    /// Until then nobody reaches the instance, and it sends nothing: what it sent after the set was taken
    /// would go out twice.
    #[default]
    Manual,
    /// Nobody has to: it serves as soon as its pods do.
    Automatic,
}
