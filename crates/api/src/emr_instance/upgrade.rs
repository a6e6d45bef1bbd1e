//! An upgrade under way: which step of which, how far it is, and what brings back what was before.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a step of an upgrade stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum UpgradePhase {
    /// The application's pods are being stopped.
    Stopping,
    /// A set is being taken.
    Securing,
    /// The pods are being replaced by those of the step's version.
    Rolling,
    /// Whether the step's version is what runs is being looked at.
    Verifying,
    /// The data is being migrated.
    Migrating,
    /// It stopped, and waits for a person.
    Failed,
}

/// An upgrade under way. A phase is written before what it does begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeStatus {
    /// The version with which the whole upgrade began.
    pub from: String,
    /// The version at its end.
    pub to: String,
    /// The version of the step under way.
    pub step: String,
    /// Whether only a set undoes this step.
    #[serde(default)]
    pub irreversible: bool,
    /// When this step began.
    pub began: Time,
    /// Where it stands.
    pub phase: UpgradePhase,
    /// When that phase began, or went on after a pause.
    pub since: Time,
    /// Which set of this step is being taken, or was: from 1.
    pub attempt: u32,
    /// The EmrBackup that secures this step, once it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// The phase in which it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_in: Option<UpgradePhase>,
    /// The annotation `emrstack.dev/reconcile-requested-at` when it failed: another value has it tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_at_request: Option<String>,
    /// Whether a person has paused it.
    #[serde(default)]
    pub paused: bool,
    /// What it does, in the whole.
    pub message: String,
}
