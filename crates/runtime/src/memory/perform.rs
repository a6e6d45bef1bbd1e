//! What a request does to the store.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::{
    failure::Failure,
    kinds::KindInfo,
    ownership::{Manager, apply},
    reply::{Part, Reply},
    request::Call,
    rules::metadata_of,
    store::{Place, Preconditions, Store},
};

impl Call<'_> {
    /// Does what is asked. Answers with the code and the body.
    pub(super) fn perform(self, store: &mut Store) -> Result<(u16, Reply), Failure> {
        let path = &self.path;
        let unknown = || Failure::not_found("resource", path.plural);
        let kind = store
            .kinds
            .find(path.group, path.version, path.plural)
            .cloned()
            .ok_or_else(unknown)?;
        let subresource = match path.subresource {
            None => true,
            Some("status") => kind.status,
            Some(_) => false,
        };
        if !subresource {
            return Err(unknown());
        }
        let Some(name) = path.name else {
            return match self.method {
                Method::GET => Ok((200, self.list(store, &kind))),
                Method::POST => {
                    let object = self.create(store, &kind)?;
                    Ok((201, Reply::Object(object)))
                }
                Method::DELETE => self.delete_all(store, &kind),
                _ => Err(Failure::bad_request("method not allowed")),
            };
        };
        let place = self.place(name);
        match self.method {
            Method::GET => Ok(match self.part {
                Part::Whole => (200, Reply::Object(store.get(&place)?)),
                Part::Metadata => (200, Reply::Written(store.metadata(&place)?)),
            }),
            Method::PUT => {
                let (manager, dry) = (self.manager(), self.is_dry());
                let object = store.update(&kind, &place, self.body, &manager, dry)?;
                Ok((200, Reply::Object(object)))
            }
            Method::PATCH => self.patch(store, &kind, &place),
            Method::DELETE => {
                let conditions = Preconditions {
                    uid: self.body["preconditions"]["uid"]
                        .as_str()
                        .map(str::to_owned),
                    version: self.body["preconditions"]["resourceVersion"]
                        .as_str()
                        .map(str::to_owned),
                };
                let object = store.delete(&kind, &place, &conditions, self.is_dry())?;
                let held = !object["metadata"]["deletionTimestamp"].is_null();
                Ok((
                    200,
                    if held {
                        Reply::Object(object)
                    } else {
                        success()
                    },
                ))
            }
            _ => Err(Failure::bad_request("method not allowed")),
        }
    }

    fn list(&self, store: &Store, kind: &KindInfo) -> Reply {
        let scope = self.scope();
        let items = store.within(&scope).map(|(_, kept)| kept.clone());
        Reply::list(kind, store.version, items.collect(), scope.part)
    }

    fn create(mut self, store: &mut Store, kind: &KindInfo) -> Result<Arc<Value>, Failure> {
        let next = store.version + 1;
        let metadata = metadata_of(&mut self.body)?;
        let given = |field: &str| {
            metadata
                .get(field)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let name = given("name")
            .or_else(|| given("generateName").map(|start| format!("{start}{next:05}")))
            .ok_or_else(|| Failure::invalid("metadata.name: Required value"))?;
        if given("namespace").is_some_and(|one| Some(one.as_str()) != self.path.namespace) {
            return Err(Failure::bad_request(
                "the namespace of the object does not match the namespace on the request",
            ));
        }
        let place = self.place(&name);
        let (manager, dry) = (self.manager(), self.is_dry());
        store.create(kind, place, self.body, Some(&manager), dry)
    }

    fn patch(
        self,
        store: &mut Store,
        kind: &KindInfo,
        place: &Place,
    ) -> Result<(u16, Reply), Failure> {
        let (manager, dry) = (self.manager(), self.is_dry());
        if manager.applies() {
            return self.apply(store, kind, place, &manager, dry);
        }
        let mut new = (*store.get(place)?).clone();
        match self.content.as_str() {
            "application/merge-patch+json" => json_patch::merge(&mut new, &self.body),
            "application/json-patch+json" => {
                let patch: json_patch::Patch = serde_json::from_value(self.body)
                    .map_err(|error| Failure::bad_request(error.to_string()))?;
                json_patch::patch(&mut new, &patch)
                    .map_err(|error| Failure::invalid(error.to_string()))?;
            }
            other => return Err(Failure::unsupported(other)),
        }
        let object = store.update(kind, place, new, &manager, dry)?;
        Ok((200, Reply::Object(object)))
    }

    fn apply(
        self,
        store: &mut Store,
        kind: &KindInfo,
        place: &Place,
        manager: &Manager,
        dry: bool,
    ) -> Result<(u16, Reply), Failure> {
        let mut applied = self.body;
        if !applied["metadata"]["managedFields"].is_null() {
            return Err(Failure::bad_request("metadata.managedFields must be nil"));
        }
        if manager.status {
            applied = json!({"status": applied["status"], "metadata": {
                "resourceVersion": applied["metadata"]["resourceVersion"],
            }});
        } else if let (true, Some(fields)) = (kind.status, applied.as_object_mut()) {
            fields.remove("status");
        }
        let now = store.now();
        if let Ok(old) = store.get(place) {
            let new = apply(kind, &old, &applied, manager, &now)?;
            let object = store.update(kind, place, new, manager, dry)?;
            return Ok((200, Reply::Object(object)));
        }
        if manager.status || applied["metadata"]["uid"].is_string() {
            return Err(Failure::not_found(&place.plural, &place.name));
        }
        let new = apply(kind, &json!({}), &applied, manager, &now)?;
        let object = store.create(kind, place.clone(), new, None, dry)?;
        Ok((201, Reply::Object(object)))
    }

    fn delete_all(self, store: &mut Store, kind: &KindInfo) -> Result<(u16, Reply), Failure> {
        let scope = self.scope();
        let places: Vec<Place> = store
            .within(&scope)
            .map(|(place, _)| place.clone())
            .collect();
        for place in places {
            store.delete(kind, &place, &Preconditions::default(), self.is_dry())?;
        }
        Ok((200, success()))
    }
}

fn success() -> Reply {
    let status = json!({
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Success",
    });
    Reply::Value(status)
}
