//! Server-side apply. What else this crate writes is in `upkeep`.

use std::collections::BTreeMap;

use emr_runtime::{Applied, apply, apply::owned_keys};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Secret, Service},
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};

use crate::Server;

fn deployment(place: &str, image: &str, env: &[(&str, &str)]) -> Deployment {
    let env: Vec<Value> = env
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    serde_json::from_value(json!({
        "metadata": {"name": "app", "namespace": place, "labels": {"app": "a"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "a"}},
            "template": {
                "metadata": {"labels": {"app": "a"}},
                "spec": {
                    "automountServiceAccountToken": false,
                    "containers": [{
                        "name": "app",
                        "image": image,
                        "args": ["--serve"],
                        "env": env,
                        "ports": [{"containerPort": 8443}],
                        "resources": {"requests": {"cpu": "2000m", "memory": "1024Mi"}},
                        "volumeMounts": [{"name": "work", "mountPath": "/work", "readOnly": false}],
                    }],
                    "volumes": [{"name": "work", "emptyDir": {}}],
                },
            },
        },
    }))
    .unwrap()
}

fn config_map(place: &str, data: &[(&str, &str)]) -> ConfigMap {
    let data: BTreeMap<_, _> = data
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    serde_json::from_value(
        json!({"metadata": {"name": "config", "namespace": place}, "data": data}),
    )
    .unwrap()
}

pub async fn an_apply_settles(client: Client, place: &str, _: Server) {
    let desired = deployment(place, "app:1", &[("A", "1"), ("B", "")]);
    let first = apply(&client, &desired, None).await.unwrap();
    assert!(matches!(first, Applied::Created(_)));
    let api: Api<Deployment> = Api::namespaced(client.clone(), place);
    let live = api.get("app").await.unwrap();
    let second = apply(&client, &desired, Some(&live)).await.unwrap();
    assert!(!second.wrote(), "{second:?}");
    let service: Service = serde_json::from_value(json!({
        "metadata": {"name": "app", "namespace": place},
        "spec": {"selector": {"app": "a"}, "ports": [{"name": "https", "port": 443, "targetPort": 8443}]},
    }))
    .unwrap();
    let made = apply(&client, &service, None).await.unwrap().into_object();
    assert!(!apply(&client, &service, Some(&made)).await.unwrap().wrote());
}

pub async fn what_we_drop_is_removed(client: Client, place: &str, _: Server) {
    let both = config_map(place, &[("a", "1"), ("b", "2")]);
    let made = apply(&client, &both, None).await.unwrap().into_object();
    let less = config_map(place, &[("a", "1")]);
    let Applied::Changed { object, what } = apply(&client, &less, Some(&made)).await.unwrap()
    else {
        panic!("a removal must be applied");
    };
    assert_eq!(what, ["data.b"]);
    assert_eq!(object.data, less.data);
    let desired = deployment(place, "app:1", &[("A", "1"), ("B", "2")]);
    let made = apply(&client, &desired, None).await.unwrap().into_object();
    let less = deployment(place, "app:1", &[("A", "1")]);
    let after = apply(&client, &less, Some(&made))
        .await
        .unwrap()
        .into_object();
    let env = after.spec.unwrap().template.spec.unwrap().containers[0]
        .env
        .clone();
    assert_eq!(env.unwrap_or_default().len(), 1);
}

pub async fn what_others_own_stays(client: Client, place: &str, _: Server) {
    let ours = config_map(place, &[("a", "1")]);
    apply(&client, &ours, None).await.unwrap();
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), place);
    let theirs = Patch::Merge(json!({"data": {"b": "2"}}));
    let live = api
        .patch(
            "config",
            &PatchParams {
                field_manager: Some("person".into()),
                ..PatchParams::default()
            },
            &theirs,
        )
        .await
        .unwrap();
    assert!(!apply(&client, &ours, Some(&live)).await.unwrap().wrote());
    let more = config_map(place, &[("a", "2")]);
    let after = apply(&client, &more, Some(&live))
        .await
        .unwrap()
        .into_object();
    assert_eq!(
        after.data.unwrap().into_iter().collect::<Vec<_>>(),
        [("a".into(), "2".into()), ("b".into(), "2".into())]
    );
}

