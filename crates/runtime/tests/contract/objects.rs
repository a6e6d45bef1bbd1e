//! Objects, versions, finalizers, namespaces.

use k8s_openapi::{
    api::core::v1::{ConfigMap, Namespace},
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client, ResourceExt,
    api::{
        ApiResource, DeleteParams, DynamicObject, ListParams, PartialObjectMeta, Patch,
        PatchParams, PostParams, Preconditions,
    },
    core::GroupVersionKind,
};
use serde_json::json;

use super::widget::{Widget, widget};
use crate::Server;

fn code<T: std::fmt::Debug>(result: kube::Result<T>) -> (u16, String) {
    match result {
        Err(kube::Error::Api(status)) => (status.code, status.reason),
        other => panic!("an answer of the API server was expected, not {other:?}"),
    }
}

fn post() -> PostParams {
    PostParams::default()
}

pub async fn a_second_creation_is_a_conflict(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let made = api.create(&post(), &widget("a", 1)).await.unwrap();
    assert!(made.uid().is_some_and(|uid| uid.len() == 36));
    assert!(made.metadata.creation_timestamp.is_some());
    let again = code(api.create(&post(), &widget("a", 1)).await);
    assert_eq!(again, (409, "AlreadyExists".to_owned()));
}

pub async fn a_replacement_at_an_old_version_is_refused(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let first = api.create(&post(), &widget("a", 1)).await.unwrap();
    let mut changed = first.clone();
    changed.spec.size = 2;
    let second = api.replace("a", &post(), &changed).await.unwrap();
    assert_ne!(first.resource_version(), second.resource_version());
    changed.spec.size = 3;
    assert_eq!(code(api.replace("a", &post(), &changed).await).0, 409);
}

pub async fn a_merge_patch_names_the_version_it_saw(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let first = api.create(&post(), &widget("a", 1)).await.unwrap();
    let patch = |size: i32| {
        Patch::Merge(json!({
            "metadata": {"resourceVersion": first.resource_version(), "uid": first.uid()},
            "spec": {"size": size},
        }))
    };
    let params = PatchParams::default();
    let second = api.patch("a", &params, &patch(2)).await.unwrap();
    assert_eq!(second.spec.size, 2);
    assert_eq!(code(api.patch("a", &params, &patch(3)).await).0, 409);
    let other = Patch::Merge(json!({"metadata": {"uid": "another"}, "spec": {"size": 4}}));
    assert_eq!(code(api.patch("a", &params, &other).await).0, 422);
}

pub async fn the_generation_counts_the_spec_and_not_the_status(
    client: Client,
    place: &str,
    _: Server,
) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let first = api.create(&post(), &widget("a", 1)).await.unwrap();
    assert_eq!(first.metadata.generation, Some(1));
    let params = PatchParams::default();
    let status = Patch::Merge(json!({"status": {"phase": "Ready"}}));
    let second = api.patch_status("a", &params, &status).await.unwrap();
    assert_eq!(second.metadata.generation, Some(1));
    let label = Patch::Merge(json!({"metadata": {"labels": {"a": "b"}}}));
    assert_eq!(
        api.patch("a", &params, &label)
            .await
            .unwrap()
            .metadata
            .generation,
        Some(1)
    );
    let spec = Patch::Merge(json!({"spec": {"size": 2}}));
    assert_eq!(
        api.patch("a", &params, &spec)
            .await
            .unwrap()
            .metadata
            .generation,
        Some(2)
    );
}

pub async fn status_and_spec_are_written_apart(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let mut object = widget("a", 1);
    object.status = Some(super::widget::WidgetStatus {
        phase: Some("Lie".into()),
        detail: None,
    });
    let made = api.create(&post(), &object).await.unwrap();
    assert_eq!(made.status, None);
    let both = Patch::Merge(json!({"spec": {"size": 9}, "status": {"phase": "Ready"}}));
    let after = api
        .patch_status("a", &PatchParams::default(), &both)
        .await
        .unwrap();
    assert_eq!(
        (after.spec.size, after.status.unwrap().phase.as_deref()),
        (1, Some("Ready"))
    );
    let after = api
        .patch(
            "a",
            &PatchParams::default(),
            &Patch::Merge(json!({"status": {"phase": "Lie"}})),
        )
        .await
        .unwrap();
    assert_eq!(after.status.unwrap().phase.as_deref(), Some("Ready"));
}

pub async fn defaults_of_the_schema_are_filled_in(client: Client, place: &str, _: Server) {
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("contract.example", "v1", "Widget"));
    let api: Api<DynamicObject> = Api::namespaced_with(client, place, &kind);
    let object = DynamicObject::new("a", &kind).data(json!({"spec": {"size": 1}}));
    let made = api.create(&post(), &object).await.unwrap();
    assert_eq!(made.data["spec"]["colour"], "red");
}

pub async fn finalizers_hold_an_object(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let mut object = widget("a", 1);
    object.metadata.finalizers = Some(vec!["contract.example/hold".to_owned()]);
    let made = api.create(&post(), &object).await.unwrap();
    api.delete("a", &DeleteParams::default()).await.unwrap();
    let leaving = api.get("a").await.unwrap();
    assert!(leaving.metadata.deletion_timestamp.is_some());
    assert!(leaving.metadata.generation > made.metadata.generation);
    api.delete("a", &DeleteParams::default()).await.unwrap();
    let again = api.get("a").await.unwrap();
    assert_eq!(
        leaving.resource_version(),
        again.resource_version(),
        "once is enough"
    );
    let more = Patch::Merge(
        json!({"metadata": {"finalizers": ["contract.example/hold", "contract.example/more"]}}),
    );
    let refused = code(api.patch("a", &PatchParams::default(), &more).await).0;
    assert!(matches!(refused, 403 | 422), "{refused}");
    let none = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    api.patch("a", &PatchParams::default(), &none)
        .await
        .unwrap();
    assert_eq!(code(api.get("a").await).0, 404);
}

