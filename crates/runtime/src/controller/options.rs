//! How one kind is driven: what wakes it, and how much it does at once.

use std::{sync::Arc, time::Duration};

use futures::{Stream, StreamExt, stream, stream::BoxStream};
use kube::{
    Resource,
    api::{ApiResource, DynamicObject, PartialObjectMeta},
};

use crate::{Key, Upkeep};

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
    /// Told which versions of watched objects there are.
    pub upkeep: Upkeep,
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
            upkeep: Upkeep::default(),
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
