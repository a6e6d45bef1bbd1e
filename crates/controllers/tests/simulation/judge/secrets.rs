//! Invariant 7: no secret leaves Secrets.

use std::sync::Arc;

use serde_json::Value;

pub(super) fn judge(history: &[Arc<Value>], passwords: &[String]) -> Vec<String> {
    let versions = history.iter().filter(|version| version["kind"] != "Secret");
    versions
        .filter(|version| holds(version, passwords))
        .map(|version| {
            let name = &version["metadata"]["name"];
            format!("{} {name} holds a password", version["kind"])
        })
        .collect()
}

/// True when a text or a key of it holds one of these.
fn holds(value: &Value, passwords: &[String]) -> bool {
    let text = |text: &str| {
        let fits = |password: &&String| password.len() <= text.len();
        passwords
            .iter()
            .filter(fits)
            .any(|password| text.contains(password))
    };
    match value {
        Value::String(value) => text(value),
        Value::Array(items) => items.iter().any(|item| holds(item, passwords)),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, field)| text(key) || holds(field, passwords)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
