//! One pass over one object, and the one place where its outcome is told.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use kube::{
    Resource,
    core::{DeserializeGuard, error_boundary::InvalidObject},
    runtime::controller::Action,
};
use rand::rngs::SmallRng;
use tokio::time::Instant;
use tracing::Instrument;

use super::{Next, ReconcileError, Reconciler, Runtime, arrivals::Arrivals, streams};
use crate::{Class, Key, backoff::Backoff};

/// What the passes of a kind share.
pub(super) struct Context<R: Reconciler> {
    pub(super) runtime: Runtime,
    pub(super) reconciler: Arc<R>,
    pub(super) backoff: Arc<Backoff>,
    pub(super) arrivals: Arc<Arrivals>,
    pub(super) kind: String,
    pub(super) rng: Mutex<SmallRng>,
}

/// Runs a pass. It never fails: a failure is a time to try again.
pub(super) async fn run<R: Reconciler>(
    guarded: Arc<DeserializeGuard<R::Kind>>,
    context: Arc<Context<R>>,
) -> Result<Action, Infallible> {
    let key = Key::of(&*guarded);
    let span = tracing::info_span!(
        "reconcile",
        kind = %context.kind,
        namespace = key.namespace.as_deref().unwrap_or_default(),
        name = %key.name,
    );
    Ok(context.pass(&guarded, &key).instrument(span).await)
}

impl<R: Reconciler> Context<R> {
    async fn pass(&self, guarded: &DeserializeGuard<R::Kind>, key: &Key) -> Action {
        let started = Instant::now();
        if self.runtime.leadership.remaining().is_zero() {
            return Action::await_change();
        }
        let object = match &guarded.0 {
            Ok(object) => object,
            Err(invalid) => {
                self.report(guarded, &unreadable(invalid), started).await;
                return Action::await_change();
            }
        };
        let settled = self.reconciler.is_settled(object);
        let asked = streams::asked(object);
        if let Some(wait) = self.arrivals.wait(key, asked, settled, started) {
            return Action::requeue(wait);
        }
        match self.reconciler.reconcile(Arc::new(object.clone())).await {
            Ok(next) => {
                self.backoff.forget(key);
                let took = started.elapsed();
                self.runtime.metrics.reconciled(&self.kind, "ok", took);
                tracing::debug!(?next, ?took, "settled or waiting");
                match next {
                    Next::AwaitChange => Action::await_change(),
                    Next::After(wait) => Action::requeue(wait),
                }
            }
            Err(error) => {
                self.report(guarded, &error, started).await;
                let generation = guarded.meta().generation;
                let wait = {
                    let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
                    self.backoff.failed(key, generation, error.class, &mut *rng)
                };
                tracing::debug!(?wait, "trying again");
                Action::requeue(wait)
            }
        }
    }

    /// Log, metric, event.
    async fn report(
        &self,
        guarded: &DeserializeGuard<R::Kind>,
        error: &ReconcileError,
        started: Instant,
    ) {
        let Runtime {
            metrics, events, ..
        } = &self.runtime;
        metrics.reconciled(&self.kind, error.reason, started.elapsed());
        // Nothing is wrong with the object: it was read too early, or it is not our turn.
        if matches!(error.reason, "Conflict" | "NotLeader") {
            tracing::debug!(reason = error.reason, message = %error.message, "passed over");
            return;
        }
        tracing::warn!(reason = error.reason, message = %error.message, "failed");
        let about = guarded.object_ref(&Default::default());
        events
            .warning(&about, error.reason, "Reconcile", &error.message)
            .await;
    }
}

fn unreadable(invalid: &InvalidObject) -> ReconcileError {
    ReconcileError {
        reason: "InvalidObject",
        message: format!(
            "the object can't be read and is left alone: {}",
            invalid.error
        ),
        class: Class::Slow,
    }
}
