//! How an applied object is merged into the live one: maps by field, lists by their type.

use serde_json::{Value, json};

use super::{
    kinds::KindInfo,
    list_types::{ListType, is_atomic_map, list_type},
    paths::{Path, key_segment},
};

/// Merges `applied` into `live`, which stands at `path`.
pub(super) fn merge(kind: &KindInfo, live: &mut Value, applied: &Value, path: &mut Path) {
    match (live, applied) {
        (live, Value::Object(wanted)) => {
            if is_atomic_map(kind, path) || !live.is_object() {
                *live = json!({});
            }
            for (name, wanted) in wanted {
                path.push(format!("f:{name}"));
                merge(kind, &mut live[name], wanted, path);
                path.pop();
            }
        }
        (live, Value::Array(wanted)) => {
            let Value::Array(held) = live else {
                *live = applied.clone();
                return;
            };
            match list_type(kind, path, wanted) {
                ListType::Atomic => held.clone_from(wanted),
                ListType::Set => {
                    for item in wanted {
                        if !held.contains(item) {
                            held.push(item.clone());
                        }
                    }
                }
                ListType::Map(keys) => merge_elements(kind, held, wanted, &keys, path),
            }
        }
        (live, scalar) => *live = scalar.clone(),
    }
}

/// Ours in our order, then the rest.
fn merge_elements(
    kind: &KindInfo,
    held: &mut Vec<Value>,
    wanted: &[Value],
    keys: &[String],
    path: &mut Path,
) {
    let mut merged = Vec::with_capacity(held.len());
    for item in wanted {
        let segment = key_segment(keys, item);
        let at = held
            .iter()
            .position(|held| key_segment(keys, held) == segment);
        let mut element = at.map_or_else(|| json!({}), |at| held.remove(at));
        path.push(segment);
        merge(kind, &mut element, item, path);
        path.pop();
        merged.push(element);
    }
    merged.append(held);
    *held = merged;
}
