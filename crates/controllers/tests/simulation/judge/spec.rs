//! Invariant 4: the spec is the user's.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

/// Kinds that users write; the operator writes its children's specs itself.
const USERS: [&str; 3] = ["EmrInstance", "EmrPlatform", "ObjectStore"];

pub(super) fn judge(history: &[Arc<Value>], edits: usize) -> Vec<String> {
    let mut last: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut changes = Vec::new();
    let theirs = |version: &&Arc<Value>| USERS.iter().any(|kind| version["kind"] == *kind);
    for version in history.iter().filter(theirs) {
        let uid = version["metadata"]["uid"].as_str().unwrap_or_default();
        let spec = &version["spec"];
        if last.insert(uid, spec).is_some_and(|before| before != spec) {
            changes.push(format!("{}'s spec: {spec}", version["kind"]));
        }
    }
    if changes.len() <= edits {
        return Vec::new();
    }
    vec![format!(
        "specs changed {} times, of which users did {edits}: {changes:?}",
        changes.len()
    )]
}
