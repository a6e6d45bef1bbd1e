//! One driver for every kind.
//!
//! A kind supplies what to do with one object; watching, waking, retrying, reporting and stopping
//! are the same for all and stand here once.
//!
//! Invariants: an object that can't be read never stops the others; a failure is logged, counted
//! and published here and nowhere else; nothing runs after the lease is lost.

mod arrivals;
mod mirror;
mod options;
mod outcome;
mod pass;
mod streams;

use std::{
    fmt::Debug,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex},
};

use futures::StreamExt;
use kube::{
    Client, Resource,
    core::DeserializeGuard,
    runtime::{
        controller::{self, Controller},
        reflector::{self, ObjectRef},
    },
};
use rand::{SeedableRng, rngs::SmallRng};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

pub use mirror::{Change, Feed, Listener, Mirror};
pub use options::{Mapper, Options, Watched};
pub use outcome::{Next, ReconcileError};

use crate::{Events, Key, Leadership, Metrics, admin::Health, backoff::Backoff};
use arrivals::Arrivals;

/// What a kind must be.
pub trait Kind:
    Resource<DynamicType: Default + Eq + Hash + Clone + Debug + Unpin + Send + Sync>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Kind for K where
    K: Resource<DynamicType: Default + Eq + Hash + Clone + Debug + Unpin + Send + Sync>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// What to do with one object of a kind.
pub trait Reconciler: Send + Sync + 'static {
    /// The kind.
    type Kind: Kind;

    /// Brings the world one pass closer to what the object says. Never sleeps.
    fn reconcile(
        &self,
        object: Arc<Self::Kind>,
    ) -> impl Future<Output = Result<Next, ReconcileError>> + Send;

    /// True when its status says that nothing was left to do: after a start such objects have their
    /// first pass in turn.
    fn is_settled(&self, _object: &Self::Kind) -> bool {
        false
    }

    /// The object's phase, for the metric that counts objects.
    fn phase(&self, _object: &Self::Kind) -> Option<String> {
        None
    }
}

/// What every kind's driver shares.
#[derive(Clone)]
pub struct Runtime {
    /// Reads, and writes under the lease: see [`crate::gate::gated`].
    pub client: Client,
    /// Where events go.
    pub events: Events,
    /// What is counted.
    pub metrics: Metrics,
    /// What the probes ask.
    pub health: Health,
    /// The right to write.
    pub leadership: Leadership,
    /// Cancelled when the process is to end.
    pub shutdown: CancellationToken,
}

/// Why a driver ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The process is to end; passes that ran were allowed to end.
    Shutdown,
    /// The lease is lost; passes that ran were dropped.
    LeaseLost,
}

/// Drives a kind, and fills its mirror, until the process ends or the lease is lost.
pub async fn run_kind<R: Reconciler>(
    runtime: Runtime,
    reconciler: Arc<R>,
    feed: Feed<R::Kind>,
    options: Options,
) -> Ended {
    let kind = kind_name::<R::Kind>();
    runtime.health.expect(&kind);
    let (backoff, arrivals) = <(Arc<Backoff>, Arc<Arrivals>)>::default();
    let store = feed.writer.as_reader();
    count_phases(&runtime, &reconciler, &store, &kind);

    let objects = streams::objects::<R::Kind>(
        &runtime.client,
        feed,
        Arc::clone(&backoff),
        Arc::clone(&arrivals),
        options.upkeep.clone(),
    );
    let config = controller::Config::default()
        .concurrency(options.concurrency.max(1))
        .debounce(options.debounce);
    let mut controller = Controller::for_stream(objects, store.clone())
        .with_config(config)
        .graceful_shutdown_on(runtime.shutdown.clone().cancelled_owned())
        .reconcile_on(options.wakes.map({
            let arrivals = Arc::clone(&arrivals);
            move |key| {
                arrivals.hurry(&key);
                reference::<R::Kind>(&key)
            }
        }));
    for watched in options.watched {
        let (changes, relists) =
            streams::metadata(&runtime.client, &watched, options.upkeep.clone());
        let (mapper, arrivals) = (watched.mapper, Arc::clone(&arrivals));
        controller = controller
            .watches_stream_with(
                changes,
                move |object| {
                    mapper(&object)
                        .into_iter()
                        .map(|key| {
                            arrivals.hurry(&key);
                            reference::<R::Kind>(&key)
                        })
                        .collect::<Vec<_>>()
                },
                watched.kind,
            )
            .reconcile_all_on(relists);
    }

    let leadership = runtime.leadership.clone();
    let health = runtime.health.clone();
    let synced = async {
        if store.wait_until_ready().await.is_ok() {
            health.synced(&kind);
        }
        futures::future::pending::<()>().await;
    };
    let context = Arc::new(pass::Context {
        runtime,
        reconciler,
        backoff,
        arrivals,
        kind: kind.clone(),
        rng: Mutex::new(
            options
                .seed
                .map_or_else(rand::make_rng, SmallRng::seed_from_u64),
        ),
    });
    let passes = controller
        .run(pass::run, |_, never, _| match *never {}, context)
        .for_each(|outcome| async move { streams::note(outcome) });
    tokio::select! {
        () = passes => Ended::Shutdown,
        () = leadership.lost() => Ended::LeaseLost,
        () = synced => Ended::Shutdown,
    }
}

fn kind_name<K: Kind>() -> String {
    K::kind(&K::DynamicType::default()).into_owned()
}

fn reference<K: Kind>(key: &Key) -> ObjectRef<DeserializeGuard<K>> {
    let reference = ObjectRef::new(&key.name);
    match &key.namespace {
        Some(namespace) => reference.within(namespace),
        None => reference,
    }
}

fn count_phases<R: Reconciler>(
    runtime: &Runtime,
    reconciler: &Arc<R>,
    store: &reflector::Store<DeserializeGuard<R::Kind>>,
    kind: &str,
) {
    let (store, reconciler) = (store.clone(), Arc::clone(reconciler));
    let count = move || {
        let mut counts = std::collections::BTreeMap::new();
        for object in store.state() {
            let phase = match &object.0 {
                Ok(object) => reconciler
                    .phase(object)
                    .unwrap_or_else(|| "Unknown".to_owned()),
                Err(_) => "Invalid".to_owned(),
            };
            *counts.entry(phase).or_insert(0) += 1;
        }
        counts
    };
    runtime.metrics.count_phases(kind, Arc::new(count));
}
