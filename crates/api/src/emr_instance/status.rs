//! What became of an instance.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DatabaseUsers, EmrInstance, RestoredSet, Scheduled, UpgradeStatus};
use crate::references::ResourceStatus;

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmrInstanceStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready`, its parts, `Exposed`, `PrerequisitesReady` as the platform had it at the last pass,
    /// and while true `Reconciling`, `Stalled`, `DriftDetected`,
    /// `Paused`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// One word for people: `Provisioning`, `Installing`, `Starting`, `Restoring`, `Fenced`,
    /// `Ready`, `Upgrading`, `Stalled`, `Quiesced`, `Deleting`. Programs read the conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The public address, once it is exposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The version that is installed: while an upgrade is under way, that of the last step that is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The upgrade under way; absent once `version` is what the spec says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<UpgradeStatus>,
    /// The key that encrypts this instance's data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key_arn: Option<String>,
    /// The secret of the first administrator, in Secrets Manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_secret_arn: Option<String>,
    /// The UID of the EmrBackup for which all pods are stopped; absent while they run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiesced_for: Option<String>,
    /// The name of its ManagedDatabase and its SharedFileSystem, where a restore put others in the
    /// place of the first ones; absent while they have the instance's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stores: Option<String>,
    /// The set that it was made from, or put back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored: Option<RestoredSet>,
    /// Whom the pods sign in to the database as, once another user was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_users: Option<DatabaseUsers>,
    /// What was made last on the schedules of `spec.backup`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Scheduled>,
    /// How far it may scale, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// Everything in AWS that belongs to this object and not to a child.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceStatus>,
}

impl EmrInstance {
    /// The name of its ManagedDatabase and its SharedFileSystem.
    pub fn stores(&self) -> String {
        let other = self
            .status
            .as_ref()
            .and_then(|status| status.stores.clone());
        other.unwrap_or_else(|| self.name_any())
    }
}

/// How far an instance may scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scale {
    /// Least pods.
    pub min_replicas: i32,
    /// Most pods.
    pub max_replicas: i32,
    /// Why the most is less than asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limited_by: Option<String>,
}
