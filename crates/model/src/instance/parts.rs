//! The parts that an instance is made of, each there or not yet and why, and what they come to together.

use emr_api::conditions;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use crate::{
    openemr::progress::{Finding, Next},
    progress::{Notice, Progress},
};

/// A part of an instance: true, or not yet and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Whether it is there.
    pub fact: bool,
    /// Reason and message of the condition.
    pub notice: Notice,
    /// A person is needed.
    pub stalled: bool,
}

impl Part {
    /// It is there.
    pub fn yes(reason: &str, message: impl Into<String>) -> Self {
        Self {
            fact: true,
            notice: Notice::new(reason, message),
            stalled: false,
        }
    }

    /// Not yet.
    pub fn no(reason: &str, message: impl Into<String>) -> Self {
        Self {
            fact: false,
            notice: Notice::new(reason, message),
            stalled: false,
        }
    }

    /// Not, and a person is needed.
    pub fn stalled(reason: &str, message: impl Into<String>) -> Self {
        Self {
            fact: false,
            notice: Notice::new(reason, message),
            stalled: true,
        }
    }

    /// From what the application's objects show.
    pub fn of_finding(finding: &Finding) -> Self {
        Self {
            fact: finding.met,
            notice: Notice::new(finding.reason, finding.message.clone()),
            stalled: finding.next == Next::Person,
        }
    }

    /// A child's `Ready`, as the child tells it.
    pub fn of_child(what: &str, conditions: Option<&[Condition]>) -> Self {
        let conditions = conditions.unwrap_or_default();
        let told = |kind: &str| conditions::find(conditions, kind);
        match (told(conditions::READY), told(conditions::STALLED)) {
            (Some(ready), _) if ready.status == "True" => {
                Self::yes(&ready.reason, ready.message.clone())
            }
            (_, Some(stalled)) => Self::stalled(&stalled.reason, stalled.message.clone()),
            (Some(ready), None) => Self::no(&ready.reason, ready.message.clone()),
            (None, None) => Self::no("Creating", format!("{what} has been asked for")),
        }
    }
}

/// The parts of an instance, in the order in which they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The database.
    pub database: Part,
    /// The cache.
    pub cache: Part,
    /// The files.
    pub files: Part,
    /// Schema and files of the application.
    pub installed: Part,
    /// Enough pods are ready.
    pub serving: Part,
    /// It can be reached.
    pub exposed: Part,
    /// The version that is installed is the spec's; `None` before the install.
    pub current: Option<Part>,
}

impl Parts {
    /// Nothing known yet.
    pub fn unknown(why: &Notice) -> Self {
        let part = || Part {
            fact: false,
            notice: why.clone(),
            stalled: false,
        };
        Self {
            database: part(),
            cache: part(),
            files: part(),
            installed: part(),
            serving: part(),
            exposed: part(),
            current: None,
        }
    }

    /// The parts that `Ready` is made of.
    pub(super) fn of_ready(&self) -> [(&'static str, &Part); 5] {
        [
            (conditions::DATABASE_READY, &self.database),
            (conditions::CACHE_READY, &self.cache),
            (conditions::FILES_READY, &self.files),
            (conditions::INSTALLED, &self.installed),
            (conditions::SERVING, &self.serving),
        ]
    }

    /// The instance's progress, where its own steps are settled: stalled with the first stalled
    /// part, working while parts are missing. An upgrade outweighs the pods that it replaces.
    pub(super) fn progress(&self) -> Progress {
        let parts = self.of_ready();
        if let Some(current) = self.current.as_ref().filter(|current| !current.fact) {
            let notice = current.notice.clone();
            return if current.stalled {
                Progress::Stalled(notice)
            } else {
                Progress::Working(notice)
            };
        }
        if let Some((_, part)) = parts.iter().find(|(_, part)| part.stalled) {
            return Progress::Stalled(part.notice.clone());
        }
        let missing: Vec<_> = parts.iter().filter(|(_, part)| !part.fact).collect();
        match missing.first() {
            None => Progress::Settled,
            Some((_, first)) => {
                // The three stores come side by side, so all that are waited for are named.
                let stores = missing
                    .iter()
                    .filter(|(_, part)| part.notice != first.notice)
                    .take(2);
                let message = std::iter::once(first.notice.message.clone())
                    .chain(stores.map(|(_, part)| part.notice.message.clone()))
                    .collect::<Vec<_>>()
                    .join("; ");
                Progress::Working(Notice::new(first.notice.reason.clone(), message))
            }
        }
    }
}
