//! How far a restore has come.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::emr_instance::RestoredSet;

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmrRestoreStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready` once the instance runs on the set, and while true `Reconciling`, `Stalled`, `Paused`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// How far it has come.
    #[serde(default)]
    pub phase: RestorePhase,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When the pods began to stop for the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switched_at: Option<String>,
    /// When the instance was Ready on the set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// How long the application stood still: `1m 40s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_for: Option<String>,
    /// The set, decided when it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<RestoredSet>,
    /// The EmrBackup that was taken first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_backup: Option<String>,
    /// The name of what is made from the set: a ManagedDatabase and, of OpenEMR, a SharedFileSystem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<String>,
    /// The name of what the instance ran on before: a ManagedDatabase and, of OpenEMR, a SharedFileSystem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// How far a restore has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RestorePhase {
    /// It has not begun.
    #[default]
    Pending,
    /// A set of what runs is being taken.
    Securing,
    /// Database and files are being made from the set.
    Making,
    /// Restored files are brought into place, and both halves are looked at.
    Verifying,
    /// The instance changes over to them. It can't be cancelled any more.
    Switching,
    /// The instance runs on the set; what it ran on before is kept aside.
    Complete,
    /// What it ran on before is being removed.
    Discarding,
    /// What it ran on before is gone.
    Discarded,
    /// It failed, or was cancelled; what was made for it is being removed.
    Failing,
    /// It failed, and nothing of it is left.
    Failed,
}

impl RestorePhase {
    /// One word for people and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Securing => "Securing",
            Self::Making => "Making",
            Self::Verifying => "Verifying",
            Self::Switching => "Switching",
            Self::Complete => "Complete",
            Self::Discarding => "Discarding",
            Self::Discarded => "Discarded",
            Self::Failing => "Failing",
            Self::Failed => "Failed",
        }
    }

    /// True from its beginning until the instance runs on the set, or nothing of it is left.
    pub const fn is_under_way(self) -> bool {
        matches!(
            self,
            Self::Securing | Self::Making | Self::Verifying | Self::Switching | Self::Failing
        )
    }

    /// True while it may be given up without the instance noticing.
    pub const fn can_be_cancelled(self) -> bool {
        matches!(
            self,
            Self::Pending | Self::Securing | Self::Making | Self::Verifying | Self::Failing
        )
    }
}
