//! Condition types and reasons, and the one way to write them.
//!
//! Invariant 9: `Ready` is always there; `Reconciling` and `Stalled` only while they are true, so
//! that kstatus, Argo CD and `kubectl wait` agree. A transition time moves only with the status.

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};

/// It serves, or can be used by what depends on it.
pub const READY: &str = "Ready";
/// Work is under way.
pub const RECONCILING: &str = "Reconciling";
/// A person is needed, or a cause outside must go away.
pub const STALLED: &str = "Stalled";
/// Somebody changed something in AWS or in the cluster; it was, or would be, put back.
pub const DRIFT_DETECTED: &str = "DriftDetected";
/// The annotation `emrstack.dev/paused` is set.
pub const PAUSED: &str = "Paused";
/// EmrPlatform: the account's quotas leave room for more instances. Blocks nothing.
pub const QUOTA_HEADROOM: &str = "QuotaHeadroom";
/// EmrPlatform, and each instance as the platform has it: what instances need of the Kubernetes
/// cluster is installed. Blocks nothing by itself.
pub const PREREQUISITES_READY: &str = "PrerequisitesReady";
/// EmrInstance: the database is ready.
pub const DATABASE_READY: &str = "DatabaseReady";
/// EmrInstance: the cache is ready.
pub const CACHE_READY: &str = "CacheReady";
/// EmrInstance: the shared files are ready.
pub const FILES_READY: &str = "FilesReady";
/// EmrInstance: the application's schema and files are installed.
pub const INSTALLED: &str = "Installed";
/// EmrInstance: the version that is installed is the spec's. Absent before the install.
pub const VERSION_CURRENT: &str = "VersionCurrent";
/// EmrInstance: the application's settings are those of the spec.
pub const SETTINGS_APPLIED: &str = "SettingsApplied";
/// EmrInstance: the last request for another database user was carried out. Absent before the first.
pub const DATABASE_USER_ROTATED: &str = "DatabaseUserRotated";
/// EmrInstance: enough pods are ready.
pub const SERVING: &str = "Serving";
/// EmrInstance: everything that holds data was backed up as lately as the platform's plans say.
pub const BACKUP_HEALTHY: &str = "BackupHealthy";
/// EmrInstance: the last EmrDrill brought it back. Absent before one is over.
pub const RESTORE_PROVEN: &str = "RestoreProven";
/// EmrInstance: reachable from the addresses in `access.allowedCidrs`.
pub const EXPOSED: &str = "Exposed";

/// A condition's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `True`.
    Yes,
    /// `False`.
    No,
    /// `Unknown`.
    Unknown,
}

impl Verdict {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "True",
            Self::No => "False",
            Self::Unknown => "Unknown",
        }
    }

    /// From a fact.
    pub const fn from_bool(fact: bool) -> Self {
        if fact { Self::Yes } else { Self::No }
    }
}

/// Conditions that are looked at rarely: a pass that did not look leaves them as they are.
pub const RARELY_LOOKED_AT: [&str; 6] = [
    SETTINGS_APPLIED,
    DATABASE_USER_ROTATED,
    QUOTA_HEADROOM,
    PREREQUISITES_READY,
    BACKUP_HEALTHY,
    RESTORE_PROVEN,
];

/// A condition that stands beside an object's own progress and does not touch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its type.
    pub kind: &'static str,
    /// Its status.
    pub verdict: Verdict,
    /// Its reason.
    pub reason: String,
    /// Its message.
    pub message: String,
}

impl Beside {
    /// The same as another object has it.
    pub fn of(kind: &'static str, conditions: &[Condition]) -> Option<Self> {
        let found = find(conditions, kind)?;
        let verdict = match found.status.as_str() {
            "True" => Verdict::Yes,
            "False" => Verdict::No,
            _ => Verdict::Unknown,
        };
        Some(Self {
            kind,
            verdict,
            reason: found.reason.clone(),
            message: found.message.clone(),
        })
    }
}

/// The longest message the API server takes.
const LONGEST_MESSAGE: usize = 32_768;

/// Writes conditions, keeping the transition time of those whose status stays.
#[derive(Debug)]
pub struct Conditions {
    old: Vec<Condition>,
    new: Vec<Condition>,
    generation: i64,
    now: Timestamp,
}

impl Conditions {
    /// Starts from the conditions as they stand in the object.
    pub fn new(old: &[Condition], generation: i64, now: Timestamp) -> Self {
        Self {
            old: old.to_vec(),
            new: Vec::new(),
            generation,
            now,
        }
    }

