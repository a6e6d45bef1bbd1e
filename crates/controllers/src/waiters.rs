//! Objects that wait for a platform. A platform's change wakes exactly these, so that a thousand
//! settled objects sleep through it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use emr_runtime::Key;

type Waiting = HashMap<String, HashSet<(&'static str, Key)>>;

/// Who waits for which platform: kind and object. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiters(Arc<Mutex<Waiting>>);

impl Waiters {
    /// `key` of `kind` waits for `platform`.
    pub(crate) fn add(&self, platform: &str, kind: &'static str, key: Key) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting
            .entry(platform.to_owned())
            .or_default()
            .insert((kind, key));
    }

    /// Who waits for `platform`, or for any without one; they are to say so again if they still do.
    pub(crate) fn take(&self, platform: Option<&str>) -> Vec<(&'static str, Key)> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match platform {
            Some(platform) => waiting.remove(platform).into_iter().flatten().collect(),
            None => waiting.drain().flat_map(|(_, waiters)| waiters).collect(),
        }
    }
}
