//! What a pass over an instance came to.

use std::time::Duration;

use emr_api::{EmrInstance, conditions};
use emr_model::{
    Progress,
    instance::{Findings, Part, Parts},
    progress::Notice,
};
use emr_runtime::ReconcileError;

/// What a pass came to.
pub(super) struct Pass {
    pub(super) progress: Progress,
    /// `None` when they could not be looked at.
    pub(super) parts: Option<Parts>,
    pub(super) findings: Findings,
    pub(super) failure: Option<ReconcileError>,
    /// When time alone may change what is said about backups.
    pub(super) look_again: Option<Duration>,
}

impl Pass {
    pub(super) fn of(progress: Progress, failure: Option<ReconcileError>) -> Self {
        Self {
            progress,
            parts: None,
            findings: Findings::default(),
            failure,
            look_again: None,
        }
    }

    pub(super) fn failed(failure: ReconcileError) -> Self {
        let notice = Notice::new(failure.reason, failure.message.clone());
        let progress = match failure.class {
            emr_runtime::Class::Soon => Progress::Retrying(notice),
            emr_runtime::Class::Slow => Progress::Stalled(notice),
        };
        Self::of(progress, Some(failure))
    }
}

/// The parts as status has them, where they could not be looked at: a platform that stalls does
/// not make a running instance unready.
pub(super) fn remembered(object: &EmrInstance, progress: &Progress) -> Parts {
    let old = object
        .status
        .as_ref()
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default();
    let usual = || Notice::new("Unknown", "not looked at yet");
    let unknown = progress.notice().cloned().unwrap_or_else(usual);
    let part = |kind: &str| match conditions::find(old, kind) {
        Some(condition) if condition.status == "True" => {
            Part::yes(&condition.reason, condition.message.clone())
        }
        Some(condition) => Part::no(&condition.reason, condition.message.clone()),
        None => Part::no(&unknown.reason, unknown.message.clone()),
    };
    Parts {
        database: part(conditions::DATABASE_READY),
        cache: part(conditions::CACHE_READY),
        files: part(conditions::FILES_READY),
        installed: part(conditions::INSTALLED),
        serving: part(conditions::SERVING),
        exposed: part(conditions::EXPOSED),
        current: conditions::find(old, conditions::VERSION_CURRENT)
            .map(|_| part(conditions::VERSION_CURRENT)),
    }
}
