//! Runs every kind's controller, until the process ends or the lease is lost.

use std::sync::Arc;

use emr_api::{CacheCluster, EmrPlatform, ManagedDatabase, SharedFileSystem};
use emr_cloud::Watcher;
use emr_runtime::{
    Key,
    controller::{Ended, Options, Runtime, Watched, run_kind},
};
use futures::{StreamExt, channel::mpsc, stream::BoxStream};
use kube::ResourceExt;

use crate::{
    Context, emr_instance, emr_platform,
    store::{Store, Stores},
};

/// The kinds, as watchers name them.
const KINDS: [&str; 5] = [
    emr_platform::KIND,
    emr_instance::KIND,
    ManagedDatabase::KIND,
    CacheCluster::KIND,
    SharedFileSystem::KIND,
];

/// Runs all controllers side by side. Ends with the first that ends, which is when all do.
pub async fn start(runtime: Runtime, context: Context, concurrency: u16) -> Ended {
    let mut wakes = Wakes::new();
    let mut options = |kind: &'static str, watched: Vec<Watched>| {
        let options = Options {
            concurrency,
            watched,
            seed: context.seed,
            ..Options::default()
        };
        options.woken_by(wakes.take(kind))
    };
    let of_platform = |kind: &'static str| {
        let waiters = context.waiters.clone();
        Watched::new::<EmrPlatform>(
            None,
            Arc::new(move |platform| waiters.take(&platform.name_any(), kind)),
        )
    };
    let with = |mut watched: Vec<Watched>, kind| {
        watched.push(of_platform(kind));
        watched
    };
    let platforms = run_kind(
        runtime.clone(),
        Arc::new(emr_platform::EmrPlatforms(context.clone())),
        options(emr_platform::KIND, Vec::new()),
    );
    let instances = run_kind(
        runtime.clone(),
        Arc::new(emr_instance::EmrInstances(context.clone())),
        options(
            emr_instance::KIND,
            with(emr_instance::watched(), emr_instance::KIND),
        ),
    );
    let databases = run_kind(
        runtime.clone(),
        Arc::new(Stores::<ManagedDatabase>::new(context.clone())),
        options(
            ManagedDatabase::KIND,
            with(ManagedDatabase::watched(), ManagedDatabase::KIND),
        ),
    );
    let caches = run_kind(
        runtime.clone(),
        Arc::new(Stores::<CacheCluster>::new(context.clone())),
        options(
            CacheCluster::KIND,
            with(CacheCluster::watched(), CacheCluster::KIND),
        ),
    );
    let files = run_kind(
        runtime,
        Arc::new(Stores::<SharedFileSystem>::new(context.clone())),
        options(
            SharedFileSystem::KIND,
            with(SharedFileSystem::watched(), SharedFileSystem::KIND),
        ),
    );
    let all = async { tokio::join!(platforms, instances, databases, caches, files) };
    tokio::select! {
        ended = all => {
            let (platforms, instances, databases, caches, files) = ended;
            let all = [platforms, instances, databases, caches, files];
            if all.contains(&Ended::LeaseLost) { Ended::LeaseLost } else { Ended::Shutdown }
        }
        () = wakes.spread(&context) => Ended::Shutdown,
        () = context.kept.look_in_turn(&context.client, |kind, key| wakes.send(kind, key)) => {
            Ended::Shutdown
        }
    }
}

/// Wake-ups from AWS and from Secrets, handed to the kind they are for.
struct Wakes {
    senders: Vec<(&'static str, mpsc::UnboundedSender<Key>)>,
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
        Self { senders, receivers }
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
            self.send(watcher.kind, key(watcher));
        }
    }

    fn send(&self, kind: &str, key: Key) {
        if let Some((_, sender)) = self.senders.iter().find(|(of, _)| *of == kind) {
            let _ = sender.unbounded_send(key);
        }
    }
}

fn key(watcher: Watcher) -> Key {
    let namespace = Some(watcher.namespace).filter(|namespace| !namespace.is_empty());
    Key {
        namespace,
        name: watcher.name,
    }
}
