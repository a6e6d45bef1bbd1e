//! How far an object has come, and the conditions that say so (invariant 9).

use emr_api::conditions::{self, Conditions, Verdict};
use emr_resource::{Mutation, Step};
use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Condition, jiff::Timestamp};

/// How far an object has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Everything is as it should be.
    Settled,
    /// Work is under way, here or in AWS.
    Working(Notice),
    /// Something failed that is tried again by itself soon.
    Retrying(Notice),
    /// A person is needed, or a cause outside must go away. Tried again slowly.
    Stalled(Notice),
    /// Nothing is changed, because the object is paused or only observed.
    Held {
        /// Why nothing is changed.
        why: Held,
        /// What would be changed.
        pending: Vec<String>,
    },
}

/// Why nothing is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The annotation `emrstack.dev/paused`.
    Paused,
    /// `managementPolicy: Observe`.
    Observed,
}

/// A reason for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Camel-case, for conditions, events and metrics.
    pub reason: String,
    /// What is waited for or wrong, and what to do.
    pub message: String,
}

impl Notice {
    /// A notice.
    pub fn new(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            message: message.into(),
        }
    }
}

/// The most changes that a message lists one by one.
const LISTED: usize = 4;

/// "create DB cluster a, create secret b and 3 more".
pub fn summarize(changes: &[String]) -> String {
    let listed = changes
        .iter()
        .take(LISTED)
        .cloned()
        .collect::<Vec<_>>()
        .join("; ");
    match changes.len().saturating_sub(LISTED) {
        0 => listed,
        more => format!("{listed}; and {more} more"),
    }
}

impl Progress {
    /// What is said of it, where something is waited for or wrong.
    pub const fn notice(&self) -> Option<&Notice> {
        match self {
            Self::Working(notice) | Self::Retrying(notice) | Self::Stalled(notice) => Some(notice),
            Self::Settled | Self::Held { .. } => None,
        }
    }

    /// What a step means, whatever became of its changes.
    pub fn of_step<C: Mutation>(step: &Step<C>) -> Self {
        match step {
            Step::Settled => Self::Settled,
            Step::Wait(wait) => {
                let usual = wait.usual.map_or(String::new(), |usual| {
                    let minutes = usual.as_secs().div_ceil(60);
                    format!(" (usually done within {minutes} min)")
                });
                Self::Working(Notice::new(wait.reason, format!("{}{usual}", wait.message)))
            }
            Step::Change(changes) => {
                let described: Vec<_> = changes.iter().map(Mutation::describe).collect();
                Self::Working(Notice::new("Applying", summarize(&described)))
            }
            Step::Refuse(refusal) => {
                Self::Stalled(Notice::new(refusal.reason, refusal.message.clone()))
            }
        }
    }

    /// True when nothing more is to be done.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Settled)
    }

    /// `Ready`, then `Reconciling`, `Stalled`, `DriftDetected` and `Paused` only while true.
    ///
    /// `usable` says whether what depends on the object can use it: a database that is being
    /// modified still answers, so it stays Ready.
    pub fn conditions(
        &self,
        old: &[Condition],
        generation: i64,
        now: Timestamp,
        usable: Option<&str>,
    ) -> Conditions {
        let all = Conditions::new(old, generation, now);
        let notice = match self {
            Self::Settled => None,
            Self::Working(notice) | Self::Retrying(notice) | Self::Stalled(notice) => {
                Some(notice.clone())
            }
            Self::Held {
                why: Held::Paused, ..
            } => Some(Notice::new(
                "Paused",
                "paused: remove the annotation emrstack.dev/paused to go on",
            )),
            Self::Held {
                why: Held::Observed,
                pending,
            } => Some(Notice::new(
                "Observed",
                format!(
                    "managementPolicy is Observe, so nothing is done: {}",
                    summarize(pending)
                ),
            )),
        };
        let all = match (usable, &notice) {
            (Some(message), _) => all.set(conditions::READY, Verdict::Yes, "Available", message),
            (None, Some(notice)) => all.set(
                conditions::READY,
                Verdict::No,
                &notice.reason,
                &notice.message,
            ),
            (None, None) => all.set(
                conditions::READY,
                Verdict::No,
                "NotAvailable",
                "everything is in place but not available yet",
            ),
        };
        let (reason, message) =
            notice.map_or_else(Default::default, |notice| (notice.reason, notice.message));
        let working = matches!(self, Self::Working(_) | Self::Retrying(_));
        let stalled = matches!(self, Self::Stalled(_));
        let drift =
            matches!(self, Self::Held { why: Held::Observed, pending } if !pending.is_empty());
        let paused = matches!(
            self,
            Self::Held {
                why: Held::Paused,
                ..
            }
        );
        all.set_if(working, conditions::RECONCILING, &reason, &message)
            .set_if(stalled, conditions::STALLED, &reason, &message)
            .set_if(drift, conditions::DRIFT_DETECTED, &reason, &message)
            .set_if(paused, conditions::PAUSED, &reason, &message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(progress: &Progress, usable: Option<&str>) -> Vec<String> {
        progress
            .conditions(&[], 1, Timestamp::UNIX_EPOCH, usable)
            .finish()
            .into_iter()
            .map(|condition| format!("{}={}", condition.type_, condition.status))
            .collect()
    }

    #[test]
    fn ready_is_always_there_and_the_rest_only_while_true() {
        let notice = Notice::new("A", "a");
        assert_eq!(types(&Progress::Settled, Some("ok")), ["Ready=True"]);
        assert_eq!(types(&Progress::Settled, None), ["Ready=False"]);
        let working = Progress::Working(notice.clone());
        assert_eq!(types(&working, None), ["Ready=False", "Reconciling=True"]);
        assert_eq!(
            types(&working, Some("ok")),
            ["Ready=True", "Reconciling=True"]
        );
        assert_eq!(
            types(&Progress::Stalled(notice), None),
            ["Ready=False", "Stalled=True"]
        );
    }

    #[test]
    fn observation_reports_drift_only_when_there_is_some() {
        let held = |pending: &[&str]| Progress::Held {
            why: Held::Observed,
            pending: pending.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(
            types(&held(&["x"]), Some("ok")),
            ["Ready=True", "DriftDetected=True"]
        );
        assert_eq!(types(&held(&[]), Some("ok")), ["Ready=True"]);
    }
}
