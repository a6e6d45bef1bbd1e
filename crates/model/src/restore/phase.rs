//! When a restore may begin, and what is said of one that rests.

use emr_api::{
    EmrInstance, EmrRestore, conditions,
    emr_instance::RestoredSet,
    emr_restore::{EmrRestoreStatus, Release, RestorePhase, SafetySet},
    labels,
};
use jiff::Timestamp;
use kube::ResourceExt;

use super::candidate::{candidate_name, safety_backup};
use crate::progress::{Notice, Progress};

/// How many databases a node of the cache has. Source: ElastiCache user guide, "Valkey and Redis OSS
/// parameters", `databases`.
const CACHE_DATABASES: u8 = 16;

/// Why a restore can't begin yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// Nothing of that name.
    #[error(
        "there is no EmrInstance {0} in this namespace: to bring a lost one back, create it with \
         spec.restoreFrom"
    )]
    NoInstance(String),
    /// It goes.
    #[error("EmrInstance {0} is being deleted: create another with spec.restoreFrom")]
    InstanceLeaves(String),
    /// There is nothing to put back.
    #[error("EmrInstance {0} was never installed: create one with spec.restoreFrom instead")]
    NotInstalled(String),
    /// Nobody may change it.
    #[error("EmrInstance {0} is paused or only observed, so it can't change over: lift that first")]
    Held(String),
    /// One at a time.
    #[error("EmrRestore {0} of the same instance is under way; this one follows")]
    Another(String),
}

impl NotYet {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoInstance(_) => "InstanceNotFound",
            Self::InstanceLeaves(_) => "InstanceLeaves",
            Self::NotInstalled(_) => "NotInstalled",
            Self::Held(_) => "InstanceHeld",
            Self::Another(_) => "WaitingForRestore",
        }
    }

    /// As a person reads it: stalled where somebody has to do something.
    pub fn progress(&self) -> Progress {
        let notice = Notice::new(self.reason(), self.to_string());
        match self {
            Self::Another(_) => Progress::Working(notice),
            _ => Progress::Stalled(notice),
        }
    }
}

/// What a restore finds when it is to begin.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// The instance.
    pub instance: Option<EmrInstance>,
    /// Whether nobody may change anything of it: it is paused, or only observed.
    pub held: bool,
    /// Another restore of it that is under way.
    pub another: Option<String>,
}

/// The instance, if the restore may begin.
pub fn ready_to_begin(restore: &EmrRestore, moment: Moment) -> Result<EmrInstance, NotYet> {
    let name = restore.spec.instance_ref.name.clone();
    let Some(instance) = moment.instance else {
        return Err(NotYet::NoInstance(name));
    };
    if instance.metadata.deletion_timestamp.is_some() {
        return Err(NotYet::InstanceLeaves(name));
    }
    let installed = instance.status.as_ref().map(|status| &status.version);
    if installed.is_none_or(Option::is_none) {
        return Err(NotYet::NotInstalled(name));
    }
    if moment.held {
        return Err(NotYet::Held(name));
    }
    match moment.another {
        Some(another) => Err(NotYet::Another(another)),
        None => Ok(instance),
    }
}

/// The status with which a restore begins.
pub fn begin(
    restore: &EmrRestore,
    instance: &EmrInstance,
    set: RestoredSet,
    now: Timestamp,
) -> EmrRestoreStatus {
    let take = restore.spec.safety_set == SafetySet::Take;
    let released = restore.spec.release == Release::Automatic;
    let cache_database = set
        .bucket_arn
        .as_ref()
        .map(|_| next_cache_database(instance));
    EmrRestoreStatus {
        phase: if take {
            RestorePhase::Securing
        } else {
            RestorePhase::Making
        },
        started_at: Some(now.to_string()),
        set: Some(RestoredSet {
            restore: Some(restore.name_any()),
            released_at: released.then(|| now.to_string()),
            cache_database,
            ..set
        }),
        safety_backup: take.then(|| safety_backup(restore).name_any()),
        candidate: Some(candidate_name(restore)),
        previous: Some(instance.stores()),
        ..restore.status.clone().unwrap_or_default()
    }
}

/// The cache keeps records and jobs of what ran before, which mean nothing to the records of the set: another
/// of its databases is empty. The one that was used longest ago comes again.
fn next_cache_database(instance: &EmrInstance) -> u8 {
    let restored = instance.status.as_ref().and_then(|of| of.restored.as_ref());
    let used = restored.and_then(|set| set.cache_database).unwrap_or(0);
    used.wrapping_add(1) % CACHE_DATABASES
}

/// What is made from a set, as people call it. A bucket stays the same one.
pub const fn what_is_made(set: &RestoredSet) -> &'static str {
    match set.bucket_arn {
        Some(_) => "the database",
        None => "database and files",
    }
}

/// True once the instance runs on what was made for the restore.
pub fn runs_on(instance: &EmrInstance, candidate: &str) -> bool {
    let status = instance.status.as_ref();
    instance.stores() == candidate
        && status.is_some_and(|of| conditions::is_true(&of.conditions, conditions::READY))
}

/// Whether somebody said that what the instance ran on before may go.
pub fn is_confirmed(restore: &EmrRestore) -> bool {
    restore.annotations().get(labels::CONFIRM_DELETE) == Some(&restore.name_any())
}

/// What is said of a restore that rests, and whether it is as it was asked for.
pub fn resting(restore: &EmrRestore, status: &EmrRestoreStatus) -> (Progress, Option<String>) {
    let (name, namespace) = (restore.name_any(), restore.namespace().unwrap_or_default());
    let instance = &restore.spec.instance_ref.name;
    let previous = status.previous.as_deref().unwrap_or_default();
    let in_bucket = status
        .set
        .as_ref()
        .is_some_and(|set| set.bucket_arn.is_some());
    match status.phase {
        RestorePhase::Failed => {
            let why = status.failure.as_deref().unwrap_or("it failed");
            let message = format!(
                "{why}. EmrInstance {instance} runs on as before and nothing of this restore is left; \
                 mend the cause and make another EmrRestore"
            );
            let notice = Notice::new("RestoreFailed", message);
            (Progress::Stalled(notice), None)
        }
        RestorePhase::Discarded => {
            let told =
                format!("EmrInstance {instance} runs on the set; what it ran on before is gone");
            (Progress::Settled, Some(told))
        }
        _ => {
            let kept = if in_bucket {
                format!(
                    "ManagedDatabase {previous}, on which it ran before, is kept; the bucket is the same one, \
                     and what was deleted from it for good since the set was taken does not come back. Once \
                     nobody needs the database"
                )
            } else {
                format!(
                    "ManagedDatabase and SharedFileSystem {previous}, on which it ran before, are kept. Once \
                     nobody needs them"
                )
            };
            let told = format!(
                "EmrInstance {instance} runs on the set; {kept}: kubectl -n {namespace} annotate emrrestore \
                 {name} {}={name}",
                labels::CONFIRM_DELETE
            );
            (Progress::Settled, Some(told))
        }
    }
}