pub async fn lists_merge_by_key(client: Client, place: &str, _: Server) {
    let desired = deployment(place, "app:1", &[("A", "1")]);
    apply(&client, &desired, None).await.unwrap();
    let api: Api<Deployment> = Api::namespaced(client.clone(), place);
    let sidecar = Patch::Apply(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "app"},
        "spec": {"template": {"spec": {"containers": [{"name": "mesh", "image": "mesh:3"}]}}},
    }));
    let live = api
        .patch("app", &PatchParams::apply("mesh"), &sidecar)
        .await
        .unwrap();
    assert!(!apply(&client, &desired, Some(&live)).await.unwrap().wrote());
    let newer = deployment(place, "app:2", &[("A", "1")]);
    let Applied::Changed { object, what } = apply(&client, &newer, Some(&live)).await.unwrap()
    else {
        panic!("an image must be applied");
    };
    assert_eq!(what, ["spec.template.spec.containers[app].image"]);
    let mut images: Vec<_> = object
        .spec
        .unwrap()
        .template
        .spec
        .unwrap()
        .containers
        .into_iter()
        .filter_map(|one| one.image)
        .collect();
    images.sort();
    assert_eq!(images, ["app:2", "mesh:3"]);
}

pub async fn a_forced_apply_takes_ownership(client: Client, place: &str, _: Server) {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), place);
    let theirs = config_map(place, &[("a", "theirs"), ("b", "theirs")]);
    let live = api.patch("config", &PatchParams::apply("person"), &Patch::Apply(json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}, "data": theirs.data,
    }))).await.unwrap();
    let ours = config_map(place, &[("a", "ours")]);
    let Applied::Changed { object, what } = apply(&client, &ours, Some(&live)).await.unwrap()
    else {
        panic!("what we never applied must be applied");
    };
    assert_eq!(what, ["data.a"]);
    assert_eq!(object.data.as_ref().unwrap()["a"], "ours");
    assert_eq!(object.data.as_ref().unwrap()["b"], "theirs");
    assert!(!apply(&client, &ours, Some(&object)).await.unwrap().wrote());
}

pub async fn an_unforced_apply_conflicts(client: Client, place: &str, _: Server) {
    let ours = config_map(place, &[("a", "ours")]);
    apply(&client, &ours, None).await.unwrap();
    let api: Api<ConfigMap> = Api::namespaced(client, place);
    let theirs = Patch::Apply(json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}, "data": {"a": "theirs"},
    }));
    let error = api
        .patch("config", &PatchParams::apply("person"), &theirs)
        .await
        .unwrap_err();
    assert!(matches!(error, kube::Error::Api(status) if status.code == 409));
}

pub async fn a_field_that_somebody_changed_is_put_back(client: Client, place: &str, _: Server) {
    let ours = config_map(place, &[("a", "1"), ("b", "2")]);
    apply(&client, &ours, None).await.unwrap();
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), place);
    let theirs = Patch::Merge(json!({"data": {"a": "changed", "b": null}}));
    let params = PatchParams {
        field_manager: Some("person".into()),
        ..PatchParams::default()
    };
    let live = api.patch("config", &params, &theirs).await.unwrap();
    let Applied::Changed { object, what } = apply(&client, &ours, Some(&live)).await.unwrap()
    else {
        panic!("drift must be undone");
    };
    assert_eq!(what, ["data.a", "data.b"]);
    assert_eq!(object.data, ours.data);
    assert!(!apply(&client, &ours, Some(&object)).await.unwrap().wrote());
}

pub async fn a_key_that_somebody_changed_is_ours_no_longer(client: Client, place: &str, _: Server) {
    let secret: Secret = serde_json::from_value(json!({
        "metadata": {"name": "copy", "namespace": place},
        "data": {"host": "YQ==", "password": "YQ==", "port": "YQ=="},
    }))
    .unwrap();
    apply(&client, &secret, None).await.unwrap();
    let api: Api<Secret> = Api::namespaced(client.clone(), place);
    let ours = async || {
        let live = api.get_metadata("copy").await.unwrap();
        Vec::from_iter(owned_keys(&live.metadata, "data"))
    };
    assert_eq!(ours().await, ["host", "password", "port"]);
    let params = PatchParams {
        field_manager: Some("person".into()),
        ..PatchParams::default()
    };
    let theirs =
        json!({"data": {"host": "YQ==", "more": "YQ==", "password": "Yg==", "port": null}});
    api.patch("copy", &params, &Patch::Merge(&theirs))
        .await
        .unwrap();
    assert_eq!(ours().await, ["host"], "the same value is no change");
    apply(&client, &secret, None).await.unwrap();
    assert_eq!(ours().await, ["host", "password", "port"]);
}
