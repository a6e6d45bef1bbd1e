//! AWS as an informer: reads are shared by everything that looks at one resource type in one
//! account and region.
//!
//! A single sweeper pages through the list call; objects look at what it found and are woken when
//! that changes. An object whose AWS state did not change costs nothing (invariant 5). A change of
//! ours is written through, so the next look sees it, and a change whose fate is unknown is
//! looked up before anything is decided (invariant 2).

mod interest;
mod store;
mod sweeper;
#[cfg(test)]
mod tests;
mod wakeups;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use emr_resource::{Listing, Mutation, ResourceType};
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::{Instant, timeout},
};
use tracing::{info, warn};

pub use self::wakeups::{Wakeups, Watcher};
use self::{
    store::{Known, Store},
    sweeper::Progress,
};
use crate::{
    Caller, CloudError, ErrorKind, Permit, Port, caller::ATTEMPT_TIMEOUT, limits::Priority,
    metrics::ViewLabels,
};

/// What must be left of a lease beyond the time that a call may take.
const LEASE_MARGIN: Duration = Duration::from_secs(2);

/// A view of one resource type. Clones share it; the sweeper ends with the last one.
pub struct View<R: ResourceType>(Arc<Inner<R>>);

impl<R: ResourceType> Clone for View<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R: ResourceType> fmt::Debug for View<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("View").field(&R::NAME).finish()
    }
}

/// Whether the view can answer.
#[derive(Clone, Debug)]
enum Health {
    /// The first sweep is under way.
    Waiting,
    /// There is nothing to answer with.
    Failed(CloudError),
    /// It can.
    Ready,
}

struct Inner<R: ResourceType> {
    port: Arc<dyn Port<R>>,
    caller: Caller,
    wakeups: Wakeups,
    labels: ViewLabels,
    store: Mutex<Store<R>>,
    progress: Mutex<Progress>,
    health: watch::Sender<Health>,
    kick: Arc<Notify>,
    sweeper: OnceLock<AbortHandle>,
    reading: Mutex<HashMap<R::Id, Arc<tokio::sync::Mutex<()>>>>,
}

impl<R: ResourceType> Drop for Inner<R> {
    fn drop(&mut self) {
        if let Some(sweeper) = self.sweeper.get() {
            sweeper.abort();
        }
    }
}

impl<R: ResourceType> View<R> {
    /// A view through `port`, which starts to sweep when it is first looked at.
    pub fn new(port: Arc<dyn Port<R>>, caller: Caller, wakeups: Wakeups) -> Self {
        let labels = ViewLabels {
            account: caller.account().to_string(),
            region: caller.region().to_string(),
            resource_type: R::NAME,
        };
        Self(Arc::new(Inner {
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
        }))
    }

    /// What AWS has under `id`; `watcher` is woken when that changes. Costs no call, unless what
    /// is known can't be relied on or lacks details.
    pub async fn get(
        &self,
        id: &R::Id,
        watcher: &Watcher,
    ) -> Result<Option<Arc<R::Observed>>, CloudError> {
        let inner = &self.0;
        let asked = Instant::now();
        let was_idle = {
            let mut store = inner.store();
            let was_idle = store.interest.is_empty();
            store.interest.add(id, watcher);
            was_idle
        };
        inner
            .sweeper
            .get_or_init(|| tokio::spawn(sweeper::run(Arc::downgrade(inner))).abort_handle());
        if was_idle {
            inner.kick.notify_one();
        }
        if R::LISTING == Listing::Pages {
            inner.first_sweep().await?;
        }
        let known = inner.store().look(id);
        match known {
            Known::This(observed) => Ok(observed),
            Known::Unsure => inner.read_through(id, asked, Some(watcher)).await,
        }
    }

    /// Reads `id` singly, whatever is known: before something that was once seen is declared
    /// gone, and before something is created whose name is not unique.
    pub async fn confirm(&self, id: &R::Id) -> Result<Option<Arc<R::Observed>>, CloudError> {
        self.0.read_through(id, Instant::now(), None).await
    }

    /// Makes one change and writes what AWS answers through. The watchers are not woken: whoever
    /// asks for a change looks again by itself.
    pub async fn perform(
        &self,
        change: &R::Change,
        permit: &dyn Permit,
    ) -> Result<Option<Arc<R::Observed>>, CloudError> {
        let inner = &self.0;
        let id = R::changed(change);
        inner.caller.admit(R::SERVICE, Priority::Mutation).await;
        if !permit.allows(ATTEMPT_TIMEOUT + LEASE_MARGIN) {
            return Err(CloudError::not_leader(change.operation()));
        }
        let doubt = Doubt {
            inner,
            id: &id,
            armed: true,
        };
        let result = timeout(ATTEMPT_TIMEOUT, inner.port.perform(change))
            .await
            .unwrap_or_else(|_| {
                let kind = ErrorKind::MaybeApplied;
                Err(CloudError::new(
                    kind,
                    change.operation(),
                    "no answer in time",
                ))
            });
        doubt.settle();
        let account = &inner.labels.account;
        match result {
            Ok(reply) => {
                info!(account, change = change.describe(), "changed AWS");
                let mut store = inner.store();
                let told = reply.or_else(|| match store.look(&id) {
                    Known::This(Some(before)) => R::after(change, &before),
                    _ => None,
                });
                store.wrote(&id, Instant::now(), told);
                let latest = store.latest(&id);
                drop(store);
                inner.kick.notify_one();
                Ok(latest)
            }
            Err(error) => {
                warn!(account, change = change.describe(), %error, "can't change AWS");
                if error.kind.leaves_doubt() {
                    inner.store().doubt(&id, Instant::now());
                }
                Err(error)
            }
        }
    }

    /// Wakes `watcher` no longer; the object is gone.
    pub fn forget(&self, watcher: &Watcher) {
        self.0.store().interest.forget(watcher);
        self.0.kick.notify_one();
    }

    /// Time since the last complete sweep began; `None` before the first.
    pub fn age(&self) -> Option<Duration> {
        self.0.progress().succeeded().map(|at| at.elapsed())
    }

    /// How many resources are known, ours and others'.
    pub fn len(&self) -> usize {
        self.0.store().len()
    }

    /// True when no resource is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Marks a resource doubtful if the task that changes it is dropped before AWS answered.
struct Doubt<'a, R: ResourceType> {
    inner: &'a Inner<R>,
    id: &'a R::Id,
    armed: bool,
}

impl<R: ResourceType> Doubt<'_, R> {
    fn settle(mut self) {
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
    fn store(&self) -> MutexGuard<'_, Store<R>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn first_sweep(&self) -> Result<(), CloudError> {
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
    async fn read_through(
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
        if self.store().read(id, started, observed) {
            let others = self.store().interest.of([id], reader);
            self.wakeups.send(others);
        }
        Ok(self.store().latest(id))
    }

    fn wake(&self, ids: &[R::Id]) {
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

    fn wake_all(&self) {
        let watchers = self.store().interest.all();
        self.wakeups.send(watchers);
    }
}
