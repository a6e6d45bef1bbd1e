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
        (
            json!({"rdsPostgres": {}, "logExports": ["postgresql", "upgrade"]}),
            None,
        ),
        (json!({}), Some("exactly one of")),
        (
            json!({"rdsPostgres": {}, "auroraPostgresql": {}}),
            Some("exactly one of"),
        ),
        (
            json!({"rdsPostgres": {}, "logExports": ["audit"]}),
            Some("logs of the engine"),
        ),
        (
            json!({"auroraPostgresql": {}, "logExports": ["upgrade"]}),
            Some("logs of the engine"),
        ),
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
    let engines = ["auroraMysql", "auroraPostgresql", "rdsPostgres"];
    for (before, after) in engines.iter().zip(engines.iter().cycle().skip(1)) {
        let (before, after) = (json!({ *before: {} }), json!({ *after: {} }));
        let told = database(&after).validate_cel_update(&database(&before));
        assert!(
            format!("{told:?}").contains("the engine is immutable"),
            "{told:?}"
        );
    }
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

#[test]
fn storage_grows_within_what_aws_takes() {
    let with = |storage: Value| database(&json!({"rdsPostgres": {"storage": storage}}));
    for (storage, wrong) in [
        (json!({}), None),
        (json!({"allocatedGb": 100, "maxAllocatedGb": 110}), None),
        (
            json!({"allocatedGb": 100, "maxAllocatedGb": 109}),
            Some("by a tenth"),
        ),
        (
            json!({"allocatedGb": 400, "iops": 20000, "throughput": 1000}),
            None,
        ),
        (
            json!({"allocatedGb": 399, "throughput": 1000}),
            Some("from 400 GiB on"),
        ),
    ] {
        let told = with(storage.clone()).validate_cel();
        assert_eq!(told.is_err(), wrong.is_some(), "{storage}: {told:?}");
        assert!(
            format!("{told:?}").contains(wrong.unwrap_or_default()),
            "{told:?}"
        );
    }
    let (small, large) = (
        with(json!({"allocatedGb": 100})),
        with(json!({"allocatedGb": 200})),
    );
    assert!(large.validate_cel_update(&small).is_ok());
    let told = format!("{:?}", small.validate_cel_update(&large));
    assert!(told.contains("can't be made smaller"), "{told}");
    assert_eq!(small.spec.rds_postgres.unwrap().storage.greatest_gb(), 1000);
}

#[test]
fn a_source_is_of_the_engine() {
    let arn = |kind: &str| format!("arn:aws:rds:us-east-1:123456789012:{kind}:s");
    let from = |engine: &str, source: Value| {
        database(&json!({ engine: {}, "restoreFrom": source })).validate_cel()
    };
    let (aurora, rds) = ("auroraPostgresql", "rdsPostgres");
    for (source, engine, other) in [
        (json!({"snapshotArn": arn("snapshot")}), rds, aurora),
        (json!({"snapshotArn": arn("cluster-snapshot")}), aurora, rds),
        (json!({"pointInTime": {"instanceId": "emr-a"}}), rds, aurora),
        (
            json!({"pointInTime": {"resourceId": "db-ABC"}}),
            rds,
            aurora,
        ),
        (json!({"pointInTime": {"clusterId": "emr-a"}}), aurora, rds),
        (
            json!({"pointInTime": {"resourceId": "cluster-ABC"}}),
            aurora,
            rds,
        ),
    ] {
        assert!(from(engine, source.clone()).is_ok(), "{source}");
        let told = format!("{:?}", from(other, source.clone()));
        assert!(told.contains("of the engine"), "{source}: {told}");
    }
    let both = json!({"pointInTime": {"instanceId": "emr-a", "clusterId": "emr-a"}});
    let told = format!("{:?}", from(rds, both));
    assert!(told.contains("exactly one of clusterId"), "{told}");
}
