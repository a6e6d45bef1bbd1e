//! Watches.

use std::{pin::pin, time::Duration};

use futures::{StreamExt, TryStreamExt};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
    runtime::{WatchStreamExt, watcher},
};
use serde_json::json;
use tokio::time::timeout;

use super::widget::{Widget, widget};
use crate::Server;

const PATIENCE: Duration = Duration::from_secs(20);

fn told(event: &WatchEvent<Widget>) -> String {
    match event {
        WatchEvent::Added(object) => format!("added {}", object.name_any()),
        WatchEvent::Modified(object) => format!("modified {}", object.name_any()),
        WatchEvent::Deleted(object) => format!("deleted {}", object.name_any()),
        other => panic!("{other:?}"),
    }
}

async fn first(
    api: &Api<Widget>,
    params: &WatchParams,
    version: &str,
    count: usize,
) -> Vec<String> {
    let stream = api.watch(params, version).await.unwrap();
    let events = stream
        .take(count)
        .map_ok(|event| told(&event))
        .try_collect();
    timeout(PATIENCE, events).await.unwrap().unwrap()
}

pub async fn a_watch_starts_at_a_version(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    api.create(&PostParams::default(), &widget("before", 1))
        .await
        .unwrap();
    let version = api
        .list(&ListParams::default())
        .await
        .unwrap()
        .metadata
        .resource_version
        .unwrap();
    api.create(&PostParams::default(), &widget("a", 1))
        .await
        .unwrap();
    let patch = Patch::Merge(json!({"spec": {"size": 2}}));
    api.patch("a", &PatchParams::default(), &patch)
        .await
        .unwrap();
    api.delete("before", &DeleteParams::default())
        .await
        .unwrap();
    let events = first(&api, &WatchParams::default(), &version, 3).await;
    assert_eq!(events, ["added a", "modified a", "deleted before"]);
}

pub async fn a_watch_by_label_sees_objects_leave(client: Client, place: &str, _: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    let made = api
        .create(&PostParams::default(), &widget("a", 1))
        .await
        .unwrap();
    for tier in ["x", "y"] {
        let patch = Patch::Merge(json!({"metadata": {"labels": {"tier": tier}}}));
        api.patch("a", &PatchParams::default(), &patch)
            .await
            .unwrap();
    }
    let params = WatchParams::default().labels("tier=x");
    let events = first(&api, &params, &made.resource_version().unwrap(), 2).await;
    assert_eq!(events, ["added a", "deleted a"]);
}

pub async fn a_watcher_follows(client: Client, place: &str, server: Server) {
    let api: Api<Widget> = Api::namespaced(client, place);
    api.create(&PostParams::default(), &widget("a", 1))
        .await
        .unwrap();
    let stream = watcher(api.clone(), watcher::Config::default())
        .default_backoff()
        .applied_objects();
    let mut objects = pin!(stream);
    let mut next = async || loop {
        // A watch that broke is told as an error, and then followed by what it missed.
        if let Ok(object) = timeout(PATIENCE, objects.next()).await.unwrap().unwrap() {
            break object;
        }
    };
    assert_eq!(next().await.name_any(), "a");
    api.create(&PostParams::default(), &widget("b", 1))
        .await
        .unwrap();
    assert_eq!(next().await.name_any(), "b");
    if let Server::Memory(server) = server {
        server.break_watches();
        api.create(&PostParams::default(), &widget("c", 1))
            .await
            .unwrap();
        assert_eq!(next().await.name_any(), "c");
        server.break_watches();
        api.delete("a", &DeleteParams::default()).await.unwrap();
        server.compact();
        let mut names = vec![next().await.name_any(), next().await.name_any()];
        names.sort();
        assert_eq!(
            names,
            ["b", "c"],
            "the history is gone, so the list comes again"
        );
    }
}
