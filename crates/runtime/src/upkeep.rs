//! Objects that are as they should be, so that they are not read again until somebody changes them.
//!
//! An object was found to be what was wanted at some version. As long as the same is wanted and a
//! watch of metadata knows of no other version, there is nothing to do, and nothing to read.
//!
//! Invariant: a watch that lags leads to a read too many, or to one that follows its news; never to
//! a change that stays unseen, because each piece of news wakes whoever keeps the object.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kube::{
    Resource, ResourceExt,
    api::ApiResource,
    runtime::watcher::{self, Event},
};

use crate::Key;

/// What was wanted, told from anything else that may be wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish(u64);

/// What is known of an object.
#[derive(Debug, Default)]
struct Entry {
    /// The version that the watch showed last.
    latest: Option<String>,
    /// At which version it was found to be what was wanted.
    kept: Option<(Wish, String)>,
}

#[derive(Debug, Default)]
struct Known {
    /// By plural and group, then by object.
    kinds: HashMap<(String, String), HashMap<Key, Entry>>,
}

/// Which objects are as they should be. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Upkeep {
    known: Arc<Mutex<Known>>,
    hasher: Arc<RandomState>,
}

impl Upkeep {
    /// What stands for an object as it is wanted: for its JSON.
    pub fn wish(&self, json: &[u8]) -> Wish {
        Wish(self.hasher.hash_one(json))
    }

    /// True when the object was found to be what is wanted, and was not changed since.
    pub fn holds(&self, kind: &ApiResource, key: &Key, wish: Wish) -> bool {
        let mut known = self.known();
        let entry = of(&mut known, kind).get(key);
        entry.is_some_and(|entry| match (&entry.latest, &entry.kept) {
            (Some(latest), Some((kept, version))) => latest == version && *kept == wish,
            _ => false,
        })
    }

    /// The object was found, or made, to be what is wanted at this version.
    pub fn keep(&self, kind: &ApiResource, key: &Key, wish: Wish, version: String) {
        let mut known = self.known();
        let entry = of(&mut known, kind).entry(key.clone()).or_default();
        entry.kept = Some((wish, version));
    }

    /// Takes in what a watch tells.
    pub(crate) fn told<K: Resource>(&self, kind: &ApiResource, event: &watcher::Result<Event<K>>) {
        let mut known = self.known();
        let objects = of(&mut known, kind);
        match event {
            Ok(Event::Apply(object) | Event::InitApply(object)) => {
                let entry = objects.entry(Key::of(object)).or_default();
                entry.latest = object.resource_version();
            }
            Ok(Event::Delete(object)) => drop(objects.remove(&Key::of(object))),
            // What went meanwhile is not told.
            Ok(Event::Init) => objects.values_mut().for_each(|entry| entry.latest = None),
            Ok(Event::InitDone) => objects.retain(|_, entry| entry.latest.is_some()),
            Err(_) => {}
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of<'a>(known: &'a mut Known, kind: &ApiResource) -> &'a mut HashMap<Key, Entry> {
    let name = (kind.plural.clone(), kind.group.clone());
    known.kinds.entry(name).or_default()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::core::ObjectMeta;

    use super::*;

    fn at(version: &str) -> ConfigMap {
        ConfigMap {
            metadata: ObjectMeta {
                name: Some("x".into()),
                namespace: Some("a".into()),
                resource_version: Some(version.into()),
                ..ObjectMeta::default()
            },
            ..ConfigMap::default()
        }
    }

    #[test]
    fn only_what_nobody_changed_since_needs_no_look() {
        let (upkeep, kind) = (Upkeep::default(), ApiResource::erase::<ConfigMap>(&()));
        let (key, wish) = (Key::new("a", "x"), upkeep.wish(b"one"));
        let holds = || upkeep.holds(&kind, &key, wish);
        let told = |event| upkeep.told(&kind, &Ok(event));
        assert!(!holds());
        upkeep.keep(&kind, &key, wish, "1".into());
        assert!(!holds(), "no watch has shown it");
        told(Event::Apply(at("1")));
        assert!(holds());
        assert!(
            !upkeep.holds(&kind, &key, upkeep.wish(b"two")),
            "another wish"
        );
        told(Event::Apply(at("2")));
        assert!(!holds(), "somebody changed it");
        upkeep.keep(&kind, &key, wish, "2".into());
        assert!(holds());
        told(Event::Init);
        assert!(!holds(), "it may be gone");
        told(Event::InitApply(at("2")));
        told(Event::InitDone);
        assert!(holds());
        told(Event::Init);
        told(Event::InitDone);
        assert!(!holds(), "it is gone");
        upkeep.keep(&kind, &key, wish, "3".into());
        told(Event::Apply(at("3")));
        told(Event::Delete(at("3")));
        assert!(!holds());
    }
}
