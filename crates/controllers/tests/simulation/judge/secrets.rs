//! Invariant 7: no secret leaves Secrets.

use std::sync::Arc;

use serde_json::Value;

pub(super) fn judge(history: &[Arc<Value>], passwords: &[String]) -> Vec<String> {
    let versions = history.iter().filter(|version| version["kind"] != "Secret");
    versions
        .filter(|version| {
            let text = version.to_string();
            passwords.iter().any(|password| text.contains(password))
        })
        .map(|version| {
            let name = &version["metadata"]["name"];
            format!("{} {name} holds a password", version["kind"])
        })
        .collect()
}
