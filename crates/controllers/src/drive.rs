//! Observe, plan, perform, until there is nothing more to do now.
//!
//! Independent changes of a step are made side by side. A change is one AWS call, so a crash
//! between any two leaves a state that the next pass plans from.

use async_trait::async_trait;
use emr_cloud::{Account, CloudError, ErrorKind, Permit};
use emr_model::progress::{Held, Notice, Progress};
use emr_resource::{Change, Mutation, Step};
use emr_runtime::ReconcileError;
use futures::future::join_all;

/// The most steps of one pass: a stack has far fewer stages, so more means that two plans undo
/// each other's work.
const MOST_STEPS: usize = 24;

/// A stack of AWS resources that can be looked at and planned for.
#[async_trait]
pub(crate) trait Stack: Send + Sync {
    /// What AWS has of it.
    type Seen: Default + Send + Sync;

    /// Looks, through the shared view.
    async fn observe(&self, account: &Account) -> Result<Self::Seen, CloudError>;

    /// Decides.
    fn plan(&self, seen: &Self::Seen) -> Step<Change>;
}

/// What the view holds, as a value of one's own.
pub(crate) fn owned<T: Clone>(found: Option<std::sync::Arc<T>>) -> Option<T> {
    found.map(std::sync::Arc::unwrap_or_clone)
}

/// How far a pass came.
#[derive(Debug)]
pub(crate) struct Driven<S> {
    /// What was seen last; `None` when AWS could not be read.
    pub(crate) seen: Option<S>,
    /// How far the stack has come.
    pub(crate) progress: Progress,
    /// What went wrong, for the one place that reports.
    pub(crate) failure: Option<ReconcileError>,
    /// What was changed, in words.
    pub(crate) performed: Vec<String>,
}

/// Drives a stack as far as it goes now. Under a hold nothing is changed; what would be is told.
pub(crate) async fn drive<S: Stack>(
    account: &Account,
    permit: &dyn Permit,
    hold: Option<Held>,
    stack: &S,
) -> Driven<S::Seen> {
    let mut driven = Driven {
        seen: None,
        progress: Progress::Settled,
        failure: None,
        performed: Vec::new(),
    };
    for _ in 0..MOST_STEPS {
        let seen = match stack.observe(account).await {
            Ok(seen) => seen,
            Err(error) => return driven.failed(&error, "read"),
        };
        let step = stack.plan(&seen);
        driven.seen = Some(seen);
        driven.progress = Progress::of_step(&step);
        let Step::Change(changes) = step else {
            if let Some(Held::Paused) = hold {
                driven.progress = Progress::Held {
                    why: Held::Paused,
                    pending: Vec::new(),
                };
            }
            return driven;
        };
        if let Some(why) = hold {
            let pending = changes.iter().map(Mutation::describe).collect();
            driven.progress = Progress::Held { why, pending };
            return driven;
        }
        let calls = changes.iter().map(|change| account.perform(change, permit));
        let mut failed: Option<(CloudError, String)> = None;
        for (change, outcome) in changes.iter().zip(join_all(calls).await) {
            match outcome {
                Ok(()) => {
                    driven.performed.push(change.describe());
                }
                // Somebody, or we before a crash, made it: the view looks before the next plan.
                Err(error) if error.kind == ErrorKind::AlreadyExists => {
                    failed.get_or_insert((error, change.describe()));
                }
                Err(error) => failed = Some((error, change.describe())),
            }
        }
        match failed {
            Some((error, what)) if error.kind != ErrorKind::AlreadyExists => {
                return driven.failed(&error, &what);
            }
            _ => {}
        }
    }
    driven.progress = Progress::Retrying(Notice::new(
        "NotConverging",
        "AWS keeps answering with something else than what was asked for; it is tried again",
    ));
    driven.failure = Some(ReconcileError::soon(
        "NotConverging",
        "the plan does not converge",
    ));
    driven
}

impl<S> Driven<S> {
    fn failed(mut self, error: &CloudError, what: &str) -> Self {
        let code = error
            .code
            .as_deref()
            .map_or_else(String::new, |code| format!(" ({code})"));
        let message = format!(
            "failed to {what}: {}: {}{code}. {}",
            error.operation,
            error.message.trim_end_matches('.'),
            error.advice()
        );
        let notice = Notice::new(error.reason(), message.clone());
        let person = error.kind.needs_person();
        self.failure = Some(if person {
            ReconcileError::slow(error.reason(), message)
        } else {
            ReconcileError::soon(error.reason(), message)
        });
        self.progress = if person {
            Progress::Stalled(notice)
        } else {
            Progress::Retrying(notice)
        };
        self
    }
}
