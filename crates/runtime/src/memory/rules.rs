//! What the server keeps, fills in and counts when an object is written.

use serde_json::{Map, Value, json};

use super::{
    failure::Failure,
    kinds::{KindInfo, fill_defaults},
};

/// Defaults, and the type's name.
pub(super) fn complete(kind: &KindInfo, object: &mut Value) {
    if let Some(schema) = &kind.schema {
        fill_defaults(object, schema);
    }
    object["apiVersion"] = kind.api_version().into();
    object["kind"] = kind.kind.clone().into();
}

pub(super) fn metadata_of(object: &mut Value) -> Result<&mut Map<String, Value>, Failure> {
    let object = object
        .as_object_mut()
        .ok_or_else(|| Failure::bad_request("an object was expected"))?;
    object
        .entry("metadata")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .ok_or_else(|| Failure::bad_request("metadata must be an object"))
}

pub(super) fn keep_what_is_the_servers(old: &Value, new: &mut Value) -> Result<(), Failure> {
    let metadata = metadata_of(new)?;
    for field in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        match old["metadata"].get(field) {
            Some(held) => metadata.insert(field.to_owned(), held.clone()),
            None => metadata.remove(field),
        };
    }
    metadata.retain(|_, field| !field.is_null());
    Ok(())
}

pub(super) fn set_or_remove(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        if value.is_null() {
            fields.remove(field);
        } else {
            fields.insert(field.to_owned(), value);
        }
    }
}

/// Whether nothing differs that the generation counts.
pub(super) fn same_but_status(one: &Value, other: &Value) -> bool {
    fn counted(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
        let fields = object.as_object().into_iter().flatten();
        fields.filter(|(name, _)| !matches!(name.as_str(), "status" | "metadata"))
    }
    counted(one).eq(counted(other))
}

pub(super) fn finalizers(object: &Value) -> Vec<&str> {
    object["metadata"]["finalizers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
