//! The objects of a kind as their driver's watch showed them last, for whoever needs to look at
//! them often: a look costs nothing.
//!
//! Invariant: whoever is told of a change finds it in the mirror. What is told is told after the
//! mirror has it, never by another watch.

use std::{fmt, sync::Arc};

use kube::{
    Resource,
    core::DeserializeGuard,
    runtime::{
        reflector::{Store, store::Writer},
        watcher,
    },
};

use super::{Kind, ReconcileError, reference};
use crate::{Class, Key};

/// What a mirror is told of.
#[derive(Debug)]
pub enum Change<'a, K> {
    /// This object came, changed or went.
    Of(&'a K),
    /// Any of them may have changed, or gone: the watch began anew. Not told when it begins for the
    /// first time, because whoever looks then waits for it.
    Any,
}

/// Called after the mirror has a change. An object that can't be read is no news.
pub type Listener<K> = Arc<dyn Fn(Change<'_, K>) + Send + Sync>;

/// Fills a [`Mirror`]; a driver takes it.
pub struct Feed<K: Kind> {
    pub(super) writer: Writer<DeserializeGuard<K>>,
    listener: Option<Listener<K>>,
}

impl<K: Kind> fmt::Debug for Feed<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feed")
    }
}

impl<K: Kind> Default for Feed<K> {
    fn default() -> Self {
        Self {
            writer: Writer::default(),
            listener: None,
        }
    }
}

impl<K: Kind> Feed<K> {
    /// Tells `listener` of every change.
    #[must_use]
    pub fn telling(mut self, listener: Listener<K>) -> Self {
        self.listener = Some(listener);
        self
    }

    /// What it fills.
    pub fn mirror(&self) -> Mirror<K> {
        Mirror(self.writer.as_reader())
    }

    pub(super) fn into_parts(self) -> (Writer<DeserializeGuard<K>>, Option<Listener<K>>) {
        (self.writer, self.listener)
    }
}

/// Tells of what the mirror has just taken in. `filled` says whether that was so before.
pub(super) fn tell<K: Kind>(
    listener: &Listener<K>,
    event: &watcher::Event<DeserializeGuard<K>>,
    filled: &mut bool,
) {
    match event {
        watcher::Event::Apply(object) | watcher::Event::Delete(object) => {
            if let Ok(object) = &object.0 {
                listener(Change::Of(object));
            }
        }
        watcher::Event::InitDone if *filled => listener(Change::Any),
        watcher::Event::InitDone => *filled = true,
        // The mirror takes a list in when it is complete.
        watcher::Event::Init | watcher::Event::InitApply(_) => {}
    }
}

/// The objects of a kind as their driver's watch showed them last. Clones share it.
pub struct Mirror<K: Kind>(Store<DeserializeGuard<K>>);

impl<K: Kind> Clone for Mirror<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Kind> fmt::Debug for Mirror<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mirror({})", self.0.len())
    }
}

impl<K: Kind> Mirror<K> {
    /// One object; waits until the mirror was filled for the first time. Fails on one that can't be
    /// read.
    pub async fn get(&self, key: &Key) -> Result<Option<Arc<DeserializeGuard<K>>>, ReconcileError> {
        self.filled().await?;
        let found = self.0.get(&reference::<K>(key));
        if let Some(Err(invalid)) = found.as_deref().map(|guard| guard.0.as_ref()) {
            let kind = K::kind(&K::DynamicType::default()).into_owned();
            let message = format!("{kind} {key} can't be read: {}", invalid.error);
            return Err(ReconcileError {
                reason: "InvalidObject",
                message,
                class: Class::Slow,
            });
        }
        Ok(found)
    }

    /// One object, as a value of one's own.
    pub async fn cloned(&self, key: &Key) -> Result<Option<K>, ReconcileError> {
        let found = self.get(key).await?;
        Ok(found.and_then(|guard| guard.0.as_ref().ok().cloned()))
    }

    /// Those that can be read and that `wanted` picks.
    pub async fn select(&self, wanted: impl Fn(&K) -> bool) -> Result<Vec<K>, ReconcileError> {
        self.filled().await?;
        let all = self.0.state();
        let readable = all.iter().filter_map(|guard| guard.0.as_ref().ok());
        Ok(readable.filter(|object| wanted(object)).cloned().collect())
    }

    /// All that it shows now, readable or not.
    pub fn keys(&self) -> Vec<Key> {
        let all = self.0.state();
        all.iter().map(|guard| Key::of(&**guard)).collect()
    }

    /// Those that it shows now, can be read, and are `wanted`.
    pub fn keys_of(&self, wanted: impl Fn(&K) -> bool) -> Vec<Key> {
        let all = self.0.state();
        let readable = all.iter().filter_map(|guard| guard.0.as_ref().ok());
        readable
            .filter(|object| wanted(object))
            .map(Key::of)
            .collect()
    }

    async fn filled(&self) -> Result<(), ReconcileError> {
        let ended = |_| ReconcileError::soon("Ending", "the watch has ended");
        self.0.wait_until_ready().await.map_err(ended)
    }
}

/// What nobody asks of an object in a mirror: its largest part by far.
pub(super) fn slim<K: Kind>(object: &mut DeserializeGuard<K>) {
    object.meta_mut().managed_fields = None;
}
