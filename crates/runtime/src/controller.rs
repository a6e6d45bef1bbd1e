//! One driver for every kind.
//!
//! A kind supplies what to do with one object; watching, waking, retrying, reporting and stopping
//! are the same for all and stand here once.
//!
//! Invariants: an object that can't be read never stops the others; a failure is logged, counted
//! and published here and nowhere else; nothing runs after the lease is lost.

mod pass;
mod streams;

use std::{
    fmt::Debug,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{Stream, StreamExt, stream, stream::BoxStream};
use kube::{
    Client, Resource,
    api::{ApiResource, DynamicObject, PartialObjectMeta},
    core::DeserializeGuard,
    runtime::{
        controller::{self, Controller},
        reflector::{self, ObjectRef},
    },
};
use rand::{SeedableRng, rngs::SmallRng};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::{Class, Error, Events, Key, Leadership, Metrics, admin::Health, backoff::Backoff};

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

    /// The object's phase, for the metric that counts objects.
    fn phase(&self, _object: &Self::Kind) -> Option<String> {
        None
    }
}

/// When to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// When something changes.
    AwaitChange,
    /// When something changes, or after that long.
    After(Duration),
}

/// Why a pass failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReconcileError {
    /// One word, for the event, the metric and the condition.
    pub reason: &'static str,
    /// What happened, and what to do about it. It holds no secret.
    pub message: String,
    /// How soon it may be over.
    pub class: Class,
}

impl ReconcileError {
    /// A failure that may pass by itself.
    pub fn soon(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            class: Class::Soon,
        }
    }

    /// A failure that needs a person, or a change outside.
    pub fn slow(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            class: Class::Slow,
        }
    }
}

impl From<Error> for ReconcileError {
    fn from(error: Error) -> Self {
        let lasting = error.is_forbidden() || error.is_invalid();
        Self {
            reason: error.reason(),
            message: error.describe(),
            class: if lasting { Class::Slow } else { Class::Soon },
        }
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

/// Names the objects to look at when another object changed.
pub type Mapper = Arc<dyn Fn(&PartialObjectMeta<DynamicObject>) -> Vec<Key> + Send + Sync>;

/// Objects of another kind whose changes matter. Only their metadata is watched and kept.
#[derive(Clone)]
pub struct Watched {
    /// Their kind.
    pub kind: ApiResource,
    /// Which of them: a label selector; `None` for all.
    pub selector: Option<String>,
    /// Whose business a change is.
    pub mapper: Mapper,
}

impl Watched {
    /// Objects of a typed kind.
    pub fn new<K: Resource<DynamicType: Default>>(selector: Option<&str>, mapper: Mapper) -> Self {
        Self {
            kind: ApiResource::erase::<K>(&K::DynamicType::default()),
            selector: selector.map(str::to_owned),
            mapper,
        }
    }
}

/// How one kind is driven.
pub struct Options {
    /// How many objects are worked on at once.
    pub concurrency: u16,
    /// How long to gather changes of an object before looking at it.
    pub debounce: Duration,
    /// Other objects whose changes matter.
    pub watched: Vec<Watched>,
    /// Wakes single objects, for reasons outside the cluster.
    pub wakes: BoxStream<'static, Key>,
    /// Makes the waits after failures repeatable, for simulation.
    pub seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 16,
            debounce: Duration::from_millis(100),
            watched: Vec::new(),
            wakes: stream::pending().boxed(),
            seed: None,
        }
    }
}

impl Options {
    /// Watches other objects too.
    #[must_use]
    pub fn watching(mut self, watched: Watched) -> Self {
        self.watched.push(watched);
        self
    }

    /// Wakes objects from a stream.
    #[must_use]
    pub fn woken_by(mut self, wakes: impl Stream<Item = Key> + Send + 'static) -> Self {
        self.wakes = stream::select(self.wakes, wakes).boxed();
        self
    }
}

/// Why a driver ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The process is to end; passes that ran were allowed to end.
    Shutdown,
    /// The lease is lost; passes that ran were dropped.
    LeaseLost,
}

/// Drives a kind until the process ends or the lease is lost.
pub async fn run_kind<R: Reconciler>(
    runtime: Runtime,
    reconciler: Arc<R>,
    options: Options,
) -> Ended {
    let kind = kind_name::<R::Kind>();
    runtime.health.expect(&kind);
    let backoff = Arc::new(Backoff::default());
    let writer = reflector::store::Writer::<DeserializeGuard<R::Kind>>::default();
    let store = writer.as_reader();
    count_phases(&runtime, &reconciler, &store, &kind);

    let objects = streams::objects::<R::Kind>(&runtime.client, writer, Arc::clone(&backoff));
    let config = controller::Config::default()
        .concurrency(options.concurrency.max(1))
        .debounce(options.debounce);
    let mut controller = Controller::for_stream(objects, store.clone())
        .with_config(config)
        .graceful_shutdown_on(runtime.shutdown.clone().cancelled_owned())
        .reconcile_on(options.wakes.map(|key| reference::<R::Kind>(&key)));
    for watched in options.watched {
        let (changes, relists) = streams::metadata(&runtime.client, &watched);
        let mapper = watched.mapper;
        controller = controller
            .watches_stream_with(
                changes,
                move |object| {
                    mapper(&object)
                        .into_iter()
                        .map(|key| reference::<R::Kind>(&key))
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
