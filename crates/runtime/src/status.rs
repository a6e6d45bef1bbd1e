//! One status write a pass, and only if the status differs.
//!
//! The write names the resource version that was read, so a status computed from an old object
//! never lands on a newer one; the conflict ends the pass and the next one starts from the truth.

use kube::{
    Api, Resource,
    api::{Patch, PatchParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{Error, Key, Result};

/// Writes `status` unless `object` has it already. Returns the object as written, if it was.
///
/// Parts of the status that are absent from the new one are removed.
pub async fn patch_status_if_changed<K, S>(
    api: &Api<K>,
    object: &K,
    status: &S,
) -> Result<Option<K>>
where
    K: Resource<DynamicType: Default> + Serialize + DeserializeOwned,
    S: Serialize,
{
    let kind = K::kind(&K::DynamicType::default()).into_owned();
    let encode = |error| Error::encode(&kind, error);
    let old = serde_json::to_value(object).map_err(encode)?;
    let new = serde_json::to_value(status).map_err(encode)?;
    let Some(difference) = merge_patch(&old["status"], &new) else {
        return Ok(None);
    };
    let Some(name) = object.meta().name.as_deref() else {
        return Err(Error::Nameless { kind });
    };
    let patch = json!({
        "metadata": {
            "resourceVersion": object.meta().resource_version,
            "uid": object.meta().uid,
        },
        "status": difference,
    });
    api.patch_status(name, &PatchParams::default(), &Patch::Merge(&patch))
        .await
        .map(Some)
        .map_err(|error| {
            Error::request(
                "patch the status of",
                &kind,
                &Key::of(object).to_string(),
                error,
            )
        })
}

/// The merge patch (RFC 7386) that turns `old` into `new`; `None` if they are the same.
pub fn merge_patch(old: &Value, new: &Value) -> Option<Value> {
    let (Value::Object(old_fields), Value::Object(new_fields)) = (old, new) else {
        return (old != new).then(|| without_nulls(new));
    };
    let mut patch = Map::new();
    for (name, new) in new_fields.iter().filter(|(_, new)| !new.is_null()) {
        match old_fields.get(name) {
            Some(old) => {
                if let Some(inner) = merge_patch(old, new) {
                    patch.insert(name.clone(), inner);
                }
            }
            None => {
                patch.insert(name.clone(), without_nulls(new));
            }
        }
    }
    for (name, old) in old_fields {
        if !old.is_null() && new_fields.get(name).is_none_or(Value::is_null) {
            patch.insert(name.clone(), Value::Null);
        }
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, field)| !field.is_null())
            .map(|(name, field)| (name.clone(), without_nulls(field)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_holds_what_differs_and_nothing_else() {
        let table = [
            (json!({"a": 1}), json!({"a": 1}), None),
            (json!({"a": 1}), json!({"a": 1, "b": null}), None),
            (json!({"a": 1}), json!({"a": 2}), Some(json!({"a": 2}))),
            (
                json!({"a": 1, "b": {"c": 1}}),
                json!({"a": 1}),
                Some(json!({"b": null})),
            ),
            (
                json!({"b": {"c": 1, "d": 2}}),
                json!({"b": {"c": 1}}),
                Some(json!({"b": {"d": null}})),
            ),
            (
                json!({"l": [1, 2]}),
                json!({"l": [2]}),
                Some(json!({"l": [2]})),
            ),
            (
                Value::Null,
                json!({"a": {"b": null, "c": 1}}),
                Some(json!({"a": {"c": 1}})),
            ),
            (
                json!({"a": 1}),
                json!({"a": {"b": null}}),
                Some(json!({"a": {}})),
            ),
        ];
        for (old, new, patch) in table {
            assert_eq!(merge_patch(&old, &new), patch, "{old} to {new}");
        }
    }
}
