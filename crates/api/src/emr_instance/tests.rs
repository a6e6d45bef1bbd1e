use super::*;

fn instance(spec: &serde_json::Value) -> EmrInstance {
    serde_json::from_value(serde_json::json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "riverside", "namespace": "clinics"}, "spec": spec
    }))
    .unwrap()
}

#[test]
fn the_shortest_manifest_parses() {
    let instance = instance(&serde_json::json!({
        "hostname": "riverside.example.org", "openemr": {"version": "8.2.0"}
    }));
    assert_eq!(instance.spec.platform_ref.name, "default");
    assert!(instance.spec.access.allowed_cidrs.is_empty());
    assert_eq!(instance.spec.deletion_policy, DeletionPolicy::Snapshot);
}

#[test]
fn an_instance_without_application_is_refused() {
    let errors = instance(&serde_json::json!({"hostname": "a.example.org"})).validate_cel();
    assert!(
        format!("{errors:?}").contains("spec.openemr is required"),
        "{errors:?}"
    );
}

#[test]
fn least_above_most_is_refused() {
    let errors = instance(&serde_json::json!({
        "hostname": "a.example.org", "openemr": {"version": "8.2.0"},
        "scaling": {"minReplicas": 5, "maxReplicas": 2}
    }))
    .validate_cel();
    assert!(format!("{errors:?}").contains("must not exceed spec.scaling.maxReplicas"));
}

#[test]
fn the_platform_can_not_be_changed() {
    let spec = |platform: &str| {
        instance(&serde_json::json!({
            "hostname": "a.example.org", "openemr": {"version": "8.2.0"},
            "platformRef": {"name": platform}
        }))
    };
    let errors = spec("b").validate_cel_update(&spec("a"));
    assert!(
        format!("{errors:?}").contains("spec.platformRef is immutable"),
        "{errors:?}"
    );
}
