//! Invariant 1, of copies: what was restored reaches nobody and is reached by nobody until a person says
//! so, or the same mails and messages go out twice.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

const RELEASED: &str = "emrstack.dev/released";
const INSTANCE: &str = "emrstack.dev/instance";

pub(super) fn judge(history: &[Arc<Value>]) -> Vec<String> {
    let mut fenced = BTreeSet::new();
    let mut bad = Vec::new();
    for version in history {
        let metadata = &version["metadata"];
        let name = |of: &Value| format!("{}/{}", metadata["namespace"], of);
        if version["kind"] == "EmrInstance" {
            let set = &version["status"]["restored"];
            let word = if set["restore"].is_string() {
                &set["restore"]
            } else {
                &metadata["name"]
            };
            let released =
                metadata["annotations"][RELEASED] == *word || set["releasedAt"].is_string();
            // A drill's copy is never let out.
            let released = released && version["spec"]["restoreFrom"]["purpose"] != "Drill";
            let restored = version["spec"]["restoreFrom"].is_object() || set.is_object();
            if restored && !released {
                fenced.insert(name(&metadata["name"]));
            } else {
                fenced.remove(&name(&metadata["name"]));
            }
        }
        let reaches = opens(version) || works(version);
        if fenced.contains(&name(&metadata["labels"][INSTANCE])) && reaches {
            bad.push(format!(
                "{} {}: a copy that nobody let out",
                version["kind"], metadata["name"]
            ));
        }
    }
    bad
}

/// A pod that works on jobs of its own accord.
fn works(object: &Value) -> bool {
    object["kind"] == "Pod"
        && object["metadata"]["labels"]["app.kubernetes.io/component"] == "workers"
        && !object["metadata"]["deletionTimestamp"].is_string()
}

/// A policy that lets the load balancer in, or pods out by HTTPS.
fn opens(object: &Value) -> bool {
    if object["kind"] != "NetworkPolicy" || object["metadata"]["deletionTimestamp"].is_string() {
        return false;
    }
    let rules = |direction: &str| object["spec"][direction].as_array().cloned();
    let ports = rules("egress").unwrap_or_default();
    let mut ports = ports.iter().filter_map(|rule| rule["ports"].as_array());
    let lets_in = rules("ingress").is_some_and(|rules| !rules.is_empty());
    lets_in || ports.any(|of| of.iter().any(|port| port["port"] == 443))
}
