//! Who wants to know about what.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::Hash,
};

use super::Watcher;

/// Watchers by identity, and the reverse.
pub(super) struct Interest<Id> {
    watchers: HashMap<Id, HashSet<Watcher>>,
    ids: HashMap<Watcher, Vec<Id>>,
}

impl<Id> Default for Interest<Id> {
    fn default() -> Self {
        Self {
            watchers: HashMap::new(),
            ids: HashMap::new(),
        }
    }
}

impl<Id: Clone + Eq + Hash> Interest<Id> {
    /// True when nobody wants to know anything.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// True when somebody watches it.
    pub(super) fn has(&self, id: &Id) -> bool {
        self.watchers.contains_key(id)
    }

    /// All that is watched.
    pub(super) fn ids(&self) -> impl Iterator<Item = &Id> {
        self.watchers.keys()
    }

    /// Notes that `watcher` wants to know about `id`.
    pub(super) fn add(&mut self, id: &Id, watcher: &Watcher) {
        if self
            .watchers
            .get(id)
            .is_some_and(|watchers| watchers.contains(watcher))
        {
            return;
        }
        self.watchers
            .entry(id.clone())
            .or_default()
            .insert(watcher.clone());
        self.ids
            .entry(watcher.clone())
            .or_default()
            .push(id.clone());
    }

    /// Forgets a watcher.
    pub(super) fn forget(&mut self, watcher: &Watcher) {
        for id in self.ids.remove(watcher).unwrap_or_default() {
            if let Some(watchers) = self.watchers.get_mut(&id) {
                watchers.remove(watcher);
                if watchers.is_empty() {
                    self.watchers.remove(&id);
                }
            }
        }
    }

    /// Who watches any of these, `except` one, in order.
    pub(super) fn of<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a Id>,
        except: Option<&Watcher>,
    ) -> BTreeSet<Watcher>
    where
        Id: 'a,
    {
        ids.into_iter()
            .filter_map(|id| self.watchers.get(id))
            .flatten()
            .filter(|watcher| Some(*watcher) != except)
            .cloned()
            .collect()
    }

    /// Every watcher.
    pub(super) fn all(&self) -> Vec<Watcher> {
        self.ids.keys().cloned().collect()
    }
}
