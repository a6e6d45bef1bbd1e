//! Objects, their versions, and the rules by which they change.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{
    failure::Failure,
    kinds::{KindInfo, Kinds},
    ownership::{Manager, Verb, note_update},
    rules::{
        complete, finalizers, keep_what_is_the_servers, metadata_of, set_or_remove, without_status,
    },
};

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) group: String,
    pub(super) plural: String,
    /// Empty for cluster-scoped objects.
    pub(super) namespace: String,
    pub(super) name: String,
}

/// A change, for watches.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) version: u64,
    pub(super) place: Place,
    pub(super) old: Option<Arc<Value>>,
    pub(super) new: Option<Arc<Value>>,
}

/// Everything that the server remembers.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) kinds: Kinds,
    pub(super) objects: BTreeMap<Place, Arc<Value>>,
    pub(super) log: Vec<Change>,
    /// The last version that was given out.
    pub(super) version: u64,
    /// Watches from before this version are too old.
    pub(super) compacted: u64,
    seed: u64,
    born: u64,
    /// The time at the start of this run.
    at: Timestamp,
    started: Instant,
}

/// What a write may not do.
#[derive(Clone, Debug, Default)]
pub(super) struct Preconditions {
    pub(super) uid: Option<String>,
    pub(super) version: Option<String>,
}

impl Store {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            kinds: Kinds::default(),
            objects: BTreeMap::new(),
            log: Vec::new(),
            version: 1,
            compacted: 0,
            seed,
            born: 0,
            at: Timestamp::from_second(1_767_225_600).unwrap_or_default(),
            started: Instant::now(),
        }
    }

    /// The same store as of now, for another run: without a history.
    pub(super) fn frozen(&self) -> Self {
        Self {
            log: Vec::new(),
            compacted: self.version,
            at: self.time(),
            ..self.clone()
        }
    }

    /// Goes on from where it was frozen.
    pub(super) fn thawed(&self) -> Self {
        Self {
            started: Instant::now(),
            ..self.clone()
        }
    }

    fn time(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default();
        self.at.checked_add(elapsed).unwrap_or(self.at)
    }

    /// The server's clock: it starts at a fixed moment and follows tokio's, virtual or not.
    pub(super) fn now(&self) -> String {
        format!("{:.0}", self.time())
    }

    fn next_uid(&mut self) -> String {
        self.born += 1;
        let digest = Sha256::digest(format!("{}/{}", self.seed, self.born).as_bytes());
        let mut hex = String::with_capacity(32);
        for byte in digest.iter().take(16) {
            let _ = write!(hex, "{byte:02x}");
        }
        let (head, rest) = hex.split_at(8);
        format!(
            "{head}-{}-4{}-8{}-{}",
            &rest[..4],
            &rest[5..8],
            &rest[9..12],
            &rest[12..]
        )
    }

    pub(super) fn get(&self, place: &Place) -> Result<&Value, Failure> {
        self.objects
            .get(place)
            .map(|object| &**object)
            .ok_or_else(|| Failure::not_found(&place.plural, &place.name))
    }

    pub(super) fn create(
        &mut self,
        kind: &KindInfo,
        place: Place,
        mut object: Value,
        manager: Option<&Manager>,
        dry: bool,
    ) -> Result<Value, Failure> {
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
        if !dry {
            self.put(place, Some(&mut object));
        }
        Ok(object)
    }

    /// Replaces an object by what a write made of it. `new` starts as a copy of the old one.
    pub(super) fn update(
        &mut self,
        kind: &KindInfo,
        place: &Place,
        mut new: Value,
        manager: &Manager,
        dry: bool,
    ) -> Result<Value, Failure> {
        let old = self.get(place)?.clone();
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
            new = old.clone();
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
        if kind.generation && without_status(&old) != without_status(&new) {
            let generation = old["metadata"]["generation"].as_i64().unwrap_or(1);
            new["metadata"]["generation"] = (generation + 1).into();
        }
        if !manager.applies() {
            let now = self.now();
            note_update(kind, &old, &mut new, manager, &now);
        }
        if new == old || dry {
            return Ok(new);
        }
        if leaving && finalizers(&new).is_empty() && place.plural != "namespaces" {
            self.put(place.clone(), None);
        } else {
            self.put(place.clone(), Some(&mut new));
        }
        Ok(new)
    }

    /// Deletes an object, or marks it if finalizers hold it.
    pub(super) fn delete(
        &mut self,
        kind: &KindInfo,
        place: &Place,
        conditions: &Preconditions,
        dry: bool,
    ) -> Result<Value, Failure> {
        let mut object = self.get(place)?.clone();
        let metadata = &object["metadata"];
        for (wanted, held) in [
            (&conditions.uid, &metadata["uid"]),
            (&conditions.version, &metadata["resourceVersion"]),
        ] {
            if wanted.as_ref().is_some_and(|wanted| held != wanted) {
                return Err(Failure::conflict(
                    "the precondition of the deletion does not hold",
                ));
            }
        }
        if dry {
            return Ok(object);
        }
        let is_namespace = kind.kind == "Namespace";
        if finalizers(&object).is_empty() && !is_namespace {
            self.put(place.clone(), None);
        } else if metadata["deletionTimestamp"].is_null() {
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
            self.put(place.clone(), Some(&mut object));
        }
        Ok(object)
    }

    /// Stores an object, or its absence, as a new version.
    pub(super) fn put(&mut self, place: Place, new: Option<&mut Value>) {
        self.version += 1;
        let old = self.objects.remove(&place);
        let new = new.map(|new| {
            new["metadata"]["resourceVersion"] = self.version.to_string().into();
            Arc::new(new.clone())
        });
        if let Some(new) = &new {
            self.objects.insert(place.clone(), Arc::clone(new));
        }
        self.log.push(Change {
            version: self.version,
            place,
            old,
            new,
        });
    }

    fn check_namespace(&self, name: &str) -> Result<(), Failure> {
        let namespace = self.get(&Place {
            group: String::new(),
            plural: "namespaces".to_owned(),
            namespace: String::new(),
            name: name.to_owned(),
        })?;
        if namespace["metadata"]["deletionTimestamp"].is_null() {
            Ok(())
        } else {
            Err(Failure::forbidden(format!(
                "unable to create new content in namespace {name} because it is being terminated"
            )))
        }
    }
}
