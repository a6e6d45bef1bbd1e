//! From one phase to the next: when a set may be begun, and when it is too late.

use std::time::Duration;

use emr_api::{
    EmrBackup, EmrInstance, ManagedDatabase, ObjectStore, SharedFileSystem,
    emr_backup::{
        Application, BackupPhase, BackupSource, Consistency, EmrBackupStatus, SecretVersion,
        SourceBucket,
    },
    emr_instance::UpgradePhase,
};
use emr_resource::{Owner, names};
use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;

use crate::progress::{Notice, Progress};

/// How long the application may stand still where the spec says nothing.
const USUAL_LIMIT: SignedDuration = SignedDuration::from_hours(1);
/// How often a complete set is looked at.
const LOOK: Duration = Duration::from_hours(24);

/// Why a backup can't begin yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// Nothing of that name.
    #[error(
        "there is no EmrInstance {0} in this namespace: create it, or name another in a new EmrBackup"
    )]
    NoInstance(String),
    /// It goes.
    #[error(
        "EmrInstance {0} is being deleted; under deletionPolicy Snapshot a last set is taken of it"
    )]
    InstanceLeaves(String),
    /// There is nothing worth a copy.
    #[error("EmrInstance {0} is not installed yet: the backup begins once it is")]
    NotInstalled(String),
    /// Nobody may stop its pods.
    #[error(
        "EmrInstance {0} is paused or only observed, so its pods can't be stopped: lift that, or take \
         an Online backup"
    )]
    Held(String),
    /// One at a time.
    #[error("EmrBackup {0} of the same instance is under way; this one follows")]
    Another(String),
    /// The data is of no version.
    #[error("a Job migrates the data of EmrInstance {0}: the backup begins once it is done")]
    Migrating(String),
    /// The way there can't be told.
    #[error("EmrInstance {0} has a database or files that have not told where they are")]
    Unplaced(String),
}

impl NotYet {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoInstance(_) => "InstanceNotFound",
            Self::InstanceLeaves(_) => "InstanceLeaves",
            Self::NotInstalled(_) => "NotInstalled",
            Self::Held(_) => "InstanceHeld",
            Self::Another(_) => "WaitingForBackup",
            Self::Migrating(_) => "WaitingForUpgrade",
            Self::Unplaced(_) => "WaitingForStores",
        }
    }

    /// As a person reads it: stalled where somebody has to do something.
    pub fn progress(&self) -> Progress {
        let notice = Notice::new(self.reason(), self.to_string());
        match self {
            Self::NoInstance(_) | Self::InstanceLeaves(_) | Self::Held(_) => {
                Progress::Stalled(notice)
            }
            Self::NotInstalled(_) | Self::Another(_) | Self::Migrating(_) | Self::Unplaced(_) => {
                Progress::Working(notice)
            }
        }
    }
}

/// What a backup finds when it is to begin.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// The instance.
    pub instance: Option<EmrInstance>,
    /// Whether nobody may change anything of it: it is paused, or only observed.
    pub held: bool,
    /// Its database.
    pub database: Option<ManagedDatabase>,
    /// Its files, of OpenEMR.
    pub files: Option<SharedFileSystem>,
    /// Its bucket, of Medplum.
    pub objects: Option<ObjectStore>,
    /// Another backup of it that is under way, or older and waiting.
    pub another: Option<String>,
    /// The platform's vault and role.
    pub vault: Option<(String, String)>,
}

/// What the set is to be taken from, if it may be begun.
pub fn ready_to_begin(
    backup: &EmrBackup,
    moment: &Moment,
    cluster: &str,
) -> Result<BackupSource, NotYet> {
    let name = backup.spec.instance_ref.name.clone();
    let Some(instance) = &moment.instance else {
        return Err(NotYet::NoInstance(name));
    };
    if instance.metadata.deletion_timestamp.is_some() {
        return Err(NotYet::InstanceLeaves(name));
    }
    let status = instance.status.as_ref();
    let Some(version) = status.and_then(|status| status.version.clone()) else {
        return Err(NotYet::NotInstalled(name));
    };
    let quiet = backup.spec.consistency == Consistency::Quiesced;
    if quiet && moment.held {
        return Err(NotYet::Held(name));
    }
    if is_being_migrated(instance) {
        return Err(NotYet::Migrating(name));
    }
    if let Some(another) = &moment.another {
        return Err(NotYet::Another(another.clone()));
    }
    source(instance, moment, version, cluster).ok_or(NotYet::Unplaced(name))
}

