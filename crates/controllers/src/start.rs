//! Runs every kind's controller, until the process ends or the lease is lost.

use std::sync::Arc;

use crate::{
    Context, emr_backup, emr_drill, emr_instance, emr_platform, emr_restore,
    mirrors::{Feeds, Mirrors},
    phased::Reconciles,
    store::{Store, Stores},
};
use emr_api::{
    CacheCluster, EmrBackup, EmrDrill, EmrRestore, ManagedDatabase, ObjectStore, SharedFileSystem,
};
use emr_cloud::Watcher;
use emr_runtime::{
    Key,
    controller::{Ended, Options, Runtime, Watched, run_kind},
};
use futures::{StreamExt, channel::mpsc, stream::BoxStream};

/// The kinds, as watchers name them.
const KINDS: [&str; 9] = [
    emr_platform::KIND,
    emr_instance::KIND,
    emr_backup::KIND,
    emr_restore::KIND,
    emr_drill::KIND,
    ManagedDatabase::KIND,
    CacheCluster::KIND,
    SharedFileSystem::KIND,
    ObjectStore::KIND,
];

/// Runs all controllers side by side. Ends with the first that ends, which is when all do.
pub async fn start(runtime: Runtime, mut context: Context, concurrency: u16) -> Ended {
    let mut wakes = Wakes::new();
    let feeds = Feeds::default().waking(&context.waiters, &wakes);
    context.mirrors = Mirrors::of(&feeds);
    let mut options = |kind: &'static str, watched: Vec<Watched>| {
        let options = Options {
            concurrency,
            watched,
            upkeep: context.upkeep.clone(),
            seed: context.seed,
            ..Options::default()
        };
        options.woken_by(wakes.take(kind))
    };
    let platforms = run_kind(
        runtime.clone(),
        Arc::new(emr_platform::EmrPlatforms(context.clone())),
        feeds.platforms,
        options(emr_platform::KIND, Vec::new()),
    );
    let instances = run_kind(
        runtime.clone(),
        Arc::new(emr_instance::EmrInstances(context.clone())),
        feeds.instances,
        options(emr_instance::KIND, emr_instance::watched()),
    );
    let backups = run_kind(
        runtime.clone(),
        Arc::new(Reconciles::<EmrBackup>::new(context.clone())),
        feeds.backups,
        options(emr_backup::KIND, Vec::new()),
    );
    let restores = run_kind(
        runtime.clone(),
        Arc::new(Reconciles::<EmrRestore>::new(context.clone())),
        feeds.restores,
        options(emr_restore::KIND, Vec::new()),
    );
    let drills = run_kind(
        runtime.clone(),
        Arc::new(Reconciles::<EmrDrill>::new(context.clone())),
        feeds.drills,
        options(emr_drill::KIND, Vec::new()),
    );
    let databases = run_kind(
        runtime.clone(),
        Arc::new(Stores::<ManagedDatabase>::new(context.clone())),
        feeds.databases,
        options(ManagedDatabase::KIND, ManagedDatabase::watched()),
    );
    let caches = run_kind(
        runtime.clone(),
        Arc::new(Stores::<CacheCluster>::new(context.clone())),
        feeds.caches,
        options(CacheCluster::KIND, CacheCluster::watched()),
    );
    let objects = run_kind(
        runtime.clone(),
        Arc::new(Stores::<ObjectStore>::new(context.clone())),
        feeds.objects,
        options(ObjectStore::KIND, ObjectStore::watched()),
    );
    let files = run_kind(
        runtime,
        Arc::new(Stores::<SharedFileSystem>::new(context.clone())),
        feeds.files,
        options(SharedFileSystem::KIND, SharedFileSystem::watched()),
    );
    let all = async {
        let ours = async { tokio::join!(platforms, instances, backups, restores, drills) };
        let stores = async { tokio::join!(databases, caches, files, objects) };
        tokio::join!(ours, stores)
    };
    tokio::select! {
        ended = all => {
            let ((platforms, instances, backups, restores, drills), (databases, caches, files, objects)) = ended;
            let ours = [platforms, instances, backups, restores, drills];
            let all = [&ours[..], &[databases, caches, files, objects]].concat();
            if all.contains(&Ended::LeaseLost) { Ended::LeaseLost } else { Ended::Shutdown }
        }
        () = wakes.spread(&context) => Ended::Shutdown,
        () = context.kept.look_in_turn(&context.client, |kind, key| wakes.senders.send(kind, key)) => {
            Ended::Shutdown
        }
    }
}

/// Hands wake-ups to the kind they are for. Clones share the way.
#[derive(Clone)]
pub(crate) struct Senders(Vec<(&'static str, mpsc::UnboundedSender<Key>)>);

impl Senders {
    /// Wakes an object.
    pub(crate) fn send(&self, kind: &str, key: Key) {
        if let Some((_, sender)) = self.0.iter().find(|(of, _)| *of == kind) {
            let _ = sender.unbounded_send(key);
        }
    }
}

/// Wake-ups from AWS, from Secrets and from other kinds, handed to the kind they are for.
pub(crate) struct Wakes {
    senders: Senders,
    receivers: Vec<(&'static str, mpsc::UnboundedReceiver<Key>)>,
}

impl Wakes {
    fn new() -> Self {
        let (senders, receivers) = KINDS
            .into_iter()
            .map(|kind| {
                let (sender, receiver) = mpsc::unbounded();
                ((kind, sender), (kind, receiver))
            })
            .unzip();
        Self {
            senders: Senders(senders),
            receivers,
        }
    }

    /// For whoever wakes others.
    pub(crate) fn senders(&self) -> Senders {
        self.senders.clone()
    }

    fn take(&mut self, kind: &'static str) -> BoxStream<'static, Key> {
        let position = self.receivers.iter().position(|(of, _)| *of == kind);
        match position.map(|position| self.receivers.swap_remove(position)) {
            Some((_, receiver)) => receiver.boxed(),
            None => futures::stream::empty().boxed(),
        }
    }

    /// Hands AWS's on for ever.
    async fn spread(&self, context: &Context) {
        let mut stream = Box::pin(context.accounts.wakeups().stream());
        while let Some(watcher) = stream.next().await {
            self.senders.send(watcher.kind, key(&watcher));
        }
    }
}

fn key(watcher: &Watcher) -> Key {
    let name = &*watcher.name;
    match &*watcher.namespace {
        "" => Key::cluster(name),
        namespace => Key::new(namespace, name),
    }
}
