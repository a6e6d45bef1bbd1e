//! Reads `managedFields`: which fields are ours, and how lists are keyed.
//!
//! The API server writes down, for every field that somebody set, who set it, in the form
//! `{"f:spec": {"f:containers": {"k:{\"name\":\"app\"}": {…}}}}`. It says which lists are maps and
//! by which keys, so no table of Kubernetes types is needed here.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value};

use super::{FIELD_MANAGER, value::same_scalar};

/// What one or several managers own at one place of an object.
pub(super) type Fields = Map<String, Value>;

/// The fields of our applies; `None` if the object was never applied by us.
pub(super) fn ours(live: &Value) -> Option<&Fields> {
    entries(live)
        .find(|entry| {
            entry["manager"] == FIELD_MANAGER
                && entry["operation"] == "Apply"
                && entry.get("subresource").is_none_or(|name| name == "")
        })
        .and_then(|entry| entry["fieldsV1"].as_object())
}

/// What every manager owns, for the keys of lists.
pub(super) fn everyones(live: &Value) -> Vec<&Fields> {
    entries(live)
        .filter_map(|entry| entry["fieldsV1"].as_object())
        .collect()
}

fn entries(live: &Value) -> impl Iterator<Item = &Value> {
    live["metadata"]["managedFields"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
}

/// True if a field is owned as a whole: lists and maps that are replaced at once, and scalars.
pub(super) fn is_leaf(fields: &Fields) -> bool {
    fields.keys().all(|key| key == ".")
}

/// The keys that make a list a map here, with their values: `{"name": "app"}`.
pub(super) fn element_keys(fields: &Fields) -> impl Iterator<Item = (Value, &str)> {
    fields.keys().filter_map(|key| {
        let json = key.strip_prefix("k:")?;
        Some((serde_json::from_str(json).ok()?, key.as_str()))
    })
}

/// True if `element` is the one that `key` names.
pub(super) fn has_key(element: &Value, key: &Value) -> bool {
    key.as_object().is_some_and(|parts| {
        parts.iter().all(|(name, value)| match element.get(name) {
            Some(held) => same_scalar(held, value, "", name),
            // The only merge key with a default in Kubernetes' own types.
            None => name == "protocol" && value == "TCP",
        })
    })
}

/// The paths that our applies own and `desired` no longer names.
pub fn owned_but_unwanted(desired: &Value, live: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(fields) = ours(live) {
        walk(fields, desired, "", &mut found);
    }
    found
}

/// The keys of a map, a field of the object itself, that our applies own: nobody else has changed
/// their values since. Metadata is enough to tell, so values that are nobody's business stay unread.
pub fn owned_keys(live: &ObjectMeta, map: &str) -> BTreeSet<String> {
    let entries = live.managed_fields.iter().flatten();
    entries
        .filter(|entry| {
            entry.manager.as_deref() == Some(FIELD_MANAGER)
                && entry.operation.as_deref() == Some("Apply")
                && entry.subresource.as_deref().is_none_or(str::is_empty)
        })
        .filter_map(|entry| {
            entry
                .fields_v1
                .as_ref()?
                .0
                .get(format!("f:{map}"))?
                .as_object()
        })
        .flat_map(Fields::keys)
        .filter_map(|key| Some(key.strip_prefix("f:")?.to_owned()))
        .collect()
}

fn walk(fields: &Fields, desired: &Value, path: &str, found: &mut Vec<String>) {
    for (key, inner) in fields {
        let (wanted, place) = if let Some(name) = key.strip_prefix("f:") {
            let place = join(path, name);
            if matches!(place.as_str(), "status" | "apiVersion" | "kind") {
                continue;
            }
            (desired.get(name), place)
        } else if let Some(json) = key.strip_prefix("k:") {
            let Ok(parts) = serde_json::from_str::<Value>(json) else {
                continue;
            };
            let element = items(desired).iter().find(|item| has_key(item, &parts));
            (element, format!("{path}{}", label(&parts)))
        } else if let Some(json) = key.strip_prefix("v:") {
            let Ok(member) = serde_json::from_str::<Value>(json) else {
                continue;
            };
            let element = items(desired).iter().find(|item| **item == member);
            (element, format!("{path}[{member}]"))
        } else {
            // "." is the container itself, "i:" an index, which no built-in type uses.
            continue;
        };
        match (wanted, inner.as_object()) {
            (None, _) => found.push(place),
            (Some(wanted), Some(inner)) => walk(inner, wanted, &place, found),
            (Some(_), None) => {}
        }
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A path one field further.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// An element's key as a path shows it: `[app]`.
pub(super) fn label(key: &Value) -> String {
    let parts: Vec<String> = key
        .as_object()
        .into_iter()
        .flat_map(Map::values)
        .map(|part| {
            part.as_str()
                .map_or_else(|| part.to_string(), str::to_owned)
        })
        .collect();
    format!("[{}]", parts.join("/"))
}
