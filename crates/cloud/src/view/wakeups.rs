//! Who is to look again. A set, so that a hundred changes of one object are one wake-up, and its
//! size is bounded by the number of objects (invariant 10).

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use futures::Stream;
use tokio::sync::Notify;

/// Who watches a resource: opaque here, a custom resource to whoever listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Watcher {
    /// The kind.
    pub kind: &'static str,
    /// The namespace; empty for cluster-scoped kinds. Shared by the clones, of which each resource
    /// that is watched has some.
    pub namespace: Arc<str>,
    /// The name.
    pub name: Arc<str>,
}

#[derive(Debug, Default)]
struct Pending {
    order: VecDeque<Watcher>,
    known: HashSet<Watcher>,
}

#[derive(Debug, Default)]
struct Shared {
    pending: Mutex<Pending>,
    notify: Notify,
}

/// The watchers that are to look again, in the order in which that became known. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Wakeups(Arc<Shared>);

impl Wakeups {
    /// Wakes these.
    pub fn send(&self, watchers: impl IntoIterator<Item = Watcher>) {
        let mut pending = self
            .0
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for watcher in watchers {
            if pending.known.insert(watcher.clone()) {
                pending.order.push_back(watcher);
            }
        }
        drop(pending);
        self.0.notify.notify_waiters();
        // For a listener that is not waiting just now.
        self.0.notify.notify_one();
    }

    /// The next one, if there is one.
    pub fn try_next(&self) -> Option<Watcher> {
        let mut pending = self
            .0
            .pending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let watcher = pending.order.pop_front()?;
        pending.known.remove(&watcher);
        Some(watcher)
    }

    /// The next one.
    pub async fn next(&self) -> Watcher {
        loop {
            let notified = self.0.notify.notified();
            if let Some(watcher) = self.try_next() {
                return watcher;
            }
            notified.await;
        }
    }

    /// All of them, for ever.
    pub fn stream(&self) -> impl Stream<Item = Watcher> + Send + use<> {
        futures::stream::unfold(self.clone(), |wakeups| async move {
            let watcher = wakeups.next().await;
            Some((watcher, wakeups))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watcher(name: &str) -> Watcher {
        Watcher {
            kind: "ManagedDatabase",
            namespace: "a".into(),
            name: name.into(),
        }
    }

    #[tokio::test]
    async fn many_changes_of_one_object_are_one_wake_up() {
        let wakeups = Wakeups::default();
        wakeups.send([watcher("x"), watcher("y"), watcher("x")]);
        wakeups.send([watcher("x")]);
        assert_eq!(wakeups.next().await, watcher("x"));
        assert_eq!(wakeups.next().await, watcher("y"));
        assert_eq!(wakeups.try_next(), None);
        wakeups.send([watcher("x")]);
        assert_eq!(wakeups.try_next(), Some(watcher("x")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_that_waits_is_woken() {
        let wakeups = Wakeups::default();
        let listener = wakeups.clone();
        let task = tokio::spawn(async move { listener.next().await });
        tokio::task::yield_now().await;
        wakeups.send([watcher("x")]);
        assert_eq!(task.await.unwrap(), watcher("x"));
    }
}
