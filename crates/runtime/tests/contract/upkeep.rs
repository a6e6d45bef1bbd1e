//! What this crate writes beside applies: prunes, statuses, finalizers.

use std::collections::{BTreeMap, BTreeSet};

use emr_runtime::{finalizer, prune, status};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, PostParams},
};

use super::widget::{Widget, WidgetStatus, widget};
use crate::Server;

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
