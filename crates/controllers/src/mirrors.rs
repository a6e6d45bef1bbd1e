//! Our own kinds as their drivers see them, for the passes that look at other objects than their
//! own: platforms to land on, an instance's stores, instances with the same host name.
//!
//! Invariant: who depends on an object is woken after the mirror shows its change.

use std::sync::Arc;

use emr_api::{CacheCluster, EmrInstance, EmrPlatform, ManagedDatabase, SharedFileSystem, labels};
use emr_runtime::{
    Key,
    controller::{Change, Feed, Kind, Mirror},
};
use kube::ResourceExt;

use crate::{emr_instance, start::Wakes, waiters::Waiters};

/// What fills the mirrors; the drivers take it.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    pub(crate) platforms: Feed<EmrPlatform>,
    pub(crate) instances: Feed<EmrInstance>,
    pub(crate) databases: Feed<ManagedDatabase>,
    pub(crate) caches: Feed<CacheCluster>,
    pub(crate) files: Feed<SharedFileSystem>,
}

/// Our own kinds. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Mirrors {
    pub(crate) platforms: Mirror<EmrPlatform>,
    pub(crate) instances: Mirror<EmrInstance>,
    pub(crate) databases: Mirror<ManagedDatabase>,
    pub(crate) caches: Mirror<CacheCluster>,
    pub(crate) files: Mirror<SharedFileSystem>,
}

/// Empty for ever: of a context that was not started.
impl Default for Mirrors {
    fn default() -> Self {
        Self::of(&Feeds::default())
    }
}

impl Mirrors {
    /// What these fill.
    pub(crate) fn of(feeds: &Feeds) -> Self {
        Self {
            platforms: feeds.platforms.mirror(),
            instances: feeds.instances.mirror(),
            databases: feeds.databases.mirror(),
            caches: feeds.caches.mirror(),
            files: feeds.files.mirror(),
        }
    }
}

impl Feeds {
    /// Wakes who waits for a platform when it changes, and an instance when one of its stores does.
    pub(crate) fn waking(self, waiters: &Waiters, wakes: &Wakes) -> Self {
        let Self {
            platforms,
            instances,
            databases,
            caches,
            files,
        } = self;
        let (waiters, waking) = (waiters.clone(), wakes.senders());
        let platforms = platforms.telling(Arc::new(move |change| {
            let waiting = match change {
                Change::Of(platform) => waiters.take(Some(&platform.name_any())),
                Change::Any => waiters.take(None),
            };
            for (kind, key) in waiting {
                waking.send(kind, key);
            }
        }));
        let all = || instances.mirror();
        Self {
            platforms,
            databases: waking_instances(databases, all(), wakes),
            caches: waking_instances(caches, all(), wakes),
            files: waking_instances(files, all(), wakes),
            instances,
        }
    }
}

/// A store of an instance has its name. After a gap in the watch every instance looks again: which
/// stores went meanwhile is not told.
fn waking_instances<K: Kind>(
    feed: Feed<K>,
    instances: Mirror<EmrInstance>,
    wakes: &Wakes,
) -> Feed<K> {
    let waking = wakes.senders();
    feed.telling(Arc::new(move |change| match change {
        Change::Of(store) if store.labels().contains_key(labels::INSTANCE) => {
            waking.send(emr_instance::KIND, Key::of(store));
        }
        Change::Of(_) => {}
        Change::Any => {
            for key in instances.keys() {
                waking.send(emr_instance::KIND, key);
            }
        }
    }))
}
