//! Our own kinds as their drivers see them, for the passes that look at other objects than their
//! own: platforms to land on, an instance's stores, instances with the same host name.
//!
//! Invariant: who depends on an object is woken after the mirror shows its change.

use std::sync::Arc;

use emr_api::{
    CacheCluster, EmrBackup, EmrDrill, EmrInstance, EmrPlatform, EmrRestore, ManagedDatabase,
    ObjectStore, SharedFileSystem, conditions::Reported, emr_restore::RestorePhase, labels,
};
use emr_runtime::{
    Key,
    controller::{Change, Feed, Kind, Mirror},
};
use kube::ResourceExt;

use crate::{
    children::instance_name,
    emr_backup, emr_drill, emr_instance, emr_restore,
    phased::{Phases, instance_key, is_of},
    start::{Senders, Wakes},
    waiters::Waiters,
};

/// What fills the mirrors; the drivers take it.
#[derive(Debug, Default)]
pub(crate) struct Feeds {
    pub(crate) platforms: Feed<EmrPlatform>,
    pub(crate) instances: Feed<EmrInstance>,
    pub(crate) databases: Feed<ManagedDatabase>,
    pub(crate) caches: Feed<CacheCluster>,
    pub(crate) files: Feed<SharedFileSystem>,
    pub(crate) objects: Feed<ObjectStore>,
    pub(crate) backups: Feed<EmrBackup>,
    pub(crate) restores: Feed<EmrRestore>,
    pub(crate) drills: Feed<EmrDrill>,
}

/// Our own kinds. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Mirrors {
    pub(crate) platforms: Mirror<EmrPlatform>,
    pub(crate) instances: Mirror<EmrInstance>,
    pub(crate) databases: Mirror<ManagedDatabase>,
    pub(crate) caches: Mirror<CacheCluster>,
    pub(crate) files: Mirror<SharedFileSystem>,
    pub(crate) objects: Mirror<ObjectStore>,
    pub(crate) backups: Mirror<EmrBackup>,
    pub(crate) restores: Mirror<EmrRestore>,
    pub(crate) drills: Mirror<EmrDrill>,
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
            objects: feeds.objects.mirror(),
            backups: feeds.backups.mirror(),
            restores: feeds.restores.mirror(),
            drills: feeds.drills.mirror(),
        }
    }
}

