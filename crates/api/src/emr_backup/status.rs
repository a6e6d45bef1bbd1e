//! What became of a backup, and what the set consists of.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Consistency;
use crate::references::Placement;

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EmrBackupStatus {
    /// The generation that this status speaks of.
    #[serde(default)]
    pub observed_generation: i64,
    /// `Ready` once the set is complete, and while true `Reconciling`, `Stalled`, `Paused`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// How far it has come.
    #[serde(default)]
    pub phase: BackupPhase,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// Since when no pod ran, under `Quiesced`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiesced_at: Option<String>,
    /// How long the application stood still, once it was let go: `4m12s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_for: Option<String>,
    /// When both halves were complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// When both halves are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The size of the files' half: `1.2 GiB`. AWS tells none of the database's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What it is taken from, as it was when it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<BackupSource>,
    /// The set, once it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<Set>,
}

/// How far a backup has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BackupPhase {
    /// It has not begun.
    #[default]
    Pending,
    /// The application's pods are being stopped.
    Quiescing,
    /// Both halves are being taken.
    Copying,
    /// Both halves are complete.
    Complete,
    /// It failed; what was taken of it is being removed.
    Failing,
    /// It failed, and nothing of it is left.
    Failed,
    /// Both halves are being removed.
    Expiring,
    /// Both halves are gone.
    Expired,
}

impl BackupPhase {
    /// One word for people and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Quiescing => "Quiescing",
            Self::Copying => "Copying",
            Self::Complete => "Complete",
            Self::Failing => "Failing",
            Self::Failed => "Failed",
            Self::Expiring => "Expiring",
            Self::Expired => "Expired",
        }
    }

    /// True while the instance decides how it goes on.
    pub const fn waits_for_instance(self) -> bool {
        matches!(self, Self::Pending | Self::Quiescing)
    }

    /// True while there may come to be a complete set.
    pub const fn may_complete(self) -> bool {
        self.waits_for_instance() || matches!(self, Self::Copying)
    }

    /// True while a set is being taken.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Quiescing | Self::Copying)
    }
}

/// What a set is taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupSource {
    /// The platform that the instance is on.
    pub platform: String,
    /// Account, region, network and key.
    pub placement: Placement,
    /// The instance's UID: names in AWS derive from it.
    pub instance_uid: String,
    /// The DB cluster, where the database is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// The DB instance, where the database is one that stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub db_instance_id: Option<String>,
    /// The file system, where files are in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_system_arn: Option<String>,
    /// The vault of the files' half, of a file system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// The role that AWS Backup works under, of a file system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_role_arn: Option<String>,
    /// The bucket, where files are in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<SourceBucket>,
    /// The application, as it was installed.
    pub application: Application,
    /// The Secrets Manager secrets that open the database, with their versions where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretVersion>,
}

/// The bucket of an instance, as it was when a set of it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceBucket {
    /// The bucket.
    pub arn: String,
    /// Days after which a version that was overwritten or deleted goes for good; 0 for never.
    #[serde(default)]
    pub noncurrent_expire_after_days: u32,
}

/// An application and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Application {
    /// `openemr` or `medplum`.
    pub name: String,
    /// The version that was installed.
    pub version: String,
}

/// A secret as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretVersion {
    /// Its name in Secrets Manager.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A complete set. What a restore must know of it stands in tags of both halves, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Set {
    /// What both halves carry in the tag `emrstack.dev/set-id`.
    pub id: String,
    /// How it was taken.
    pub consistency: Consistency,
    /// The database's half.
    pub database: DatabaseHalf,
    /// The files' half.
    pub files: FilesHalf,
    /// What may be in one half and not in the other, in words; absent of an exact set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_lack: Option<String>,
}

/// The database's half.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseHalf {
    /// The manual snapshot: of a DB cluster, or of a DB instance that stands alone.
    pub snapshot_arn: String,
    /// The time that it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
}

/// The files' half: a recovery point of a file system, or the versions in a bucket as of a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilesHalf {
    /// The recovery point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_point_arn: Option<String>,
    /// Its vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// The bucket. Its versions as of `completedAt` are this half: nothing is copied, and nothing of it
    /// goes when the set does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_arn: Option<String>,
    /// When copying began; of a bucket, the time that the database's half shows.
    pub started_at: String,
    /// When it was complete; of a bucket, the time as of which its versions count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// Its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<i64>,
}
