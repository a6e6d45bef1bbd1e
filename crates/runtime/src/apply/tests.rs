use serde_json::json;

use super::*;

/// A case on disk: what we want, what is there, and the paths that differ.
fn case(name: &str) -> (Value, Value, Vec<String>) {
    let path = format!("{}/src/apply/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let differs = serde_json::from_value(case["differs"].clone()).unwrap();
    (case["desired"].clone(), case["live"].clone(), differs)
}

#[test]
fn cases_on_disk() {
    for name in [
        "deployment_settled",
        "deployment_drifted",
        "network_policy",
        "service",
    ] {
        let (desired, live, differs) = case(name);
        assert_eq!(differences(&desired, &live), differs, "{name}");
    }
}

/// A live object with `data`, in which we own `fields`.
fn live(content: &Value, fields: &Value) -> Value {
    let mut live = content.clone();
    live["metadata"]["managedFields"] = json!([
        {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {"f:theirs": {}}}},
        {"manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": fields},
    ]);
    live
}

#[test]
fn small_cases() {
    let table = [
        (
            "what defaulting and others added is not ours",
            json!({"spec": {"a": 1}}),
            live(
                &json!({"spec": {"a": 1, "theirs": 2}}),
                &json!({"f:spec": {"f:a": {}}}),
            ),
            vec![],
        ),
        (
            "a field we own and dropped is removed",
            json!({"spec": {"a": 1}}),
            live(
                &json!({"spec": {"a": 1, "b": 2}}),
                &json!({"f:spec": {"f:a": {}, "f:b": {}}}),
            ),
            vec!["spec.b"],
        ),
        (
            "a value that changed",
            json!({"spec": {"a": 1}}),
            live(&json!({"spec": {"a": 2}}), &json!({"f:spec": {"f:a": {}}})),
            vec!["spec.a"],
        ),
        (
            "a zero that the server left out, and we own",
            json!({"spec": {"a": false}}),
            live(&json!({"spec": {}}), &json!({"f:spec": {"f:a": {}}})),
            vec![],
        ),
        (
            "a zero that we never said",
            json!({"spec": {"a": false}}),
            live(&json!({"spec": {"b": 1}}), &json!({"f:spec": {"f:b": {}}})),
            vec!["spec.a", "spec.b"],
        ),
        (
            "a list that is replaced at once compares whole",
            json!({"spec": {"args": ["a"]}}),
            live(
                &json!({"spec": {"args": ["a", "b"]}}),
                &json!({"f:spec": {"f:args": {}}}),
            ),
            vec!["spec.args"],
        ),
        (
            "a set may hold more",
            json!({"metadata": {"finalizers": ["a"]}}),
            live(
                &json!({"metadata": {"finalizers": ["b", "a"]}}),
                &json!({"f:metadata": {"f:finalizers": {"v:\"a\"": {}}}}),
            ),
            vec![],
        ),
        (
            "a member of a set that we dropped",
            json!({"metadata": {"finalizers": []}}),
            live(
                &json!({"metadata": {"finalizers": ["b", "a"]}}),
                &json!({"f:metadata": {"f:finalizers": {"v:\"a\"": {}}}}),
            ),
            vec!["metadata.finalizers[\"a\"]"],
        ),
    ];
    for (what, desired, live, differs) in table {
        assert_eq!(differences(&desired, &live), differs, "{what}");
    }
}

#[test]
fn what_was_never_applied_by_us_differs() {
    let object = json!({"metadata": {"name": "a"}});
    assert_eq!(differences(&object, &object), ["metadata.managedFields"]);
}

#[test]
fn intent_says_nothing_that_is_the_servers() {
    let resource = ApiResource::erase::<k8s_openapi::api::core::v1::ConfigMap>(&());
    let said = intent(
        &resource,
        json!({
            "metadata": {"name": "a", "resourceVersion": "3", "managedFields": [], "labels": null},
            "status": {"x": 1},
            "data": {"k": "v"},
        }),
    );
    let expected = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"},
    });
    assert_eq!(said, expected);
}
