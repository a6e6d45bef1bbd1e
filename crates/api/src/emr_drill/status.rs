//! How a drill went.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How it went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmrDrillStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready` once the drill is passed, and while true `Reconciling`, `Stalled`, `Paused`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// How far it has come.
    #[serde(default)]
    pub phase: DrillPhase,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The EmrBackup that it is held with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// The time that the set shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    /// The EmrInstance that is made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<String>,
    /// When the copy's checks ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<String>,
    /// How long it took from the beginning until the copy was checked: what the recovery time
    /// objective (RTO) is held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_time: Option<String>,
    /// How old the set was at the beginning: what would have been lost, which the recovery point
    /// objective (RPO) is held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_age: Option<String>,
    /// What was looked at, and what was found: `412 tables, 1804213 rows; 812 of 812 documents`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// How far a drill has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DrillPhase {
    /// It has not begun.
    #[default]
    Pending,
    /// The copy is being made from the set.
    Restoring,
    /// The copy serves, and is looked at.
    Checking,
    /// The copy is being wiped.
    Clearing,
    /// The set brought the instance back, and nothing of the copy is left.
    Passed,
    /// It did not, or could not be seen to, and nothing of the copy is left.
    Failed,
}

impl DrillPhase {
    /// One word for people and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Restoring => "Restoring",
            Self::Checking => "Checking",
            Self::Clearing => "Clearing",
            Self::Passed => "Passed",
            Self::Failed => "Failed",
        }
    }

    /// True while there may be a copy.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Restoring | Self::Checking | Self::Clearing)
    }

    /// True once it is over.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Passed | Self::Failed)
    }
}
