//! Server-side apply, and what this crate builds on it.

use std::collections::{BTreeMap, BTreeSet};

use emr_runtime::{Applied, apply, finalizer, prune, status};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Service},
};
use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

use super::widget::{Widget, WidgetStatus, widget};
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

pub async fn prune_deletes_what_is_ours_and_unwanted(client: Client, place: &str, _: Server) {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), place);
    let labels = BTreeMap::from([("stack".to_owned(), "a".to_owned())]);
    for (name, stack) in [("keep", "a"), ("old", "a"), ("anothers", "b")] {
        let mut object = ConfigMap::default();
        object.metadata.name = Some(name.to_owned());
        object
            .labels_mut()
            .insert("stack".to_owned(), stack.to_owned());
        api.create(&PostParams::default(), &object).await.unwrap();
    }
    let allowed = [ApiResource::erase::<ConfigMap>(&())];
    let wanted = BTreeSet::from([prune::Member {
        group: String::new(),
        kind: "ConfigMap".into(),
        name: "keep".into(),
    }]);
    let deleted = prune::prune(&client, place, &labels, &allowed, &wanted)
        .await
        .unwrap();
    let names: Vec<_> = deleted.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["old"]);
    assert!(api.get_opt("old").await.unwrap().is_none());
    assert!(api.get_opt("anothers").await.unwrap().is_some());
    assert!(
        prune::prune(&client, place, &labels, &allowed, &wanted)
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn a_status_is_written_only_if_it_differs(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let first = api
        .create(&PostParams::default(), &widget("a", 1))
        .await
        .unwrap();
    let full = WidgetStatus {
        phase: Some("Ready".into()),
        detail: Some("all".into()),
    };
    let second = status::patch_status_if_changed(&api, &first, &full)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(second.status.as_ref(), Some(&full));
    assert!(
        status::patch_status_if_changed(&api, &second, &full)
            .await
            .unwrap()
            .is_none()
    );
    let less = WidgetStatus {
        phase: Some("Ready".into()),
        detail: None,
    };
    let stale = status::patch_status_if_changed(&api, &first, &less)
        .await
        .unwrap_err();
    assert!(stale.is_conflict(), "{stale:?}");
    let third = status::patch_status_if_changed(&api, &second, &less)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(third.status, Some(less));
}

pub async fn our_finalizer_comes_and_goes(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let first = api
        .create(&PostParams::default(), &widget("a", 1))
        .await
        .unwrap();
    let name = "contract.example/ours";
    let held = finalizer::ensure(&api, &first, name)
        .await
        .unwrap()
        .unwrap();
    assert!(
        finalizer::ensure(&api, &held, name)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        finalizer::ensure(&api, &first, "contract.example/late")
            .await
            .unwrap_err()
            .is_conflict()
    );
    api.delete("a", &kube::api::DeleteParams::default())
        .await
        .unwrap();
    let leaving = api.get("a").await.unwrap();
    assert!(
        finalizer::ensure(&api, &leaving, "contract.example/late")
            .await
            .unwrap()
            .is_none()
    );
    assert!(finalizer::remove(&api, &leaving, name).await.unwrap());
    assert!(api.get_opt("a").await.unwrap().is_none());
    assert!(
        !finalizer::remove(&api, &leaving, name).await.unwrap(),
        "it is gone already"
    );
}
