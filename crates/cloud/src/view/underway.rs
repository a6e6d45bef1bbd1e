//! Which changes are under way, so that objects that share a resource ask AWS for each change of
//! it once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use emr_resource::Mutation;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

type Turns<Id> = Mutex<HashMap<(Id, String), Arc<Turn<()>>>>;

/// The changes that are under way.
pub(super) struct Underway<Id>(Arc<Turns<Id>>);

impl<Id> Default for Underway<Id> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// The right to make a change, held until AWS answered.
pub(super) struct Held<Id: Eq + Hash> {
    turns: Arc<Turns<Id>>,
    key: (Id, String),
    _turn: OwnedMutexGuard<()>,
}

impl<Id: Eq + Hash> Drop for Held<Id> {
    fn drop(&mut self) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.remove(&self.key);
    }
}

impl<Id: Clone + Eq + Hash> Underway<Id> {
    /// The right to make this change. `None`, after it was made or failed, when somebody was about
    /// to make the same.
    pub(super) async fn enter(&self, id: &Id, change: &impl Mutation) -> Option<Held<Id>> {
        // Two changes that read the same to people are the same.
        let key = (id.clone(), change.describe());
        let others = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(turn) = turns.get(&key) {
                Arc::clone(turn)
            } else {
                let turn = Arc::new(Turn::new(()));
                let held = Arc::clone(&turn).try_lock_owned().ok()?;
                turns.insert(key.clone(), turn);
                return Some(Held {
                    turns: Arc::clone(&self.0),
                    key,
                    _turn: held,
                });
            }
        };
        drop(others.lock().await);
        None
    }
}
