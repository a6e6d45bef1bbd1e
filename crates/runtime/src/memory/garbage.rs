//! What the controller manager does in the background, done when asked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    rules::finalizers,
    store::{Place, Preconditions, Store},
};

impl Store {
    /// Deletes what terminating namespaces hold, what lost every owner, and namespaces that are
    /// empty, until nothing more follows. Returns how many objects were touched.
    pub(super) fn collect_garbage(&mut self) -> usize {
        let mut touched = 0;
        loop {
            let doomed = self.doomed();
            let mut progress = 0;
            for place in doomed {
                let Some(kind) = self.kinds.get(&place.group, &place.plural).cloned() else {
                    continue;
                };
                let none = Preconditions::default();
                if self.delete(&kind, &place, &none, false).is_ok() {
                    progress += 1;
                }
            }
            for place in self.empty_namespaces() {
                self.put(place, None);
                progress += 1;
            }
            if progress == 0 {
                return touched;
            }
            touched += progress;
        }
    }

    fn doomed(&self) -> Vec<Place> {
        let all: Vec<_> = self.trees().collect();
        let leaving: BTreeSet<&str> = all
            .iter()
            .filter(|(place, object)| place.plural == "namespaces" && is_leaving(object))
            .map(|(place, _)| place.name.as_str())
            .collect();
        let alive: BTreeSet<&str> = all
            .iter()
            .filter_map(|(_, object)| object["metadata"]["uid"].as_str())
            .collect();
        all.iter()
            .filter(|(_, object)| !is_leaving(object))
            .filter(|(place, object)| {
                let owners = object["metadata"]["ownerReferences"].as_array();
                let orphaned = owners.is_some_and(|owners| {
                    !owners.is_empty()
                        && owners.iter().all(|owner| {
                            owner["uid"].as_str().is_none_or(|uid| !alive.contains(uid))
                        })
                });
                orphaned || leaving.contains(place.namespace.as_str())
            })
            .map(|(place, _)| (*place).clone())
            .collect()
    }

    fn empty_namespaces(&self) -> Vec<Place> {
        self.objects
            .iter()
            .filter(|(place, _)| place.plural == "namespaces")
            .filter(|(_, kept)| {
                let object = kept.tree();
                is_leaving(&object) && finalizers(&object).is_empty()
            })
            .filter(|(place, _)| {
                !self
                    .objects
                    .keys()
                    .any(|other| other.namespace == place.name)
            })
            .map(|(place, _)| place.clone())
            .collect()
    }
}

fn is_leaving(object: &Value) -> bool {
    !object["metadata"]["deletionTimestamp"].is_null()
}
