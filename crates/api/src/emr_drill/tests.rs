use serde_json::{Value, json};

use super::*;

fn drill(fields: &Value) -> EmrDrill {
    let mut drill = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrDrill",
        "metadata": {"name": "monthly", "namespace": "clinics"}, "spec": fields,
    });
    drill["spec"]["instanceRef"] = json!({"name": "riverside"});
    serde_json::from_value(drill).unwrap()
}

#[test]
fn a_drill_is_held_once() {
    let before = drill(&json!({}));
    assert!(before.validate_cel_update(&before).is_ok());
    let told = drill(&json!({"timeLimit": "1h"})).validate_cel_update(&before);
    assert!(
        format!("{told:?}").contains("make another EmrDrill"),
        "{told:?}"
    );
}

#[test]
fn the_limit_leaves_time_for_a_restore() {
    for (limit, fits) in [("10m", true), ("9m", false), ("72h", true), ("73h", false)] {
        let told = drill(&json!({"timeLimit": limit})).validate_cel();
        assert_eq!(told.is_ok(), fits, "{limit}: {told:?}");
    }
}
