use serde_json::{Value, json};

use super::*;

fn database(spec: &Value) -> ManagedDatabase {
    serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "ManagedDatabase",
        "metadata": {"name": "a", "namespace": "clinics"}, "spec": spec,
    }))
    .unwrap()
}

#[test]
fn one_engine_with_its_own_logs_and_for_good() {
    for (spec, wrong) in [
        (json!({"auroraPostgresql": {}}), None),
        (
            json!({"auroraPostgresql": {}, "logExports": ["postgresql"]}),
            None,
        ),
        (
            json!({"auroraMysql": {}, "logExports": ["audit", "error"]}),
            None,
        ),
        (json!({}), Some("exactly one of")),
        (
            json!({"auroraMysql": {}, "auroraPostgresql": {}}),
            Some("exactly one of"),
        ),
        (
            json!({"auroraPostgresql": {}, "logExports": ["audit"]}),
            Some("logs of the engine"),
        ),
        (
            json!({"auroraMysql": {}, "logExports": ["postgresql"]}),
            Some("logs of the engine"),
        ),
    ] {
        let told = database(&spec).validate_cel();
        assert_eq!(told.is_err(), wrong.is_some(), "{spec}: {told:?}");
        assert!(
            format!("{told:?}").contains(wrong.unwrap_or_default()),
            "{told:?}"
        );
    }
    let (mysql, postgresql) = (json!({"auroraMysql": {}}), json!({"auroraPostgresql": {}}));
    let told = database(&postgresql).validate_cel_update(&database(&mysql));
    assert!(
        format!("{told:?}").contains("the engine is immutable"),
        "{told:?}"
    );
}

#[test]
fn what_postgresql_logs_holds_no_patient() {
    let with = |parameters: Value| {
        let spec = json!({"auroraPostgresql": {"parameters": parameters}});
        database(&spec).validate_cel()
    };
    assert!(with(json!({"log_statement": "ddl", "work_mem": "65536"})).is_ok());
    assert!(with(json!({"log_statement": "all"})).is_err());
    assert!(with(json!({"rds.force_ssl": "0"})).is_err());
}
