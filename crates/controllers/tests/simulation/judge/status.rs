//! Invariant 9: what every version of every status says is true and well formed, so that kstatus,
//! Argo CD and `kubectl wait` can rely on it in every phase.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

const GROUP: &str = "emrstack.dev/";
/// Longest message of a condition, in bytes; the API allows 32,768.
const MESSAGE: usize = 2048;
/// Largest status, in bytes (invariant 10).
const STATUS: usize = 32_768;
/// Shown only while they are so (kstatus takes their absence for false).
const ABNORMAL: [&str; 2] = ["Reconciling", "Stalled"];

pub(crate) fn judge(history: &[Arc<Value>]) -> Vec<String> {
    let mut last: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut bad = Vec::new();
    let ours = |version: &&Arc<Value>| {
        let version = version["apiVersion"].as_str();
        version.is_some_and(|version| version.starts_with(GROUP))
    };
    for version in history.iter().filter(ours) {
        let uid = version["metadata"]["uid"].as_str().unwrap_or_default();
        let before = last.insert(uid, version);
        let name = format!("{} {}", version["kind"], version["metadata"]["name"]);
        let wrong = one(version).into_iter().chain(moved(before, version));
        bad.extend(wrong.map(|wrong| format!("{name}: {wrong}")));
    }
    bad
}

/// What is wrong with one version.
fn one(version: &Value) -> Vec<String> {
    let mut bad = Vec::new();
    let status = &version["status"];
    let observed = status["observedGeneration"].as_i64().unwrap_or(-1);
    let generation = version["metadata"]["generation"].as_i64().unwrap_or(0);
    if observed > generation {
        bad.push(format!("observed generation {observed} of {generation}"));
    }
    if observed < 0 {
        return bad;
    }
    let conditions = status["conditions"].as_array();
    let conditions: Vec<_> = conditions.into_iter().flatten().collect();
    let of = |kind: &str| {
        conditions
            .iter()
            .find(|condition| condition["type"] == kind)
    };
    if of("Ready").is_none() {
        bad.push("it does not say whether it is ready".to_owned());
    }
    for kind in ABNORMAL {
        if of(kind).is_some_and(|condition| condition["status"] != "True") {
            bad.push(format!("{kind} is shown although it is not so"));
        }
    }
    let is = |kind: &str| of(kind).is_some_and(|condition| condition["status"] == "True");
    if is("Stalled") && is("Reconciling") {
        bad.push("it is stalled and reconciling at once".to_owned());
    }
    let size = status.to_string().len();
    if size > STATUS {
        bad.push(format!("its status is {size} bytes large"));
    }
    for condition in &conditions {
        let text = |field: &str| condition[field].as_str().unwrap_or_default();
        let reason = text("reason");
        let well_formed = reason.starts_with(|first: char| first.is_ascii_uppercase())
            && reason.chars().all(|char| char.is_ascii_alphanumeric());
        if !well_formed || text("message").is_empty() || text("lastTransitionTime").is_empty() {
            bad.push(format!("a condition lacks something: {condition}"));
        }
        let length = text("message").len();
        if length > MESSAGE {
            bad.push(format!("a message is {length} characters long"));
        }
        if condition["observedGeneration"]
            .as_i64()
            .is_some_and(|of| of > generation)
        {
            bad.push(format!("a condition is ahead of the spec: {condition}"));
        }
    }
    bad
}

/// What is wrong with how it moved: a time of transition changes with the condition's status alone.
fn moved(before: Option<&Value>, version: &Value) -> Vec<String> {
    let conditions = |version: &Value| -> BTreeMap<String, Value> {
        let all = version["status"]["conditions"].as_array();
        let all = all.into_iter().flatten();
        all.map(|condition| (condition["type"].to_string(), condition.clone()))
            .collect()
    };
    let Some(before) = before.map(conditions) else {
        return Vec::new();
    };
    let now = conditions(version);
    let both = now
        .iter()
        .filter_map(|(kind, now)| Some((kind, before.get(kind)?, now)));
    both.filter(|(_, before, now)| {
        let same_status = before["status"] == now["status"];
        let same_time = before["lastTransitionTime"] == now["lastTransitionTime"];
        same_status != same_time
    })
    .filter(|(_, before, now)| before["status"] == now["status"])
    .map(|(kind, before, now)| format!("{kind} moved without changing: {before} to {now}"))
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn version(edit: impl FnOnce(&mut Value)) -> Arc<Value> {
        let mut version = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
            "metadata": {"name": "a", "uid": "1", "generation": 2},
            "status": {"observedGeneration": 2, "conditions": [{
                "type": "Ready", "status": "True", "reason": "Ready", "message": "it is",
                "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 2,
            }]},
        });
        edit(&mut version);
        Arc::new(version)
    }

    type Edit = fn(&mut Value);

    #[test]
    fn each_broken_rule_is_caught() {
        assert_eq!(judge(&[version(|_| {})]), [""; 0]);
        let edits: [Edit; 7] = [
            |of| of["status"]["observedGeneration"] = 3.into(),
            |of| of["status"]["conditions"] = json!([]),
            |of| of["status"]["conditions"][0]["reason"] = "not a reason".into(),
            |of| of["status"]["conditions"][0]["message"] = "".into(),
            |of| of["status"]["conditions"][0]["observedGeneration"] = 3.into(),
            |of| {
                let mut more = of["status"]["conditions"][0].clone();
                more["type"] = "Stalled".into();
                more["status"] = "False".into();
                of["status"]["conditions"]
                    .as_array_mut()
                    .unwrap()
                    .push(more);
            },
            |of| {
                for kind in ABNORMAL {
                    let mut more = of["status"]["conditions"][0].clone();
                    more["type"] = kind.into();
                    of["status"]["conditions"]
                        .as_array_mut()
                        .unwrap()
                        .push(more);
                }
            },
        ];
        for edit in edits {
            assert_eq!(judge(&[version(edit)]).len(), 1);
        }
        let later = version(|of| {
            of["status"]["conditions"][0]["lastTransitionTime"] = "2026-01-02T00:00:00Z".into();
        });
        assert_eq!(judge(&[version(|_| {}), later]).len(), 1);
    }
}
