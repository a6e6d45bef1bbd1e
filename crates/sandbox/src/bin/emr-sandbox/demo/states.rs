//! What an object's own fields say of it: a state in a word or two, and how far that is.

use kube::api::DynamicObject;
use serde_json::Value;

use super::tree::{Node, Phase};

/// States of AWS resources in which AWS works on them.
const MOVING: [&str; 8] = [
    "creating",
    "modifying",
    "updating",
    "deleting",
    "backing-up",
    "configuring",
    "rebooting",
    "pending",
];

/// A condition of an object.
pub(super) fn condition<'a>(object: &'a DynamicObject, kind: &str) -> Option<&'a Value> {
    let conditions = object.data.pointer("/status/conditions")?.as_array()?;
    conditions
        .iter()
        .find(|condition| condition["type"] == kind)
}

fn is_true(object: &DynamicObject, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn number(object: &DynamicObject, pointer: &str) -> i64 {
    object
        .data
        .pointer(pointer)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// One of the project's kinds, by its conditions; the AWS resources of its status are below it.
pub(super) fn resource(kind: &str, object: &DynamicObject) -> Node {
    let name = format!(
        "{kind} {}",
        object.metadata.name.as_deref().unwrap_or_default()
    );
    let reason = |kind: &str| condition(object, kind)?["reason"].as_str();
    let mut node = if is_true(object, "Ready") {
        Node::new(name, "Ready", Phase::Done)
    } else if is_true(object, "Stalled") {
        Node::new(name, reason("Stalled").unwrap_or("Stalled"), Phase::Stuck)
    } else {
        let told = text(&object.data, "/status/phase").or_else(|| reason("Ready"));
        Node::new(name, told.unwrap_or("accepted"), Phase::Working)
    };
    node.children = aws(&object.data);
    node
}

fn aws(data: &Value) -> Vec<Node> {
    let listed = data.pointer("/status/resources").and_then(Value::as_array);
    let mut nodes = Vec::new();
    for entry in listed.into_iter().flatten() {
        let said = |field| entry[field].as_str().unwrap_or_default();
        let state = said("state");
        let phase = match state {
            "missing" => Phase::Waiting,
            "failed" => Phase::Stuck,
            state if MOVING.contains(&state.to_lowercase().as_str()) => Phase::Working,
            _ => Phase::Done,
        };
        nodes.push(Node::new(
            format!("{} {}", said("type"), said("name")),
            state,
            phase,
        ));
    }
    nodes
}

/// A Job.
pub(super) fn job(name: &str, job: &DynamicObject) -> Node {
    if is_true(job, "Complete") {
        return Node::new(name, "Complete", Phase::Done);
    }
    if is_true(job, "Failed") {
        return Node::new(name, "Failed", Phase::Stuck);
    }
    let running = number(job, "/status/ready") > 0;
    Node::new(
        name,
        if running { "Running" } else { "Pending" },
        Phase::Working,
    )
}

/// A Deployment, by its pods.
pub(super) fn deployment(name: &str, deployment: &DynamicObject) -> Node {
    let ready = number(deployment, "/status/readyReplicas");
    // Absent under an autoscaler, where the API server's default stands: the HPA writes it.
    let wanted = number(deployment, "/spec/replicas");
    let current = number(deployment, "/status/observedGeneration")
        == deployment.metadata.generation.unwrap_or_default();
    let phase = if current && ready > 0 && ready == wanted {
        Phase::Done
    } else {
        Phase::Working
    };
    Node::new(name, format!("{ready} of {wanted} pods ready"), phase)
}

/// An autoscaler.
pub(super) fn autoscaler(name: &str, scaler: &DynamicObject) -> Node {
    let bounds = |field| number(scaler, &format!("/spec/{field}"));
    let range = format!("{}..{}", bounds("minReplicas"), bounds("maxReplicas"));
    if is_true(scaler, "ScalingActive") {
        let now = number(scaler, "/status/currentReplicas");
        return Node::new(name, format!("{now} of {range} pods"), Phase::Done);
    }
    Node::new(name, format!("{range} pods"), Phase::Working)
}

/// A disruption budget.
pub(super) fn budget(name: &str, budget: &DynamicObject) -> Node {
    let allowed = number(budget, "/status/disruptionsAllowed");
    let phase = if allowed > 0 {
        Phase::Done
    } else {
        Phase::Working
    };
    Node::new(name, format!("{allowed} may be evicted"), phase)
}

/// A claim on a volume.
pub(super) fn claim(name: &str, claim: &DynamicObject) -> Node {
    let state = text(&claim.data, "/status/phase").unwrap_or("Pending");
    let phase = if state == "Bound" {
        Phase::Done
    } else {
        Phase::Working
    };
    Node::new(name, state, phase)
}

/// An Ingress, by its load balancer.
pub(super) fn ingress(name: &str, ingress: &DynamicObject) -> Node {
    match text(&ingress.data, "/status/loadBalancer/ingress/0/hostname") {
        Some(_) => Node::new(name, "has an address", Phase::Done),
        None => Node::new(name, "no address yet", Phase::Working),
    }
}

/// What is there as soon as it is stored.
pub(super) fn stored(name: &str, _: &DynamicObject) -> Node {
    Node::new(name, "in place", Phase::Done)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(document: Value) -> DynamicObject {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn conditions_tell_ready_stalled_and_neither_apart() {
        let with = |conditions: Value| {
            let document = json!({"metadata": {"name": "x"}, "status": {"conditions": conditions,
                "resources": [{"type": "key", "name": "k", "state": "missing"},
                              {"type": "db-cluster", "name": "c", "state": "creating"}]}});
            resource("EmrInstance", &object(document))
        };
        let ready = with(json!([{"type": "Ready", "status": "True", "reason": "AllReady"}]));
        assert_eq!((ready.state.as_str(), ready.phase), ("Ready", Phase::Done));
        let phases: Vec<_> = ready.children.iter().map(|child| child.phase).collect();
        assert_eq!(phases, [Phase::Waiting, Phase::Working]);
        let stalled = with(
            json!([{"type": "Ready", "status": "False", "reason": "Quota"},
                                  {"type": "Stalled", "status": "True", "reason": "Quota"}]),
        );
        assert_eq!(
            (stalled.state.as_str(), stalled.phase),
            ("Quota", Phase::Stuck)
        );
        assert_eq!(with(json!([])).phase, Phase::Working);
    }

    #[test]
    fn a_deployment_is_done_when_all_its_pods_are_ready() {
        let with = |ready: i64| {
            let status = json!({"readyReplicas": ready, "observedGeneration": 1});
            let document = json!({"metadata": {"name": "w", "generation": 1},
                                  "spec": {"replicas": 2}, "status": status});
            deployment("Deployment w", &object(document)).phase
        };
        assert_eq!((with(1), with(2)), (Phase::Working, Phase::Done));
    }
}