    /// Sets a condition.
    #[must_use]
    pub fn set(mut self, kind: &str, verdict: Verdict, reason: &str, message: &str) -> Self {
        let status = verdict.as_str().to_owned();
        let since = self
            .old
            .iter()
            .find(|old| old.type_ == kind && old.status == status)
            .map_or(Time(self.now), |old| old.last_transition_time.clone());
        let mut message = message.to_owned();
        if message.len() > LONGEST_MESSAGE {
            let end = (0..=LONGEST_MESSAGE)
                .rev()
                .find(|end| message.is_char_boundary(*end));
            message.truncate(end.unwrap_or(0));
        }
        self.new.push(Condition {
            type_: kind.to_owned(),
            status,
            reason: reason.to_owned(),
            message,
            observed_generation: Some(self.generation),
            last_transition_time: since,
        });
        self
    }

    /// Sets a condition that exists only while it is true.
    #[must_use]
    pub fn set_if(self, fact: bool, kind: &str, reason: &str, message: &str) -> Self {
        if fact {
            self.set(kind, Verdict::Yes, reason, message)
        } else {
            self
        }
    }

    /// Sets what stands beside, and leaves what is looked at rarely, and was not this time, as it
    /// was.
    #[must_use]
    pub fn beside(mut self, found: &[Beside]) -> Self {
        for kind in RARELY_LOOKED_AT {
            if let Some(now) = found.iter().find(|one| one.kind == kind) {
                self = self.set(kind, now.verdict, &now.reason, &now.message);
            } else if let Some(before) = find(&self.old, kind).cloned() {
                self.new.push(before);
            }
        }
        self
    }

    /// The conditions in the order in which they were set.
    pub fn finish(self) -> Vec<Condition> {
        self.new
    }
}

/// A status that carries conditions, as every kind's does.
pub trait Reported {
    /// Its conditions.
    fn conditions(&self) -> &[Condition];
    /// The generation it speaks of.
    fn observed_generation(&self) -> i64;
    /// Replaces both.
    fn report(&mut self, observed_generation: i64, conditions: Vec<Condition>);
}

macro_rules! reported {
    ($($status:ty),+ $(,)?) => {$(
        impl Reported for $status {
            fn conditions(&self) -> &[Condition] {
                &self.conditions
            }
            fn observed_generation(&self) -> i64 {
                self.observed_generation
            }
            fn report(&mut self, observed_generation: i64, conditions: Vec<Condition>) {
                self.observed_generation = observed_generation;
                self.conditions = conditions;
            }
        }
    )+};
}
reported!(
    crate::cache_cluster::CacheClusterStatus,
    crate::emr_backup::EmrBackupStatus,
    crate::emr_restore::EmrRestoreStatus,
    crate::emr_drill::EmrDrillStatus,
    crate::emr_platform::EmrPlatformStatus,
    crate::managed_database::ManagedDatabaseStatus,
    crate::object_store::ObjectStoreStatus,
    crate::shared_file_system::SharedFileSystemStatus,
);

/// Finds a condition.
pub fn find<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// True when the condition says `True` for this generation.
pub fn is_true(conditions: &[Condition], kind: &str) -> bool {
    find(conditions, kind).is_some_and(|condition| condition.status == "True")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transition_time_moves_only_with_the_status() {
        let (first, later) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let old = Conditions::new(&[], 1, first)
            .set(READY, Verdict::No, "A", "a")
            .finish();
        let same = Conditions::new(&old, 2, later)
            .set(READY, Verdict::No, "B", "b")
            .finish();
        assert_eq!(same[0].last_transition_time, Time(first));
        assert_eq!(
            (same[0].reason.as_str(), same[0].observed_generation),
            ("B", Some(2))
        );
        let turned = Conditions::new(&same, 2, later)
            .set(READY, Verdict::Yes, "C", "c")
            .finish();
        assert_eq!(turned[0].last_transition_time, Time(later));
    }

    #[test]
    fn reconciling_and_stalled_are_absent_when_false() {
        let conditions =
            Conditions::new(&[], 1, Timestamp::UNIX_EPOCH).set_if(false, STALLED, "A", "a");
        assert!(conditions.finish().is_empty());
    }

    #[test]
    fn what_is_looked_at_rarely_stays_until_it_is_looked_at_again() {
        let (first, later) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let found = |verdict| Beside {
            kind: QUOTA_HEADROOM,
            verdict,
            reason: "A".into(),
            message: "a".into(),
        };
        let none = Conditions::new(&[], 1, first).beside(&[]).finish();
        assert!(none.is_empty());
        let seen = Conditions::new(&[], 1, first)
            .beside(&[found(Verdict::No)])
            .finish();
        let kept = Conditions::new(&seen, 2, later).beside(&[]).finish();
        assert_eq!(kept, seen);
        let turned = Conditions::new(&kept, 2, later)
            .beside(&[found(Verdict::Yes)])
            .finish();
        assert_eq!(turned.len(), 1);
        assert_eq!(turned[0].status, "True");
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let long = "é".repeat(LONGEST_MESSAGE);
        let all =
            Conditions::new(&[], 1, Timestamp::UNIX_EPOCH).set(READY, Verdict::No, "A", &long);
        assert!(all.finish()[0].message.len() <= LONGEST_MESSAGE);
    }
}
