//! SharedFileSystem: an EFS file system that pods of several zones mount together.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    policy::{DeletionPolicy, ManagementPolicy},
    references::{Placement, PlatformRef, ResourceStatus},
};

/// Files in AWS that pods of several zones share: encrypted, reachable from the cluster alone.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "emrstack.dev",
    version = "v1alpha1",
    kind = "SharedFileSystem",
    plural = "sharedfilesystems",
    shortname = "sfs",
    category = "emr",
    namespaced,
    status = "SharedFileSystemStatus",
    doc = "Files in AWS that pods of several zones share: encrypted, reachable from the cluster alone.",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"File System","type":"string","jsonPath":".status.fileSystemId"}"#,
    printcolumn = r#"{"name":"Waiting For","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.restoreFrom) == has(oldSelf.restoreFrom)").message("spec.restoreFrom is immutable: it is read once, when the file system is made; restore into a new object"))]
pub struct SharedFileSystemSpec {
    /// The platform to land on; can't be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.platformRef is immutable: files do not move"))]
    pub platform_ref: PlatformRef,
    /// The KMS key; the platform's when omitted. AWS can't change it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.kmsKeyArn is immutable: AWS can't re-encrypt a file system in place"))]
    #[schemars(regex(pattern = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$"))]
    pub kms_key_arn: Option<String>,
    /// What is restored into it when it is made. AWS puts the files into a folder of their own under the
    /// root, `aws-backup-restore_` and the time, and overwrites nothing. Ready only once they are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self == oldSelf").message("spec.restoreFrom is immutable: it is read once, when the file system is made; restore into a new object"))]
    pub restore_from: Option<FilesSource>,
    /// How throughput is bought.
    #[serde(default)]
    pub throughput_mode: ThroughputMode,
    /// When files move to cheaper storage.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// Daily backups by EFS itself, kept 35 days, beside those of the platform.
    #[serde(default)]
    pub automatic_backups: bool,
    /// A recovery point each hour, beside the daily, weekly and monthly ones of the platform.
    #[serde(default)]
    pub hourly_backups: bool,
    /// Folders that are mounted on their own. One can be added, but not changed.
    #[serde(default)]
    #[schemars(length(max = 10), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    #[x_kube(validation = Rule::new("self.all(a, !oldSelf.exists(o, o.name == a.name) || oldSelf.exists(o, o.name == a.name && o.path == a.path))").message("spec.accessPoints: an access point's path can't be changed; add one under another name"))]
    pub access_points: Vec<AccessPoint>,
    /// What happens to the data when this object is deleted.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// How much the operator may change.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
}

/// What is restored into a file system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilesSource {
    /// A recovery point of EFS in a vault of the same account and region.
    #[schemars(
        length(max = 512),
        regex(pattern = "^arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:recovery-point:.+$")
    )]
    pub recovery_point_arn: String,
}

/// How throughput is bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ThroughputMode {
    /// Grows and shrinks with the load.
    #[default]
    Elastic,
    /// Grows with the amount of data.
    Bursting,
}

/// When files move to cheaper storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lifecycle {
    /// Days without access until a file moves to Infrequent Access; 0 for never.
    #[serde(default = "thirty")]
    #[schemars(extend("enum" = [0, 1, 7, 14, 30, 60, 90, 180, 270, 365]))]
    pub infrequent_access_days: u32,
    /// Days without access until a file moves to Archive; 0 for never.
    #[serde(default)]
    #[schemars(extend("enum" = [0, 90, 180, 270, 365]))]
    pub archive_days: u32,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            infrequent_access_days: thirty(),
            archive_days: 0,
        }
    }
}

/// A folder that is mounted on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessPoint {
    /// Its name, unique in this file system.
    #[schemars(
        length(min = 1, max = 40),
        regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
    )]
    pub name: String,
    /// The folder: `/sites`.
    #[schemars(length(min = 2, max = 100), regex(pattern = "^(/[^/]+){1,4}$"))]
    pub path: String,
    /// Who owns the folder when it is made.
    #[serde(default)]
    pub creation_info: CreationInfo,
}

/// Who owns a folder when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreationInfo {
    /// User.
    #[serde(default)]
    pub uid: u32,
    /// Group.
    #[serde(default)]
    pub gid: u32,
    /// Octal permissions.
    #[serde(default = "permissions")]
    #[schemars(regex(pattern = "^[0-7]{3,4}$"))]
    pub permissions: String,
}

impl Default for CreationInfo {
    fn default() -> Self {
        Self {
            uid: 0,
            gid: 0,
            permissions: permissions(),
        }
    }
}

fn thirty() -> u32 {
    30
}
fn permissions() -> String {
    "0755".into()
}

/// What AWS made of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedFileSystemStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready`, and while true `Reconciling`, `Stalled`, `DriftDetected`, `Paused`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// Account, region, network and key, copied from the platform at creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// The file system's ARN. Once set, one that is gone is never replaced by an empty one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// AWS's id of the file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_system_id: Option<String>,
    /// The access points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_points: Vec<AccessPointStatus>,
    /// The mount targets, one a zone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mount_targets: Vec<MountTargetStatus>,
    /// The recovery point that was restored into it, once that is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_from: Option<String>,
    /// Since when nothing writes to it any more, on the way to its deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiesced_at: Option<String>,
    /// The final recovery point, once it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub final_recovery_point: Option<String>,
    /// Everything in AWS that belongs to this object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceStatus>,
}

/// An access point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessPointStatus {
    /// Its name in the spec.
    pub name: String,
    /// AWS's id.
    pub id: String,
}

/// A mount target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MountTargetStatus {
    /// AWS's id.
    pub id: String,
    /// Its zone.
    pub zone: String,
}