impl Feeds {
    /// Wakes who waits for a platform when it changes, an instance when one of its stores, backups or
    /// restores does, and a backup that has not ended when its instance does.
    pub(crate) fn waking(self, waiters: &Waiters, wakes: &Wakes) -> Self {
        let Self {
            platforms,
            instances,
            databases,
            caches,
            files,
            objects,
            backups,
            restores,
            drills,
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
        let all_restores = || restores.mirror();
        let all_backups = backups.mirror();
        Self {
            platforms,
            databases: waking_instances(databases, all(), all_restores(), wakes),
            caches: waking_instances(caches, all(), all_restores(), wakes),
            files: waking_instances(files, all(), all_restores(), wakes),
            objects,
            backups: waking_backed_up(backups, all(), wakes),
            // It changes over for a restore.
            restores: waking_instance_of(restores, all(), wakes, |of| {
                of.phase == RestorePhase::Switching
            }),
            // It tells what its drills prove.
            drills: waking_instance_of(drills, all(), wakes, |of| of.phase.is_over()),
            instances: waking_backups(instances, all_backups, wakes),
        }
    }
}

/// A store tells its instance, and a restore of that which is under way. After a gap in the watch every
/// instance looks again: which stores went meanwhile is not told.
fn waking_instances<K: Kind>(
    feed: Feed<K>,
    instances: Mirror<EmrInstance>,
    restores: Mirror<EmrRestore>,
    wakes: &Wakes,
) -> Feed<K> {
    let waking = wakes.senders();
    feed.telling(Arc::new(move |change| match change {
        Change::Of(store) if store.labels().contains_key(labels::INSTANCE) => {
            let key = Key {
                name: instance_name(store),
                ..Key::of(store)
            };
            let puts_back = |restore: &EmrRestore| {
                let status = restore.status.as_ref();
                status.is_some_and(|of| of.phase.is_under_way()) && is_of(restore, &key)
            };
            for restore in restores.keys_of(puts_back) {
                waking.send(emr_restore::KIND, restore);
            }
            waking.send(emr_instance::KIND, key);
        }
        Change::Of(_) => {}
        Change::Any => wake_all(&instances, &waking),
    }))
}

/// Every instance looks again.
fn wake_all(instances: &Mirror<EmrInstance>, waking: &Senders) {
    for key in instances.keys() {
        waking.send(emr_instance::KIND, key);
    }
}

/// A backup stops its instance and lets it go, and another instance may wait to be made from it.
fn waking_backed_up(
    feed: Feed<EmrBackup>,
    instances: Mirror<EmrInstance>,
    wakes: &Wakes,
) -> Feed<EmrBackup> {
    let waking = wakes.senders();
    feed.telling(Arc::new(move |change| match change {
        Change::Of(backup) => {
            if stops(backup) {
                waking.send(emr_instance::KIND, instance_key(backup));
            }
            for key in instances.keys_of(|instance| waits_for(instance, backup)) {
                waking.send(emr_instance::KIND, key);
            }
        }
        Change::Any => wake_all(&instances, &waking),
    }))
}

/// Wakes the instance of an object that it is to act on. What the object waits for it looks at by itself.
fn waking_instance_of<K: Phases>(
    feed: Feed<K>,
    instances: Mirror<EmrInstance>,
    wakes: &Wakes,
    acts: fn(&K::Status) -> bool,
) -> Feed<K>
where
    K::Status: Reported,
{
    let waking = wakes.senders();
    feed.telling(Arc::new(move |change| match change {
        Change::Of(object) => {
            if object.status().is_some_and(acts) {
                waking.send(emr_instance::KIND, instance_key(object));
            }
        }
        Change::Any => wake_all(&instances, &waking),
    }))
}

/// Whether an instance may stand still because of it, or may have until now.
fn stops(backup: &EmrBackup) -> bool {
    backup.spec.consistency == emr_api::emr_backup::Consistency::Quiesced
}

/// Whether an instance is to be made from that backup, and has not begun.
fn waits_for(instance: &EmrInstance, backup: &EmrBackup) -> bool {
    let source = instance.spec.restore_from.as_ref();
    source.and_then(|source| source.backup.as_deref()) == backup.metadata.name.as_deref()
        && source.is_some()
        && instance.metadata.namespace == backup.metadata.namespace
        && instance
            .status
            .as_ref()
            .is_none_or(|status| status.restored.is_none())
}

/// A backup waits for its instance until it has what it needs, and a drill for its copy.
fn waking_backups(
    feed: Feed<EmrInstance>,
    backups: Mirror<EmrBackup>,
    wakes: &Wakes,
) -> Feed<EmrInstance> {
    let waking = wakes.senders();
    feed.telling(Arc::new(move |change| {
        // A drill's copy tells its drill.
        if let Change::Of(instance) = change {
            let owners = instance.owner_references().iter();
            for drill in owners.filter(|owner| owner.kind == emr_drill::KIND) {
                let key = Key {
                    name: drill.name.clone(),
                    ..Key::of(instance)
                };
                waking.send(emr_drill::KIND, key);
            }
        }
        let waits = |backup: &EmrBackup| {
            let phase = backup.status.as_ref().map(|status| status.phase);
            // Most have ended: their keys are not made for nothing.
            phase.unwrap_or_default().waits_for_instance()
                && match change {
                    Change::Of(instance) => is_of(backup, &Key::of(instance)),
                    Change::Any => true,
                }
        };
        for key in backups.keys_of(waits) {
            waking.send(emr_backup::KIND, key);
        }
    }))
}
