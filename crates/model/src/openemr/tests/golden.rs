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
    let mut install = objects.surroundings.clone();
    install.extend(objects.restore.clone());
    install.extend(objects.install.clone());
    json!({
        "1 storage": readable(&objects.storage),
        "2 install": readable(&install),
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

/// The Job that brings restored files into place, and what a fence changes.
#[test]
fn restored() {
    let sample = |restored| Workload {
        restored: Some(restored),
        secrets: Secrets {
            admin: None,
            ..fixture::sample(Profile::Staging).secrets
        },
        ..fixture::sample(Profile::Staging)
    };
    let fenced = objects(&sample(Restored::Fenced));
    let root: Vec<_> = fenced
        .storage
        .iter()
        .filter(|object| object.name().contains("-root-"))
        .cloned()
        .collect();
    let restore = [root.as_slice(), fenced.restore.as_slice()].concat();
    insta::assert_yaml_snapshot!("restored", readable(&restore));

    let released = objects(&sample(Restored::Released));
    let differ: Vec<_> = fenced
        .iter()
        .zip(released.iter())
        .filter(|(one, other)| one != other)
        .map(|(one, _)| one.name().to_owned())
        .collect();
    assert_eq!(
        differ,
        [
            "riverside-openemr-config",
            "riverside-openemr-https",
            "riverside-openemr"
        ],
        "what Apache answers, whom pods may talk to, and the pods, which take it up"
    );
}
