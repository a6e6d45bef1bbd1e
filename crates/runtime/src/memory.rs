//! An API server in memory, for simulation under a virtual clock.
//!
//! It keeps the promises that controllers lean on: versions and conflicts, watches from a version,
//! generations, finalizers and deletion times, preconditions, the status subresource, terminating
//! namespaces, server-side apply with ownership, defaults from a custom resource's schema. What it
//! leaves out: validation, pruning, defaults of built-in kinds, admission, authorization. The
//! contract suite in `tests/contract.rs` runs against it and against the real thing.
//!
//! The same seed and the same order of requests give the same UIDs and versions.

mod failure;
mod faults;
mod frozen;
mod garbage;
mod kept;
mod kinds;
mod list_types;
mod merge;
mod ownership;
mod paths;
mod perform;
mod query;
mod reply;
mod request;
mod rules;
mod selector;
mod serve;
mod state;
mod store;
mod watch;
mod writes;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Request;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{Client, client::Body};
use serde_json::{Value, json};
use tokio::sync::Notify;

pub use faults::{Fault, Mutation};
pub use frozen::Frozen;
use state::State;
use store::{Place, Store};

struct Shared {
    state: Mutex<State>,
    crashed: Notify,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server. Clones are the same server.
#[derive(Clone)]
pub struct MemoryServer {
    shared: Arc<Shared>,
    process: Arc<str>,
}

impl std::fmt::Debug for MemoryServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryServer")
    }
}

impl MemoryServer {
    /// A server with the namespace `default` and the built-in kinds.
    pub fn new(seed: u64) -> Self {
        let server = Self::over(Store::new(seed));
        server.create_namespace("default");
        server
    }

    fn over(store: Store) -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State::over(store)),
                crashed: Notify::new(),
            }),
            process: Arc::from(""),
        }
    }

    /// The same server, as a process of this name calls it.
    #[must_use]
    pub fn process(&self, name: &str) -> Self {
        Self {
            process: Arc::from(name),
            ..self.clone()
        }
    }

    /// Serves a custom resource.
    pub fn define(&self, crd: &CustomResourceDefinition) {
        self.shared.state().store.kinds.define(crd);
    }

    /// Creates a namespace without a request.
    pub fn create_namespace(&self, name: &str) {
        let mut state = self.shared.state();
        let place = Place {
            group: String::new(),
            plural: "namespaces".to_owned(),
            namespace: String::new(),
            name: name.to_owned(),
        };
        if let Some(kind) = state.store.kinds.get("", "namespaces").cloned() {
            let object = json!({"metadata": {"name": name}});
            // It may be there already, which is as good.
            let _ = state.store.create(&kind, place, object, None, false);
        }
        state.tell();
    }

    /// A client of this server, for this process.
    pub fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move { server.answer(request).await }
        });
        Client::new(service, "default")
    }

    /// How many mutating requests arrived, refused ones included.
    pub fn writes(&self) -> usize {
        self.shared.state().mutations.len()
    }

    /// How many reads and watches arrived.
    pub fn reads(&self) -> usize {
        self.shared.state().reads
    }

    /// The mutating requests that arrived.
    pub fn mutations(&self) -> Vec<Mutation> {
        self.shared.state().mutations.clone()
    }

    /// Every object, for comparison.
    pub fn snapshot(&self) -> Vec<Arc<Value>> {
        let state = self.shared.state();
        state.store.trees().map(|(_, object)| object).collect()
    }

    /// Every version of every object since the beginning, or since the history was forgotten, in
    /// the order in which they came to be.
    pub fn history(&self) -> Vec<Arc<Value>> {
        let state = self.shared.state();
        let versions = state.store.log.iter();
        versions.filter_map(|change| change.new.clone()).collect()
    }

    /// Asks `hook` about every mutating request what is to go wrong with it.
    pub fn fail_with(&self, hook: impl FnMut(&Mutation) -> Option<Fault> + Send + 'static) {
        self.shared.state().faults = Some(Box::new(hook));
    }

    /// Nothing goes wrong from now on.
    pub fn heal(&self) {
        self.shared.state().faults = None;
    }

    /// Does what the controller manager would: empties terminating namespaces and deletes what
    /// has lost its owners. Returns how many objects that touched.
    pub fn collect_garbage(&self) -> usize {
        let mut state = self.shared.state();
        let touched = state.store.collect_garbage();
        state.tell();
        touched
    }

    /// Waits until a request met [`Fault::CrashBefore`] or [`Fault::CrashAfter`] and will never be
    /// answered: whoever simulates the process is to drop it now.
    pub async fn crash(&self) {
        self.shared.crashed.notified().await;
    }

    /// Keeps this process from reaching the server, and ends its watches.
    pub fn cut(&self) {
        let mut state = self.shared.state();
        state.cut.insert(Arc::clone(&self.process));
        state.tell_all();
    }

    /// Lets it reach the server again.
    pub fn mend(&self) {
        self.shared.state().cut.remove(&self.process);
    }

    /// Ends every watch, as a restart of the API server does.
    pub fn break_watches(&self) {
        let mut state = self.shared.state();
        state.epoch += 1;
        state.tell_all();
    }

    /// Ends every watch, and has those that go on from before now start anew with a list.
    pub fn expire_watches(&self) {
        let mut state = self.shared.state();
        state.store.compacted = state.store.version;
        state.epoch += 1;
        state.tell_all();
    }

    /// Forgets the history, so that a watch from before starts anew with a list. One that is under way
    /// misses nothing: what it was not told yet is kept until the next time.
    pub fn compact(&self) {
        let mut state = self.shared.state();
        let version = state.store.version;
        let before = std::mem::replace(&mut state.store.compacted, version);
        state.store.log.retain(|change| change.version > before);
    }
}