/// Whether a Job is at the data. What it left when it failed may be copied, as evidence.
fn is_being_migrated(instance: &EmrInstance) -> bool {
    let upgrade = instance.status.as_ref().and_then(|of| of.upgrade.as_ref());
    let phase = upgrade.map(|upgrade| upgrade.phase);
    let by_a_job = instance.spec.openemr.is_some();
    by_a_job
        && matches!(
            phase,
            Some(UpgradePhase::Migrating | UpgradePhase::Verifying)
        )
}

/// What it is taken from, once every store has told where it is.
fn source(
    instance: &EmrInstance,
    moment: &Moment,
    version: String,
    cluster: &str,
) -> Option<BackupSource> {
    let database = moment.database.as_ref()?.status.as_ref()?;
    let arn = database.arn.as_deref()?;
    let owner = Owner {
        cluster: cluster.to_owned(),
        kind: "EmrInstance".into(),
        namespace: instance.namespace().unwrap_or_default(),
        name: instance.name_any(),
        uid: instance.uid().unwrap_or_default(),
    };
    let secret = |purpose: &&str| SecretVersion {
        name: names::secret(&owner, purpose).to_string(),
        version: None,
    };
    let is_medplum = instance.spec.medplum.is_some();
    let (name, secrets): (_, &[&str]) = if is_medplum {
        ("medplum", &["app-a", "admin", "signing-key"])
    } else {
        ("openemr", &["app-a", "admin"])
    };
    let mut source = BackupSource {
        platform: instance.spec.platform_ref.name.clone(),
        placement: database.placement.clone()?,
        instance_uid: instance.uid()?,
        cluster_id: named(arn, ":cluster:"),
        db_instance_id: named(arn, ":db:"),
        file_system_arn: None,
        vault: None,
        backup_role_arn: None,
        bucket: None,
        application: Application {
            name: name.into(),
            version,
        },
        secrets: secrets.iter().map(secret).collect(),
    };
    if source.cluster_id.is_none() && source.db_instance_id.is_none() {
        return None;
    }
    if is_medplum {
        let objects = moment.objects.as_ref()?;
        source.bucket = Some(SourceBucket {
            arn: objects.status.as_ref()?.arn.clone()?,
            noncurrent_expire_after_days: objects.spec.lifecycle.noncurrent_expire_after_days,
        });
        return Some(source);
    }
    let (vault, role) = moment.vault.clone()?;
    source.file_system_arn = Some(moment.files.as_ref()?.status.as_ref()?.arn.clone()?);
    source.vault = Some(vault);
    source.backup_role_arn = Some(role);
    Some(source)
}

/// The name at the end of an ARN: `arn:aws:rds:region:account:cluster:NAME`.
fn named(arn: &str, kind: &str) -> Option<String> {
    arn.rsplit_once(kind).map(|(_, name)| name.to_owned())
}

/// The status with which a backup begins.
pub fn begin(backup: &EmrBackup, source: BackupSource, now: Timestamp) -> EmrBackupStatus {
    let quiet = backup.spec.consistency == Consistency::Quiesced;
    EmrBackupStatus {
        phase: if quiet {
            BackupPhase::Quiescing
        } else {
            BackupPhase::Copying
        },
        started_at: Some(now.to_string()),
        source: Some(source),
        ..backup.status.clone().unwrap_or_default()
    }
}

/// How long the application may stand still.
pub fn quiet_limit(backup: &EmrBackup) -> SignedDuration {
    let limit = backup.spec.quiet_limit.as_deref();
    limit
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(USUAL_LIMIT)
}

/// When a complete set is to be looked at again: it expires, or a half may be lost.
pub fn next_after(status: &EmrBackupStatus, now: Timestamp) -> Duration {
    let expires = status.expires_at.as_deref();
    let expires = expires.and_then(|at| at.parse::<Timestamp>().ok());
    let left = expires.map(|at| at.duration_since(now).max(SignedDuration::ZERO));
    let left = left.and_then(|left| Duration::try_from(left).ok());
    left.map_or(LOOK, |left| left.min(LOOK))
}

/// Whether the pods of the backup's instance are all stopped for it, as the instance says.
pub fn is_quiet(instance: &EmrInstance, backup: &EmrBackup) -> bool {
    let quiesced = instance
        .status
        .as_ref()
        .and_then(|of| of.quiesced_for.as_ref());
    quiesced.is_some() && quiesced == backup.metadata.uid.as_ref()
}
