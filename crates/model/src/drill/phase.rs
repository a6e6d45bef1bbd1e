//! When a drill may begin, with which set, and when it is too late.

use emr_api::{
    EmrBackup, EmrDrill, EmrInstance,
    emr_backup::{BackupPhase, Set},
    emr_drill::{DrillPhase, EmrDrillStatus},
};
use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;

use super::copy::copy_name;
use crate::{
    backup::elapsed,
    progress::{Notice, Progress},
};

/// How long a drill may take where its spec says nothing.
const USUAL_LIMIT: SignedDuration = SignedDuration::from_hours(6);

/// Why a drill waits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// One at a time.
    #[error("EmrDrill {0} of the same instance is under way; this one follows")]
    Another(String),
    /// Its halves are still being made.
    #[error("EmrBackup {0} is being taken; the drill begins once it is complete")]
    Taking(String),
}

impl NotYet {
    /// As a person reads it.
    pub fn progress(&self) -> Progress {
        let reason = match self {
            Self::Another(_) => "WaitingForDrill",
            Self::Taking(_) => "WaitingForBackup",
        };
        Progress::Working(Notice::new(reason, self.to_string()))
    }
}

/// What a drill finds when it is to begin.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// The instance, unless it goes.
    pub instance: Option<EmrInstance>,
    /// Another drill of it that is under way.
    pub another: Option<String>,
    /// Its backups.
    pub backups: Vec<EmrBackup>,
}

/// How a drill begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// With this set.
    With(Box<EmrBackup>),
    /// Later.
    Later(NotYet),
    /// Never: a drill that finds nothing to restore has failed, and why.
    Failed(String),
}

/// Whether it may begin, and with which set.
pub fn start(drill: &EmrDrill, moment: Moment) -> Start {
    let name = &drill.spec.instance_ref.name;
    if moment.instance.is_none() {
        return Start::Failed(format!(
            "there is no EmrInstance {name} in this namespace, or it is being deleted"
        ));
    }
    if moment.instance.is_some_and(|of| of.spec.medplum.is_some()) {
        return Start::Failed(format!(
            "EmrInstance {name} runs Medplum, of which there are no drills yet: prove a set by a \
             ManagedDatabase with spec.restoreFrom.snapshotArn from its EmrBackup's status.set.database"
        ));
    }
    if let Some(another) = moment.another {
        return Start::Later(NotYet::Another(another));
    }
    let wanted = drill.spec.backup_ref.as_ref().map(|of| &of.name);
    let mut of_instance = moment.backups;
    of_instance.retain(|backup| {
        backup.spec.instance_ref.name == *name
            && wanted.is_none_or(|wanted| *wanted == backup.name_any())
            && backup.metadata.deletion_timestamp.is_none()
    });
    let is_being_taken = |backup: &&EmrBackup| {
        let phase = backup.status.as_ref().map(|status| status.phase);
        phase.unwrap_or_default().may_complete()
    };
    let taking = of_instance.iter().find(is_being_taken);
    let taking = taking.map(ResourceExt::name_any);
    let newest = of_instance
        .into_iter()
        .filter(|backup| complete(backup).is_some())
        .max_by_key(|backup| complete(backup).and_then(taken_at));
    match (newest, taking, wanted) {
        (Some(newest), ..) => Start::With(Box::new(newest)),
        (None, Some(taking), _) => Start::Later(NotYet::Taking(taking)),
        (None, None, Some(wanted)) => Start::Failed(format!(
            "EmrBackup {wanted} is not a complete set of EmrInstance {name}"
        )),
        (None, None, None) => Start::Failed(format!(
            "EmrInstance {name} has no complete EmrBackup, so nothing brings it back as one: make one, or \
             have them made by spec.backup.sets"
        )),
    }
}

/// The set of a complete backup.
fn complete(backup: &EmrBackup) -> Option<&Set> {
    let status = backup.status.as_ref()?;
    let set = status.set.as_ref();
    set.filter(|_| status.phase == BackupPhase::Complete)
}

/// The time that a set shows: its database's, or that of the beginning of its files.
fn taken_at(set: &Set) -> Option<Timestamp> {
    let taken = set.database.taken_at.as_ref();
    taken.unwrap_or(&set.files.started_at).parse().ok()
}

/// The status with which a drill begins.
pub fn begin(drill: &EmrDrill, backup: &EmrBackup, now: Timestamp) -> EmrDrillStatus {
    let taken = complete(backup).and_then(taken_at).map(|at| at.to_string());
    EmrDrillStatus {
        phase: DrillPhase::Restoring,
        started_at: Some(now.to_string()),
        backup: Some(backup.name_any()),
        data_age: elapsed(taken.as_deref(), now),
        taken_at: taken,
        copy: Some(copy_name(drill)),
        ..drill.status.clone().unwrap_or_default()
    }
}

/// The status once the copy was looked at, or can't be. The copy is wiped next.
pub fn checked(
    old: EmrDrillStatus,
    found: Option<String>,
    failure: Option<String>,
    now: Timestamp,
) -> EmrDrillStatus {
    let passed = failure.is_none();
    EmrDrillStatus {
        phase: DrillPhase::Clearing,
        checked_at: passed.then(|| now.to_string()),
        recovery_time: elapsed(old.started_at.as_deref(), now).filter(|_| passed),
        checked: found.or(old.checked),
        failure,
        ..old
    }
}

/// Whether its time is over, and how long it had.
pub fn is_too_late(drill: &EmrDrill, now: Timestamp) -> Option<SignedDuration> {
    let limit = drill.spec.time_limit.as_deref();
    let limit = limit.and_then(|limit| limit.parse().ok());
    let limit: SignedDuration = limit.unwrap_or(USUAL_LIMIT);
    let started = drill.status.as_ref()?.started_at.as_deref()?;
    let started: Timestamp = started.parse().ok()?;
    (now.duration_since(started) > limit).then_some(limit)
}
