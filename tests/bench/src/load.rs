//! Objects by the thousand, and when each has settled.
//!
//! Kinds are known by their manifests only, so that a peer's objects are made and watched by the same
//! code as ours.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use emr_e2e::{Failure, Outcome};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use kube::{
    Api, Client, ResourceExt as _,
    api::{DynamicObject, GroupVersionKind, PostParams, TypeMeta},
    discovery::pinned_kind,
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::world::NAMESPACE;

/// Requests to the API server at a time.
const SIDE_BY_SIDE: usize = 16;
/// How often waiting is told.
const TELL: Duration = Duration::from_secs(15);

/// The name of the `number`th object.
pub(crate) fn name(number: usize) -> String {
    format!("clinic-{number:05}")
}

/// Objects of the kind of a manifest.
pub(crate) async fn api(client: &Client, manifest: &Value) -> Outcome<Api<DynamicObject>> {
    let types: TypeMeta = serde_json::from_value(manifest.clone())?;
    let kind = GroupVersionKind::try_from(&types)
        .map_err(|error| Failure::Assertion(format!("the manifest's kind: {error}")))?;
    let (resource, _) = pinned_kind(client, &kind).await?;
    Ok(Api::namespaced_with(client.clone(), NAMESPACE, &resource))
}

/// Creates objects from manifests, some at a time, in the order given.
pub(crate) async fn create(
    api: &Api<DynamicObject>,
    manifests: impl Iterator<Item = Value>,
) -> Outcome {
    stream::iter(manifests.map(|manifest| async move {
        let object: DynamicObject = serde_json::from_value(manifest)?;
        api.create(&PostParams::default(), &object).await?;
        Ok::<_, Failure>(())
    }))
    .buffer_unordered(SIDE_BY_SIDE)
    .try_collect()
    .await
}

/// Whether a condition is True of the generation that is wanted, and nothing is under way.
fn holds(object: &Value, condition: &str) -> bool {
    let status = &object["status"];
    let current = status["observedGeneration"]
        .as_i64()
        .is_none_or(|observed| Some(observed) == object["metadata"]["generation"].as_i64());
    let conditions = status["conditions"].as_array();
    let is_true = |kind: &str| {
        conditions
            .into_iter()
            .flatten()
            .any(|told| told["type"] == kind && told["status"] == "True")
    };
    current && is_true(condition) && !is_true("Reconciling") && !is_true("Stalled")
}

type Moments = Arc<Mutex<BTreeMap<String, Timestamp>>>;

/// When each object of a kind was first seen settled, told by a watch.
#[derive(Debug)]
pub(crate) struct Settled {
    moments: Moments,
    task: JoinHandle<()>,
}

impl Drop for Settled {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Settled {
    /// Looks at every object for a condition.
    pub(crate) fn watch(api: Api<DynamicObject>, condition: &str) -> Self {
        let moments = Moments::default();
        let (seen, condition) = (Arc::clone(&moments), condition.to_owned());
        let task = tokio::spawn(async move {
            let mut objects = watcher(api, watcher::Config::default())
                .default_backoff()
                .applied_objects()
                .boxed();
            while let Some(next) = objects.next().await {
                let Ok(object) = next else { continue };
                let value = serde_json::to_value(&object).unwrap_or_default();
                if holds(&value, &condition) {
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.entry(object.name_any()).or_insert_with(Timestamp::now);
                }
            }
        });
        Self { moments, task }
    }

    /// How many were seen so far.
    pub(crate) fn count(&self) -> usize {
        self.moments().len()
    }

    /// The moments so far.
    fn moments(&self) -> BTreeMap<String, Timestamp> {
        self.moments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until `wanted` were seen, and gives the moment of the last.
    pub(crate) async fn all(&self, wanted: usize, patience: Duration) -> Outcome<Timestamp> {
        let begun = Instant::now();
        let mut told = begun;
        loop {
            let count = self.count();
            if count >= wanted
                && let Some(last) = self.moments().into_values().max()
            {
                return Ok(last);
            }
            if begun.elapsed() > patience {
                return Err(Failure::Assertion(format!(
                    "{count} of {wanted} objects are ready after {} s",
                    patience.as_secs()
                )));
            }
            if told.elapsed() > TELL {
                told = Instant::now();
                eprintln!(
                    "  {count} of {wanted} after {} s",
                    begun.elapsed().as_secs()
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_current_and_at_rest_has_settled() {
        let object = |generation: i64, conditions: &[(&str, &str)]| {
            let conditions: Vec<Value> = conditions
                .iter()
                .map(|(kind, status)| json!({"type": kind, "status": status}))
                .collect();
            json!({"metadata": {"generation": 2},
                "status": {"observedGeneration": generation, "conditions": conditions}})
        };
        assert!(holds(&object(2, &[("Ready", "True")]), "Ready"));
        assert!(!holds(&object(1, &[("Ready", "True")]), "Ready"));
        assert!(!holds(&object(2, &[("Ready", "False")]), "Ready"));
        assert!(!holds(
            &object(2, &[("Ready", "True"), ("Reconciling", "True")]),
            "Ready"
        ));
        let peers = json!({"metadata": {"generation": 1},
            "status": {"conditions": [{"type": "ACK.ResourceSynced", "status": "True"}]}});
        assert!(holds(&peers, "ACK.ResourceSynced") && !holds(&peers, "Ready"));
    }
}
