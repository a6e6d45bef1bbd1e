use serde_json::{Value, json};

use super::*;

fn cache(spec: &Value) -> CacheCluster {
    serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "CacheCluster",
        "metadata": {"name": "a", "namespace": "clinics"}, "spec": spec,
    }))
    .unwrap()
}

fn group(group: &Value) -> CacheCluster {
    cache(&json!({"replicationGroup": group}))
}

#[test]
fn one_form_and_for_good() {
    for (spec, wrong) in [
        (json!({"serverless": {}}), false),
        (json!({"replicationGroup": {}}), false),
        (json!({}), true),
        (json!({"serverless": {}, "replicationGroup": {}}), true),
    ] {
        let told = format!("{:?}", cache(&spec).validate_cel());
        assert_eq!(told.contains("exactly one of"), wrong, "{spec}: {told}");
    }
    let other = cache(&json!({"serverless": {}}));
    let told = group(&json!({})).validate_cel_update(&other);
    assert!(format!("{told:?}").contains("immutable"), "{told:?}");
}

#[test]
fn the_defaults_suit_a_client_that_knows_a_password_only() {
    let spec = group(&json!({})).spec.replication_group.unwrap();
    assert_eq!(spec, ReplicationGroup::default());
    assert_eq!((spec.shards, spec.version()), (1, "8.0"));
    let redis = group(&json!({"engine": "redis"})).spec.replication_group;
    assert_eq!(redis.unwrap().version(), "7.1");
}

#[test]
fn what_contradicts_itself_is_refused_with_its_remedy() {
    for (spec, wrong) in [
        (json!({"engine": "redis", "engineVersion": "7.0"}), None),
        (json!({"engineVersion": "8.1", "replicasPerShard": 2}), None),
        (
            json!({"multiAz": false, "automaticFailover": false, "replicasPerShard": 0}),
            None,
        ),
        (
            json!({"automaticFailover": false}),
            Some("set automaticFailover to true"),
        ),
        (
            json!({"replicasPerShard": 0}),
            Some("set replicasPerShard to 1"),
        ),
        (json!({"engineVersion": "7.1"}), Some("one of the engine")),
        (
            json!({"engine": "redis", "engineVersion": "8.0"}),
            Some("one of the engine"),
        ),
        (
            json!({"parameters": {"cluster-enabled": "yes"}}),
            Some("follows from replicationGroup.shards"),
        ),
    ] {
        let told = group(&spec).validate_cel();
        assert_eq!(told.is_err(), wrong.is_some(), "{spec}: {told:?}");
        assert!(
            format!("{told:?}").contains(wrong.unwrap_or_default()),
            "{told:?}"
        );
    }
    for (was, is) in [
        (json!({}), json!({"engine": "redis"})),
        (json!({}), json!({"shards": 3})),
    ] {
        let told = group(&is).validate_cel_update(&group(&was));
        assert!(format!("{told:?}").contains("immutable"), "{told:?}");
    }
}
