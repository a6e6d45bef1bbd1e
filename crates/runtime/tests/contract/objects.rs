//! Objects, versions, lists. How they go is in `lifetimes`.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, ResourceExt,
    api::{
        ApiResource, DynamicObject, ListParams, PartialObjectMeta, Patch, PatchParams, PostParams,
    },
    core::GroupVersionKind,
};
use serde_json::json;

use super::widget::{Widget, widget};
use crate::Server;

pub(super) fn code<T: std::fmt::Debug>(result: kube::Result<T>) -> (u16, String) {
    match result {
        Err(kube::Error::Api(status)) => (status.code, status.reason),
        other => panic!("an answer of the API server was expected, not {other:?}"),
    }
}

pub(super) fn post() -> PostParams {
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
