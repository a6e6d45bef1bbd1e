//! What the clones of a view share, and how they read singly and wake.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use emr_resource::ResourceType;
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::Instant,
};

use super::{
    Wakeups, Watcher,
    store::{Known, Store},
    sweeper::Progress,
    underway::Underway,
};
use crate::{Caller, CloudError, Port, metrics::ViewLabels};

/// Whether the view can answer.
#[derive(Clone, Debug)]
pub(super) enum Health {
    /// The first sweep is under way.
    Waiting,
    /// There is nothing to answer with.
    Failed(CloudError),
    /// It can.
    Ready,
}

pub(super) struct Inner<R: ResourceType> {
    pub(super) port: Arc<dyn Port<R>>,
    pub(super) caller: Caller,
    pub(super) wakeups: Wakeups,
    pub(super) labels: ViewLabels,
    pub(super) store: Mutex<Store<R>>,
    pub(super) progress: Mutex<Progress>,
    pub(super) health: watch::Sender<Health>,
    pub(super) kick: Arc<Notify>,
    pub(super) sweeper: OnceLock<AbortHandle>,
    pub(super) reading: Mutex<HashMap<R::Id, Arc<tokio::sync::Mutex<()>>>>,
    pub(super) underway: Underway<R::Id>,
}

impl<R: ResourceType> Drop for Inner<R> {
    fn drop(&mut self) {
        if let Some(sweeper) = self.sweeper.get() {
            sweeper.abort();
        }
    }
}

/// Marks a resource doubtful if the task that changes it is dropped before AWS answered.
pub(super) struct Doubt<'a, R: ResourceType> {
    pub(super) inner: &'a Inner<R>,
    pub(super) id: &'a R::Id,
    pub(super) armed: bool,
}

impl<R: ResourceType> Doubt<'_, R> {
    pub(super) fn settle(mut self) {
        self.armed = false;
    }
}

impl<R: ResourceType> Drop for Doubt<'_, R> {
    fn drop(&mut self) {
        if self.armed {
            self.inner.store().doubt(self.id, Instant::now());
        }
    }
}

impl<R: ResourceType> Inner<R> {
    pub(super) fn new(
        port: Arc<dyn Port<R>>,
        caller: Caller,
        wakeups: Wakeups,
        labels: ViewLabels,
    ) -> Self {
        Self {
            port,
            caller,
            wakeups,
            labels,
            store: Mutex::default(),
            progress: Mutex::default(),
            health: watch::Sender::new(Health::Waiting),
            kick: Arc::default(),
            sweeper: OnceLock::new(),
            reading: Mutex::default(),
            underway: Underway::default(),
        }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store<R>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn first_sweep(&self) -> Result<(), CloudError> {
        let mut health = self.health.subscribe();
        let settled = health
            .wait_for(|health| !matches!(health, Health::Waiting))
            .await;
        match settled.as_deref() {
            Ok(Health::Failed(error)) => Err(error.clone()),
            // The sender lives as long as we do.
            Ok(Health::Ready | Health::Waiting) | Err(_) => Ok(()),
        }
    }

    /// Reads singly, unless somebody did so since `asked`. Reads of one resource queue up, so a
    /// hundred objects that share it cost one call.
    pub(super) async fn read_through(
        &self,
        id: &R::Id,
        asked: Instant,
        reader: Option<&Watcher>,
    ) -> Result<Option<Arc<R::Observed>>, CloudError> {
        let lock = {
            let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            reading.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(reading.entry(id.clone()).or_default())
        };
        let _turn = lock.lock().await;
        if let Known::This(observed) = self.store().read_since(id, asked) {
            return Ok(observed);
        }
        let started = Instant::now();
        let observed = self.port.read(id).await?;
        let moves = observed.as_ref().is_some_and(R::in_transition);
        if self.store().read(id, started, observed) {
            if moves {
                // Sweeps are to follow it from now on.
                self.kick.notify_one();
            }
            let others = self.store().interest.of([id], reader);
            self.wakeups.send(others);
        }
        Ok(self.store().latest(id))
    }

    pub(super) fn wake(&self, ids: &[R::Id]) {
        // What the first sweep finds is news to nobody: who looks is waiting for it.
        if ids.is_empty() || !matches!(*self.health.borrow(), Health::Ready) {
            return;
        }
        for _ in ids {
            self.caller.metrics().changed(&self.labels);
        }
        let watchers = self.store().interest.of(ids, None);
        self.wakeups.send(watchers);
    }

    pub(super) fn wake_all(&self) {
        let watchers = self.store().interest.all();
        self.wakeups.send(watchers);
    }
}
