//! Every object of the sample, by profile, on disk under `snapshots/`.

use emr_api::policy::Profile;
use serde_json::{Value, json};

use super::{super::*, fixture};

/// The objects as people read them: certificates and scripts, which have files of their own, by
/// name.
fn readable(objects: &[Object]) -> Value {
    let one = |object: &Object| {
        let mut value = serde_json::to_value(object).unwrap();
        if let Some(data) = value.get_mut("data").and_then(Value::as_object_mut) {
            for (key, text) in data.iter_mut().filter(|(key, _)| *key != "apache.conf") {
                let certificates = text.as_str().unwrap().matches("BEGIN CERTIFICATE").count();
                *text = json!(format!("{key} with {certificates} certificates"));
            }
        }
        if let Some(hash) =
            value.pointer_mut("/spec/template/metadata/annotations/emrstack.dev~1config-hash")
        {
            *hash = json!("HASH");
        }
        value
    };
    objects.iter().map(one).collect()
}

fn whole(workload: &Workload) -> Value {
    let objects = objects(workload);
    json!({
        "1 storage": readable(&objects.storage),
        "2 install": readable(&objects.install),
        "3 serving": readable(&objects.serving),
        "4 exposure": readable(&objects.exposure),
    })
}

#[test]
fn production() {
    let workload = Workload {
        exposure: fixture::exposure(),
        ..fixture::sample(Profile::Production)
    };
    insta::assert_yaml_snapshot!("production_exposed", whole(&workload));
}

#[test]
fn staging() {
    insta::assert_yaml_snapshot!("staging", whole(&fixture::sample(Profile::Staging)));
}

#[test]
fn development() {
    insta::assert_yaml_snapshot!("development", whole(&fixture::sample(Profile::Development)));
}

#[test]
fn network_policies() {
    let workload = Workload {
        exposure: fixture::exposure(),
        ..fixture::sample(Profile::Production)
    };
    let policies: Vec<_> = objects(&workload)
        .iter()
        .filter(|o| o.kind() == "NetworkPolicy")
        .cloned()
        .collect();
    insta::assert_yaml_snapshot!("network_policies", readable(&policies));
}
