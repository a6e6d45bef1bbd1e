//! What the server remembers beside objects: who asked for what, who watches, what goes wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use http::Method;
use tokio::sync::watch as channel;

use super::{
    faults::{Fault, Mutation},
    request::Call,
    store::Store,
};

pub(super) type FaultHook = Box<dyn FnMut(&Mutation) -> Option<Fault> + Send>;

pub(super) struct State {
    pub(super) store: Store,
    pub(super) mutations: Vec<Mutation>,
    pub(super) reads: usize,
    pub(super) faults: Option<FaultHook>,
    /// Which incarnation of the watches this is.
    pub(super) epoch: u64,
    /// Processes that can't reach the server.
    pub(super) cut: BTreeSet<Arc<str>>,
    /// Who watches which group and plural: a change wakes those whose business it is.
    pub(super) listeners: BTreeMap<(String, String), channel::Sender<()>>,
}

impl State {
    pub(super) const fn over(store: Store) -> Self {
        Self {
            store,
            mutations: Vec::new(),
            reads: 0,
            faults: None,
            epoch: 0,
            cut: BTreeSet::new(),
            listeners: BTreeMap::new(),
        }
    }

    /// Wakes the watches of what changed.
    pub(super) fn tell(&mut self) {
        for changed in std::mem::take(&mut self.store.changed) {
            if let Some(listeners) = self.listeners.get(&changed) {
                listeners.send_replace(());
            }
        }
    }

    /// Wakes every watch, because it may have ended.
    pub(super) fn tell_all(&mut self) {
        self.store.changed.clear();
        for listeners in self.listeners.values() {
            listeners.send_replace(());
        }
    }

    /// Counts a request and asks what is to go wrong with it.
    pub(super) fn note(&mut self, call: &Call<'_>, process: &Arc<str>) -> Option<Fault> {
        if call.method == Method::GET || call.is_dry() {
            self.reads += 1;
            return None;
        }
        let mutation = Mutation {
            nth: self.mutations.len() + 1,
            process: Arc::clone(process),
            method: call.method.clone(),
            plural: call.path.plural.to_owned(),
            namespace: call.path.namespace.map(str::to_owned),
            name: call.path.name.map(str::to_owned),
            subresource: call.path.subresource.map(str::to_owned),
        };
        let fault = self.faults.as_mut().and_then(|hook| hook(&mutation));
        self.mutations.push(mutation);
        fault
    }
}
