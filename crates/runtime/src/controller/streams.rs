//! What wakes a driver.

use std::{
    collections::hash_map::DefaultHasher,
    convert::Infallible,
    hash::{Hash, Hasher},
    sync::Arc,
};

use futures::{Stream, StreamExt, future::ready};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{ApiResource, DynamicObject, PartialObjectMeta},
    core::DeserializeGuard,
    runtime::{
        WatchStreamExt, controller, predicates, reflector::ObjectRef, utils::PredicateConfig,
        watcher,
    },
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::{Feed, Kind, Watched, arrivals::Arrivals, mirror};
use crate::{Key, Upkeep, backoff::Backoff};

/// The objects of the kind that is driven, each time somebody else changed them.
pub(super) fn objects<K: Kind>(
    client: &Client,
    feed: Feed<K>,
    backoff: Arc<Backoff>,
    arrivals: Arc<Arrivals>,
    upkeep: Upkeep,
) -> impl Stream<Item = watcher::Result<DeserializeGuard<K>>> + Send + use<K> {
    let api: Api<DeserializeGuard<K>> = Api::all_with(client.clone(), &K::DynamicType::default());
    let (writer, listener) = feed.into_parts();
    let mut filled = false;
    let kind = ApiResource::erase::<K>(&K::DynamicType::default());
    watcher(api, watcher::Config::default())
        .default_backoff()
        .modify(mirror::slim)
        .inspect(move |event| {
            if let Ok(watcher::Event::Delete(object)) = event {
                let key = Key::of(object);
                backoff.forget(&key);
                arrivals.forget(&key);
            }
            upkeep.told(&kind, event);
        })
        .reflect(writer)
        .inspect(move |event| {
            if let (Some(listener), Ok(event)) = (&listener, event) {
                mirror::tell(listener, event, &mut filled);
            }
        })
        .applied_objects()
        .predicate_filter(asked, PredicateConfig::default())
}

/// Everything about an object that others decide, so that our own status writes do not wake us.
pub(super) fn asked<K: Resource>(object: &K) -> Option<u64> {
    let meta = object.meta();
    let mut hasher = DefaultHasher::new();
    meta.generation?.hash(&mut hasher);
    object.labels().hash(&mut hasher);
    object.annotations().hash(&mut hasher);
    object.finalizers().hash(&mut hasher);
    meta.deletion_timestamp.is_some().hash(&mut hasher);
    Some(hasher.finish())
}

/// Changes of other objects, and a tick whenever deletions may have been missed.
///
/// After a gap the API server tells what is there, not what went meanwhile; every object of the
/// driven kind looks again then.
pub(super) fn metadata(
    client: &Client,
    watched: &Watched,
    upkeep: Upkeep,
) -> (
    impl Stream<Item = watcher::Result<PartialObjectMeta<DynamicObject>>> + Send + use<>,
    impl Stream<Item = ()> + Send + use<>,
) {
    let api: Api<PartialObjectMeta<DynamicObject>> = Api::all_with(client.clone(), &watched.kind);
    let mut config = watcher::Config::default();
    if let Some(selector) = &watched.selector {
        config = config.labels(selector);
    }
    let (relisted, relists) = mpsc::unbounded_channel();
    let (kind, mut listed) = (watched.kind.clone(), false);
    let changes = watcher(api, config)
        .default_backoff()
        .inspect(move |event| {
            upkeep.told(&kind, event);
            // The first list counts too: what went before it, but after a pass, left no event.
            if let Ok(watcher::Event::InitDone) = event {
                let _ = relisted.send(());
            }
        })
        .filter(move |event| {
            // What the first list shows is no news: the tick after it has everything looked at.
            let news = !matches!(event, Ok(watcher::Event::InitApply(_))) || listed;
            listed |= matches!(event, Ok(watcher::Event::InitDone));
            ready(news)
        })
        .touched_objects()
        .predicate_filter(predicates::resource_version, PredicateConfig::default());
    (changes, UnboundedReceiverStream::new(relists))
}

/// What the driver says about a pass or a watch.
type Outcome<K> = Result<
    (ObjectRef<DeserializeGuard<K>>, controller::Action),
    controller::Error<Infallible, watcher::Error>,
>;

/// Passes report for themselves; what is left are the watches.
pub(super) fn note<K: Kind>(outcome: Outcome<K>) {
    match outcome {
        // The former is told by the pass; the latter is a related change after the object went.
        Ok(_) | Err(controller::Error::ObjectNotFound(_)) => {}
        Err(error) => {
            tracing::warn!(error = %crate::error::chain(&error), "a watch failed and is retried");
        }
    }
}
