//! AWS as an informer: reads are shared by everything that looks at one resource type in one
//! account and region.
//!
//! A single sweeper pages through the list call; objects look at what it found and are woken when
//! that changes. An object whose AWS state did not change costs nothing (invariant 5). A change of
//! ours is written through, so the next look sees it, and a change whose fate is unknown is
//! looked up before anything is decided (invariant 2).

mod inner;
mod interest;
mod slot;
mod store;
mod sweeper;
#[cfg(test)]
mod tests;
mod turns;
mod underway;
mod wakeups;

use std::{fmt, sync::Arc, time::Duration};

use emr_resource::{Listing, Mutation, ResourceType};
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

pub use self::wakeups::{Wakeups, Watcher};
use self::{
    inner::{Doubt, Inner},
    store::Known,
};
use crate::{
    Caller, CloudError, Cursor, ErrorKind, Page, Permit, Port, caller::ATTEMPT_TIMEOUT,
    limits::Priority, metrics::ViewLabels,
};

/// What must be left of a lease beyond the time that a call may take.
const LEASE_MARGIN: Duration = Duration::from_secs(2);
/// How long a change that somebody awaits is swept for every few seconds; after that the drift
/// window has to do.
const AWAITED: Duration = Duration::from_mins(1);

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

impl<R: ResourceType> View<R> {
    /// A view through `port`, which starts to sweep when it is first looked at.
    pub fn new(port: Arc<dyn Port<R>>, caller: Caller, wakeups: Wakeups) -> Self {
        let labels = ViewLabels {
            account: caller.account().to_string(),
            region: caller.region().to_string(),
            resource_type: R::NAME,
        };
        Self(Arc::new(Inner::new(port, caller, wakeups, labels)))
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

    /// Sweeps every few seconds until `id` changes: AWS is about to change it because of something
    /// else, of which it shows no sign itself.
    pub fn await_change(&self, id: &R::Id) {
        let inner = &self.0;
        inner.store().await_change(id, Instant::now() + AWAITED);
        inner.kick.notify_one();
    }

    /// Makes one change and writes what AWS answers through. The watchers are not woken: whoever
    /// asks for a change looks again by itself. Of several that ask for the same change at a time,
    /// as objects do that share a resource, the first makes it; the others wait, and are told that
    /// it was asked for already.
    pub async fn perform(
        &self,
        change: &R::Change,
        permit: &dyn Permit,
    ) -> Result<Option<Arc<R::Observed>>, CloudError> {
        let inner = &self.0;
        let id = R::changed(change);
        let Some(_turn) = inner.underway.enter(&id, change).await else {
            return Err(CloudError::overtaken(change.operation()));
        };
        inner.caller.admit(R::SERVICE, Priority::Mutation).await;
        if !permit.allows(ATTEMPT_TIMEOUT + LEASE_MARGIN).await {
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

    /// One page of the list, past the view: for what is asked rarely and by nobody who watches.
    pub(crate) async fn page(
        &self,
        cursor: Option<Cursor>,
    ) -> Result<Page<R::Observed>, CloudError> {
        self.0.port.list(cursor).await
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
