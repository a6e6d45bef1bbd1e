//! Sets of fields: what `managedFields` says, as sets of paths.
//!
//! A path's segments are written as `managedFields` writes them: `f:spec`, `k:{"name":"app"}`,
//! `v:"member"`. Only leaves are held: scalars, lists and maps that are replaced at once, empty
//! ones, and the elements of list-maps themselves.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    kinds::KindInfo,
    list_types::{ListType, is_atomic_map, list_type},
};

pub(super) type Path = Vec<String>;
pub(super) type Paths = BTreeSet<Path>;

/// The segment that names an element of a list-map.
pub(super) fn key_segment(keys: &[String], item: &Value) -> String {
    let mut named = Map::new();
    for key in keys {
        match item.get(key) {
            Some(value) => named.insert(key.clone(), value.clone()),
            None if key == "protocol" => named.insert(key.clone(), "TCP".into()),
            None => None,
        };
    }
    format!("k:{}", Value::Object(named))
}

/// The fields that a value names.
pub(super) fn paths_of(kind: &KindInfo, value: &Value) -> Paths {
    let mut paths = Paths::new();
    collect(kind, value, &mut Vec::new(), &mut paths);
    paths.retain(|path| !is_the_servers(path));
    paths
}

/// Fields that nobody owns, because nobody but the server sets them.
fn is_the_servers(path: &[String]) -> bool {
    match (
        path.first().map(String::as_str),
        path.get(1).map(String::as_str),
    ) {
        (Some("f:apiVersion" | "f:kind"), _) | (Some("f:metadata"), None) => true,
        (Some("f:metadata"), Some(field)) => matches!(
            field,
            "f:name"
                | "f:namespace"
                | "f:uid"
                | "f:resourceVersion"
                | "f:generation"
                | "f:creationTimestamp"
                | "f:deletionTimestamp"
                | "f:generateName"
                | "f:deletionGracePeriodSeconds"
        ),
        _ => false,
    }
}

fn collect(kind: &KindInfo, value: &Value, path: &mut Path, paths: &mut Paths) {
    match value {
        Value::Object(fields) if !fields.is_empty() && !is_atomic_map(kind, path) => {
            for (name, field) in fields {
                if path.len() == 1 && path[0] == "f:metadata" && name == "managedFields" {
                    continue;
                }
                path.push(format!("f:{name}"));
                collect(kind, field, path, paths);
                path.pop();
            }
        }
        Value::Array(items) if !items.is_empty() => match list_type(kind, path, items) {
            ListType::Atomic => {
                paths.insert(path.clone());
            }
            ListType::Set => {
                for item in items {
                    path.push(format!("v:{item}"));
                    paths.insert(path.clone());
                    path.pop();
                }
            }
            ListType::Map(keys) => {
                for item in items {
                    path.push(key_segment(&keys, item));
                    paths.insert(path.clone());
                    collect(kind, item, path, paths);
                    path.pop();
                }
            }
        },
        _ => {
            paths.insert(path.clone());
        }
    }
}

/// As `managedFields` writes it.
pub(super) fn to_fields(paths: &Paths) -> Value {
    let mut root = Map::new();
    for path in paths {
        insert(&mut root, path);
    }
    Value::Object(root)
}

fn insert(fields: &mut Map<String, Value>, path: &[String]) {
    let Some((segment, rest)) = path.split_first() else {
        return;
    };
    let inner = fields
        .entry(segment.clone())
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        if rest.is_empty() && segment.starts_with("k:") {
            inner.insert(".".to_owned(), Value::Object(Map::new()));
        }
        insert(inner, rest);
    }
}

/// From what `managedFields` says.
pub(super) fn from_fields(fields: &Value) -> Paths {
    fn walk(fields: &Value, path: &mut Path, paths: &mut Paths) {
        let inner: Vec<_> = fields.as_object().into_iter().flatten().collect();
        let is_element = inner.iter().any(|(key, _)| *key == ".");
        if is_element || (inner.is_empty() && !path.is_empty()) {
            paths.insert(path.clone());
        }
        for (key, field) in inner {
            if key != "." {
                path.push(key.clone());
                walk(field, path, paths);
                path.pop();
            }
        }
    }
    let mut paths = Paths::new();
    walk(fields, &mut Vec::new(), &mut paths);
    paths
}

/// Finds the value at a path.
pub(super) fn find<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    let mut place = value;
    for segment in path {
        place = match segment.strip_prefix("f:") {
            Some(name) => place.get(name)?,
            None => &place.as_array()?[position(place, segment)?],
        };
    }
    Some(place)
}

/// Removes what is at a path.
pub(super) fn remove(value: &mut Value, path: &[String]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let mut place = value;
    for segment in parents {
        let at = position(place, segment);
        let next = match (segment.strip_prefix("f:"), at) {
            (Some(name), _) => place.get_mut(name),
            (None, Some(at)) => place.get_mut(at),
            (None, None) => None,
        };
        let Some(next) = next else { return };
        place = next;
    }
    match last.strip_prefix("f:") {
        Some(name) => {
            if let Some(fields) = place.as_object_mut() {
                fields.remove(name);
            }
        }
        None => {
            if let Some(at) = position(place, last)
                && let Some(items) = place.as_array_mut()
            {
                items.remove(at);
            }
        }
    }
}

/// Where in a list the element is that a segment names.
pub(super) fn position(list: &Value, segment: &str) -> Option<usize> {
    let items = list.as_array()?;
    if let Some(json) = segment.strip_prefix("v:") {
        let member: Value = serde_json::from_str(json).ok()?;
        return items.iter().position(|item| *item == member);
    }
    let key: Value = serde_json::from_str(segment.strip_prefix("k:")?).ok()?;
    let keys: Vec<String> = key.as_object()?.keys().cloned().collect();
    items
        .iter()
        .position(|item| key_segment(&keys, item) == segment)
}
