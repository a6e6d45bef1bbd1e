//! How objects go: finalizers, preconditions, namespaces, owners.

use k8s_openapi::{
    api::core::v1::{ConfigMap, Namespace},
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, Preconditions},
};
use serde_json::json;

use super::{
    objects::{code, post},
    widget::{Widget, widget},
};
use crate::Server;

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
