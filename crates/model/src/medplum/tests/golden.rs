//! Every object of the sample, by profile, and its configuration, on disk under `snapshots/`.

use emr_api::{
    emr_instance::{Email, Smtp},
    policy::Profile,
};
use serde_json::{Value, json};

use super::{super::*, fixture};
use crate::workload::Restored;

fn whole(workload: &Workload) -> Value {
    let objects = objects(workload);
    // Script and certificates have files of their own.
    let of = |objects: &[Object]| {
        let mut all = serde_json::to_value(objects).unwrap();
        for object in all.as_array_mut().unwrap() {
            let data = object.get_mut("data").and_then(Value::as_object_mut);
            for (key, text) in data.into_iter().flatten() {
                let certificates = text.as_str().unwrap().matches("BEGIN CERTIFICATE").count();
                *text = json!(format!("{key} with {certificates} certificates"));
            }
        }
        all
    };
    json!({
        "1 surroundings": of(&objects.surroundings),
        "2 install": of(objects.install.as_slice()),
        "3 serving": of(&objects.serving),
        "4 exposure": of(&objects.exposure),
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
fn development() {
    insta::assert_yaml_snapshot!("development", whole(&fixture::sample(Profile::Development)));
}

/// The configuration as people read it: certificates by their number.
#[test]
fn configuration() {
    let mut workload = fixture::sample(Profile::Production);
    workload.config.email = Some(Email {
        from: "no-reply@riverside.example.org".into(),
        smtp: Some(Smtp {
            host: "mail.example.org".into(),
            port: 587,
            secret_name: "mail".into(),
        }),
    });
    let extra = &mut workload.config.extra;
    extra.insert("defaultFhirQuota".into(), json!(100_000));
    let files = [config::Role::Api, config::Role::Workers]
        .map(|role| config::render(&workload, role, &fixture::sensitive()));
    let [mut api, workers] = files;
    for path in [
        "/database/ssl/ca",
        "/readonlyDatabase/ssl/ca",
        "/redis/tls/ca",
    ] {
        let text = api.pointer_mut(path).unwrap();
        let certificates = text.as_str().unwrap().matches("BEGIN CERTIFICATE").count();
        *text = json!(format!("{certificates} certificates"));
    }
    let differ: Vec<_> = workers
        .as_object()
        .unwrap()
        .iter()
        .filter(|(key, _)| *key == "workers")
        .collect();
    insta::assert_yaml_snapshot!(
        "configuration",
        json!({"api.json": api, "workers.json": differ})
    );
}

/// What a fence changes: nothing goes out but to the stores, no job runs, the load balancer leads nowhere.
#[test]
fn a_fence() {
    let workload = |restored| Workload {
        restored: Some(restored),
        exposure: fixture::exposure(),
        ..fixture::sample(Profile::Production)
    };
    let named = |workload: &Workload| {
        objects(workload)
            .iter()
            .map(|object| {
                (
                    format!("{} {}", object.kind(), object.name()),
                    object.clone(),
                )
            })
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let (fenced, released) = (
        named(&workload(Restored::Fenced)),
        named(&workload(Restored::Released)),
    );
    let gone: Vec<_> = released
        .keys()
        .filter(|of| !fenced.contains_key(*of))
        .collect();
    assert_eq!(
        gone,
        [
            "Deployment riverside-medplum-workers",
            "HorizontalPodAutoscaler riverside-medplum-workers",
            "NetworkPolicy riverside-medplum-from-load-balancer",
            "NetworkPolicy riverside-medplum-from-load-balancer-web",
            "PodDisruptionBudget riverside-medplum-workers",
        ]
    );
    let differ: Vec<_> = fenced
        .iter()
        .filter(|(name, object)| released.get(*name) != Some(*object))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(differ, ["NetworkPolicy riverside-medplum-https"]);
    let file = config::render(
        &workload(Restored::Fenced),
        config::Role::Api,
        &fixture::sensitive(),
    );
    assert_eq!(file["workers"]["enabled"], json!([]));
}
