//! The rules by which objects change: creations, updates, deletions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    failure::Failure,
    kinds::KindInfo,
    ownership::{Manager, Verb, note_update},
    rules::{
        complete, finalizers, keep_what_is_the_servers, metadata_of, same_but_status, set_or_remove,
    },
    store::{Place, Preconditions, Store},
};

impl Store {
    pub(super) fn create(
        &mut self,
        kind: &KindInfo,
        place: Place,
        mut object: Value,
        manager: Option<&Manager>,
        dry: bool,
    ) -> Result<Arc<Value>, Failure> {
        if self.objects.contains_key(&place) {
            return Err(Failure::exists(&place.plural, &place.name));
        }
        if kind.namespaced {
            self.check_namespace(&place.namespace)?;
        }
        let now = self.now();
        let uid = self.next_uid();
        let metadata = metadata_of(&mut object)?;
        if metadata.contains_key("resourceVersion") {
            return Err(Failure::bad_request(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        metadata.retain(|name, _| !matches!(name.as_str(), "deletionTimestamp" | "generateName"));
        metadata.insert("name".into(), place.name.clone().into());
        if kind.namespaced {
            metadata.insert("namespace".into(), place.namespace.clone().into());
        }
        metadata.insert("uid".into(), uid.into());
        metadata.insert("creationTimestamp".into(), now.clone().into());
        if kind.generation {
            metadata.insert("generation".into(), 1.into());
        }
        if let (true, Some(fields)) = (kind.status, object.as_object_mut()) {
            fields.remove("status");
        }
        if kind.kind == "Namespace" {
            object["status"] = json!({"phase": "Active"});
        }
        complete(kind, &mut object);
        if let Some(manager) = manager {
            let nothing = json!({});
            note_update(kind, &nothing, &mut object, manager, &now);
        }
        Ok(self.keep(place, object, dry))
    }

    /// Replaces an object by what a write made of it. `new` starts as a copy of the old one.
    pub(super) fn update(
        &mut self,
        kind: &KindInfo,
        place: &Place,
        mut new: Value,
        manager: &Manager,
        dry: bool,
    ) -> Result<Arc<Value>, Failure> {
        let old = self.get(place)?;
        let asked = &new["metadata"];
        let differs =
            |field: &str| !asked[field].is_null() && asked[field] != old["metadata"][field];
        if differs("resourceVersion") || (differs("uid") && manager.verb == Verb::Replace) {
            return Err(Failure::conflict(format!(
                "Operation cannot be fulfilled on {} \"{}\": the object has been modified",
                place.plural, place.name
            )));
        }
        if differs("uid") {
            return Err(Failure::invalid("metadata.uid: field is immutable"));
        }
        keep_what_is_the_servers(&old, &mut new)?;
        if manager.status {
            let status = new["status"].take();
            let fields = new["metadata"]["managedFields"].take();
            new = (*old).clone();
            set_or_remove(&mut new, "status", status);
            set_or_remove(&mut new["metadata"], "managedFields", fields);
        } else if kind.status {
            set_or_remove(&mut new, "status", old["status"].clone());
        }
        complete(kind, &mut new);
        let leaving = !old["metadata"]["deletionTimestamp"].is_null();
        if leaving {
            let known = finalizers(&old);
            if finalizers(&new).iter().any(|one| !known.contains(one)) {
                return Err(Failure::forbidden(
                    "metadata.finalizers: no new finalizers can be added if the object is being deleted",
                ));
            }
        }
        if kind.generation && !same_but_status(&old, &new) {
            let generation = old["metadata"]["generation"].as_i64().unwrap_or(1);
            new["metadata"]["generation"] = (generation + 1).into();
        }
        if !manager.applies() {
            let now = self.now();
            note_update(kind, &old, &mut new, manager, &now);
        }
        if new == *old {
            return Ok(old);
        }
        if !dry && leaving && finalizers(&new).is_empty() && place.plural != "namespaces" {
            self.put(place.clone(), None);
            return Ok(Arc::new(new));
        }
        Ok(self.keep(place.clone(), new, dry))
    }

    /// Keeps it as a new version, unless the request is a dry run.
    fn keep(&mut self, place: Place, object: Value, dry: bool) -> Arc<Value> {
        if dry {
            return Arc::new(object);
        }
        let kept = self.put(place, Some(object));
        kept.unwrap_or_default()
    }

    /// Deletes an object, or marks it if finalizers hold it.
    pub(super) fn delete(
        &mut self,
        kind: &KindInfo,
        place: &Place,
        conditions: &Preconditions,
        dry: bool,
    ) -> Result<Arc<Value>, Failure> {
        let held = self.get(place)?;
        let metadata = &held["metadata"];
        for (wanted, is) in [
            (&conditions.uid, &metadata["uid"]),
            (&conditions.version, &metadata["resourceVersion"]),
        ] {
            if wanted.as_ref().is_some_and(|wanted| is != wanted) {
                return Err(Failure::conflict(
                    "the precondition of the deletion does not hold",
                ));
            }
        }
        if dry {
            return Ok(held);
        }
        let is_namespace = kind.kind == "Namespace";
        if finalizers(&held).is_empty() && !is_namespace {
            self.put(place.clone(), None);
        } else if metadata["deletionTimestamp"].is_null() {
            let mut object = (*held).clone();
            let now = self.now();
            object["metadata"]["deletionTimestamp"] = now.into();
            object["metadata"]["deletionGracePeriodSeconds"] = 0.into();
            if kind.generation {
                let generation = object["metadata"]["generation"].as_i64().unwrap_or(1);
                object["metadata"]["generation"] = (generation + 1).into();
            }
            if is_namespace {
                object["status"]["phase"] = "Terminating".into();
            }
            return Ok(self.keep(place.clone(), object, false));
        }
        Ok(held)
    }
}
