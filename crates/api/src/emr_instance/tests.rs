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
        format!("{errors:?}").contains("exactly one of spec.openemr and spec.medplum"),
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
fn what_it_is_made_from_is_one_thing_and_stays() {
    let spec = |source: serde_json::Value| {
        instance(&serde_json::json!({
            "hostname": "a.example.org", "openemr": {"version": "8.2.0"}, "restoreFrom": source
        }))
    };
    let snapshot = "arn:aws:rds:us-east-1:111122223333:cluster-snapshot:s";
    let both = spec(serde_json::json!({"backup": "a", "snapshotArn": snapshot})).validate_cel();
    assert!(format!("{both:?}").contains("exactly one of backup, pointInTime"));
    let point = "arn:aws:backup:us-east-1:111122223333:recovery-point:p";
    let half = spec(serde_json::json!({"backup": "a", "recoveryPointArn": point})).validate_cel();
    assert!(format!("{half:?}").contains("belongs to snapshotArn"));
    let moment =
        |of: serde_json::Value| spec(serde_json::json!({"pointInTime": of})).validate_cel();
    let time = "2026-11-23T14:05:00Z";
    assert!(moment(serde_json::json!({"instance": "a", "time": time})).is_ok());
    let whose = moment(serde_json::json!({"time": time}));
    assert!(format!("{whose:?}").contains("pointInTime.instance is required"));
    let drill = spec(serde_json::json!({"backup": "a", "purpose": "Drill"})).validate_cel();
    assert!(format!("{drill:?}").contains("asks for deletionPolicy Delete"));
    let one = spec(serde_json::json!({"backup": "a"}));
    assert!(one.validate_cel().is_ok());
    let plain = instance(&serde_json::json!({
        "hostname": "a.example.org", "openemr": {"version": "8.2.0"}
    }));
    for (new, old) in [(&one, &plain), (&plain, &one)] {
        let errors = new.validate_cel_update(old);
        assert!(format!("{errors:?}").contains("spec.restoreFrom is immutable"));
    }
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
