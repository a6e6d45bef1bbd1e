//! Who wants to know about what.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::Hash,
};

use super::Watcher;

/// Who watches one resource: nearly always one object, and a thousand of what they share.
enum Watchers {
    One(Watcher),
    Many(HashSet<Watcher>),
}

impl Watchers {
    fn contains(&self, watcher: &Watcher) -> bool {
        match self {
            Self::One(one) => one == watcher,
            Self::Many(many) => many.contains(watcher),
        }
    }

    fn insert(&mut self, watcher: Watcher) {
        match self {
            Self::One(one) if *one == watcher => {}
            Self::One(one) => *self = Self::Many([one.clone(), watcher].into()),
            Self::Many(many) => drop(many.insert(watcher)),
        }
    }

    /// True when nobody is left.
    fn remove(&mut self, watcher: &Watcher) -> bool {
        match self {
            Self::One(one) => one == watcher,
            Self::Many(many) => {
                many.remove(watcher);
                many.is_empty()
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Watcher> {
        let (one, many) = match self {
            Self::One(one) => (Some(one), None),
            Self::Many(many) => (None, Some(many)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

/// Watchers by identity, and the reverse.
pub(super) struct Interest<Id> {
    watchers: HashMap<Id, Watchers>,
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
            .and_modify(|watchers| watchers.insert(watcher.clone()))
            .or_insert_with(|| Watchers::One(watcher.clone()));
        self.ids
            .entry(watcher.clone())
            .or_insert_with(|| Vec::with_capacity(1))
            .push(id.clone());
    }

    /// Forgets a watcher.
    pub(super) fn forget(&mut self, watcher: &Watcher) {
        for id in self.ids.remove(watcher).unwrap_or_default() {
            let watchers = self.watchers.get_mut(&id);
            if watchers.is_some_and(|watchers| watchers.remove(watcher)) {
                self.watchers.remove(&id);
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
            .flat_map(Watchers::iter)
            .filter(|watcher| Some(*watcher) != except)
            .cloned()
            .collect()
    }

    /// Every watcher.
    pub(super) fn all(&self) -> Vec<Watcher> {
        self.ids.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watcher(name: &str) -> Watcher {
        Watcher {
            kind: "Thing",
            namespace: "a".into(),
            name: name.into(),
        }
    }

    #[test]
    fn one_or_many_watch_and_are_forgotten_one_by_one() {
        let mut interest = Interest::default();
        for name in ["x", "y", "x", "z"] {
            interest.add(&1, &watcher(name));
        }
        interest.add(&2, &watcher("x"));
        let of = |interest: &Interest<u8>, except: &str| -> Vec<String> {
            let found = interest.of(&[1, 2], Some(&watcher(except)));
            found
                .iter()
                .map(|watcher| watcher.name.to_string())
                .collect()
        };
        assert_eq!(of(&interest, "-"), ["x", "y", "z"]);
        assert_eq!(of(&interest, "y"), ["x", "z"]);
        interest.forget(&watcher("x"));
        assert!(interest.has(&1) && !interest.has(&2));
        interest.forget(&watcher("z"));
        assert_eq!(of(&interest, "-"), ["y"]);
        interest.forget(&watcher("y"));
        assert!(!interest.has(&1) && interest.is_empty());
    }
}
