//! Objects that wait for a platform. A platform's change wakes exactly these, so that a thousand
//! settled objects sleep through it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use emr_runtime::Key;

type Waiting = HashMap<(String, &'static str), HashSet<Key>>;

/// Who waits for which platform, by kind. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiters(Arc<Mutex<Waiting>>);

impl Waiters {
    /// `key` of `kind` waits for `platform`.
    pub(crate) fn add(&self, platform: &str, kind: &'static str, key: Key) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting
            .entry((platform.to_owned(), kind))
            .or_default()
            .insert(key);
    }

    /// Who waits; they are to say so again if they still do.
    pub(crate) fn take(&self, platform: &str, kind: &'static str) -> Vec<Key> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting
            .remove(&(platform.to_owned(), kind))
            .map_or_else(Vec::new, |keys| keys.into_iter().collect())
    }
}
