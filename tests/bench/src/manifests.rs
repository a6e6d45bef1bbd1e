//! What is created, by name.

use serde_json::{Value, json};

use crate::world::{NAMESPACE, PLATFORM};

/// A database with its writer and nothing special about it.
pub(crate) fn database(name: &str) -> Value {
    object(
        "ManagedDatabase",
        name,
        &json!({"platformRef": {"name": PLATFORM}, "auroraMysql": {"readers": 0}}),
    )
}

/// An instance of the production profile with one worker, as nothing scales here.
pub(crate) fn instance(name: &str) -> Value {
    object(
        "EmrInstance",
        name,
        &json!({
            "platformRef": {"name": PLATFORM},
            "hostname": format!("{name}.example.org"),
            "openemr": {"version": "8.2.0"},
            "scaling": {"minReplicas": 1},
        }),
    )
}

fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "emrstack.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": spec,
    })
}