pub async fn a_deletion_checks_the_uid(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let made = api.create(&post(), &widget("a", 1)).await.unwrap();
    let with = |uid: Option<String>| DeleteParams {
        preconditions: Some(Preconditions {
            uid,
            resource_version: None,
        }),
        ..DeleteParams::default()
    };
    assert_eq!(
        code(api.delete("a", &with(Some("another".to_owned()))).await).0,
        409
    );
    api.delete("a", &with(made.uid())).await.unwrap();
    assert_eq!(code(api.get("a").await), (404, "NotFound".to_owned()));
    let reborn = api.create(&post(), &widget("a", 1)).await.unwrap();
    assert_ne!(reborn.uid(), made.uid());
}

pub async fn an_unchanged_write_makes_no_version(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let made = api.create(&post(), &widget("a", 1)).await.unwrap();
    let same = Patch::Merge(json!({"spec": {"size": 1}}));
    let after = api
        .patch("a", &PatchParams::default(), &same)
        .await
        .unwrap();
    assert_eq!(made.resource_version(), after.resource_version());
}

pub async fn lists_select_by_label(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    for (name, tier) in [("a", "x"), ("b", "y"), ("c", "x")] {
        let mut object = widget(name, 1);
        object
            .labels_mut()
            .insert("tier".to_owned(), tier.to_owned());
        api.create(&post(), &object).await.unwrap();
    }
    for (selector, expected) in [
        ("tier=x", vec!["a", "c"]),
        ("tier!=x", vec!["b"]),
        ("tier in (x, y)", vec!["a", "b", "c"]),
        ("!tier", vec![]),
    ] {
        let list = api
            .list(&ListParams::default().labels(selector))
            .await
            .unwrap();
        let names: Vec<_> = list.iter().map(ResourceExt::name_any).collect();
        assert_eq!(names, expected, "{selector}");
    }
    let list = api
        .list(&ListParams::default().fields("metadata.name=b"))
        .await
        .unwrap();
    assert_eq!(list.items.len(), 1);
}

pub async fn only_metadata_is_answered_when_asked(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client.clone(), place);
    api.create(&post(), &widget("a", 1)).await.unwrap();
    let api: Api<PartialObjectMeta<Widget>> = Api::namespaced(client, place);
    let one = api.get("a").await.unwrap();
    assert_eq!(one.types.as_ref().unwrap().kind, "PartialObjectMetadata");
    assert_eq!(
        api.list(&ListParams::default()).await.unwrap().items.len(),
        1
    );
}

pub async fn nothing_is_created_in_a_terminating_namespace(
    client: Client,
    place: &str,
    server: Server,
) {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), place);
    let mut held = ConfigMap::default();
    held.metadata.name = Some("held".to_owned());
    held.metadata.finalizers = Some(vec!["contract.example/hold".to_owned()]);
    api.create(&post(), &held).await.unwrap();
    let namespaces: Api<Namespace> = Api::all(client);
    namespaces
        .delete(place, &DeleteParams::default())
        .await
        .unwrap();
    let phase = namespaces.get(place).await.unwrap().status.unwrap().phase;
    assert_eq!(phase.as_deref(), Some("Terminating"));
    let mut late = ConfigMap::default();
    late.metadata.name = Some("late".to_owned());
    assert_eq!(
        code(api.create(&post(), &late).await),
        (403, "Forbidden".to_owned())
    );
    let missing: Api<ConfigMap> = Api::namespaced(namespaces.clone().into_client(), "never-was");
    assert_eq!(code(missing.create(&post(), &late).await).0, 404);
    if server.collects_garbage() {
        assert!(
            api.get("held")
                .await
                .unwrap()
                .metadata
                .deletion_timestamp
                .is_some()
        );
    }
    let none = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    api.patch("held", &PatchParams::default(), &none)
        .await
        .unwrap();
    if server.collects_garbage() {
        assert!(namespaces.get_opt(place).await.unwrap().is_none());
    }
}

pub async fn what_lost_its_owner_goes(client: Client, place: &str, server: Server) {
    let owners: Api<Widget> = Api::namespaced(client.clone(), place);
    let made = owners.create(&post(), &widget("owner", 1)).await.unwrap();
    let api: Api<ConfigMap> = Api::namespaced(client, place);
    let mut owned = ConfigMap::default();
    owned.metadata.name = Some("owned".to_owned());
    owned.metadata.owner_references = Some(vec![OwnerReference {
        api_version: "contract.example/v1".to_owned(),
        kind: "Widget".to_owned(),
        name: "owner".to_owned(),
        uid: made.uid().unwrap(),
        ..OwnerReference::default()
    }]);
    api.create(&post(), &owned).await.unwrap();
    if server.collects_garbage() {
        assert!(api.get_opt("owned").await.unwrap().is_some());
        owners
            .delete("owner", &DeleteParams::background())
            .await
            .unwrap();
        server.collects_garbage();
        assert!(api.get_opt("owned").await.unwrap().is_none());
    }
}

pub async fn unknown_things_are_not_found(client: Client, place: &str, _: Server) {
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("contract.example", "v1", "Nothing"));
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), place, &kind);
    assert_eq!(code(api.list(&ListParams::default()).await).0, 404);
    let api: Api<ConfigMap> = Api::namespaced(client, place);
    assert!(api.get_opt("nothing").await.unwrap().is_none());
    let patch = Patch::Merge(json!({"data": {"a": "b"}}));
    assert_eq!(
        code(api.patch("nothing", &PatchParams::default(), &patch).await).0,
        404
    );
}
