//! The driver on the API server in memory, on a virtual clock.
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "contract/widget.rs"]
#[allow(dead_code)]
mod widget;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use emr_runtime::{
    Class, Events, Key, Leadership, Metrics, Next, ReconcileError, Reconciler,
    admin::Health,
    controller::{Ended, Feed, Options, Runtime, Watched, run_kind},
    memory::MemoryServer,
    status::patch_status_if_changed,
};
use k8s_openapi::api::{core::v1::ConfigMap, events::v1::Event};
use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams},
};
use serde_json::json;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::sync::CancellationToken;
use widget::{Widget, WidgetStatus};

/// Notes every pass, and fails for widgets of size 13.
struct Noting {
    client: Client,
    passes: Mutex<Vec<(String, Instant)>>,
}

impl Reconciler for Noting {
    type Kind = Widget;

    async fn reconcile(&self, object: Arc<Widget>) -> Result<Next, ReconcileError> {
        let pass = (object.name_any(), Instant::now());
        self.passes.lock().unwrap().push(pass);
        if object.spec.size == 13 {
            return Err(ReconcileError {
                reason: "Unlucky",
                message: "13 is unlucky".into(),
                class: Class::Soon,
            });
        }
        let api: Api<Widget> = Api::namespaced(self.client.clone(), "default");
        let status = WidgetStatus {
            phase: Some("Ready".into()),
            detail: None,
        };
        patch_status_if_changed(&api, &object, &status).await?;
        Ok(Next::AwaitChange)
    }

    fn phase(&self, object: &Widget) -> Option<String> {
        object.status.as_ref()?.phase.clone()
    }
}

struct Bench {
    server: MemoryServer,
    client: Client,
    api: Api<Widget>,
    reconciler: Arc<Noting>,
    runtime: Runtime,
    wake: mpsc::UnboundedSender<Key>,
    driver: JoinHandle<Ended>,
}

fn bench() -> Bench {
    let server = MemoryServer::new(3);
    server.define(&widget::crd());
    let client = server.client();
    let reconciler = Arc::new(Noting {
        client: client.clone(),
        passes: Mutex::default(),
    });
    let runtime = Runtime {
        client: client.clone(),
        events: Events::new(client.clone(), "bench", "one"),
        metrics: Metrics::default(),
        health: Health::default(),
        leadership: Leadership::forever(),
        shutdown: CancellationToken::new(),
    };
    let (wake, wakes) = mpsc::unbounded_channel();
    let mapper = Arc::new(|object: &kube::api::PartialObjectMeta<DynamicObject>| {
        object
            .labels()
            .get("widget")
            .map(|name| Key::new("default", name))
            .into_iter()
            .collect()
    });
    let options = Options {
        seed: Some(1),
        ..Options::default()
    }
    .watching(Watched::new::<ConfigMap>(Some("widget"), mapper))
    .woken_by(UnboundedReceiverStream::new(wakes));
    let driver = tokio::spawn(run_kind(
        runtime.clone(),
        Arc::clone(&reconciler),
        Feed::default(),
        options,
    ));
    let api = Api::namespaced(client.clone(), "default");
    Bench {
        server,
        client,
        api,
        reconciler,
        runtime,
        wake,
        driver,
    }
}

impl Bench {
    async fn passes_in(&self, wait: Duration) -> usize {
        self.reconciler.passes.lock().unwrap().clear();
        sleep(wait).await;
        self.reconciler.passes.lock().unwrap().len()
    }

    async fn create(&self, name: &str, size: i32) {
        self.api
            .create(&PostParams::default(), &widget::widget(name, size))
            .await
            .unwrap();
    }
}

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn an_object_is_looked_at_once_and_settles() {
    let bench = bench();
    assert!(bench.passes_in(MINUTE).await == 0 && bench.runtime.health.ready().is_ok());
    bench.create("a", 1).await;
    assert_eq!(
        bench.passes_in(MINUTE).await,
        1,
        "our own status write wakes nobody"
    );
    let writes = bench.server.writes();
    assert_eq!(bench.passes_in(10 * MINUTE).await, 0);
    assert_eq!(bench.server.writes(), writes);
    let label = Patch::Merge(json!({"metadata": {"annotations": {"look": "now"}}}));
    bench
        .api
        .patch("a", &PatchParams::default(), &label)
        .await
        .unwrap();
    assert_eq!(bench.passes_in(MINUTE).await, 1);
    bench.wake.send(Key::new("default", "a")).unwrap();
    bench.wake.send(Key::new("default", "nobody")).unwrap();
    assert_eq!(bench.passes_in(MINUTE).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_watched_object_wakes_its_owner() {
    let bench = bench();
    bench.create("a", 1).await;
    bench.passes_in(MINUTE).await;
    let api: Api<ConfigMap> = Api::namespaced(bench.client.clone(), "default");
    let mut owned = ConfigMap::default();
    owned.metadata.name = Some("owned".to_owned());
    owned
        .labels_mut()
        .insert("widget".to_owned(), "a".to_owned());
    api.create(&PostParams::default(), &owned).await.unwrap();
    assert_eq!(bench.passes_in(MINUTE).await, 1);
    api.delete("owned", &DeleteParams::default()).await.unwrap();
    assert_eq!(bench.passes_in(MINUTE).await, 1);
    // A deletion while the watch is down is not told; the fresh list makes up for it.
    api.create(&PostParams::default(), &owned).await.unwrap();
    bench.passes_in(MINUTE).await;
    bench.server.break_watches();
    api.delete("owned", &DeleteParams::default()).await.unwrap();
    bench.server.compact();
    assert!(bench.passes_in(MINUTE).await >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_reported_once_and_retried_ever_slower() {
    let bench = bench();
    bench.create("a", 13).await;
    let early = bench.passes_in(2 * MINUTE).await;
    assert!((4..40).contains(&early), "{early}");
    let late = bench.passes_in(10 * MINUTE).await;
    assert!((10..60).contains(&late), "{late}");
    assert!(bench.runtime.metrics.reconciles("Widget", "Unlucky") > 10);
    let events: Api<Event> = Api::namespaced(bench.client.clone(), "default");
    let events = events.list(&ListParams::default()).await.unwrap();
    assert_eq!(events.items.len(), 1, "repeats are counted, not repeated");
    assert_eq!(events.items[0].reason.as_deref(), Some("Unlucky"));
    let mend = Patch::Merge(json!({"spec": {"size": 1}}));
    bench
        .api
        .patch("a", &PatchParams::default(), &mend)
        .await
        .unwrap();
    assert_eq!(
        bench.passes_in(Duration::from_secs(2)).await,
        1,
        "a correction does not wait"
    );
    assert_eq!(bench.passes_in(60 * MINUTE).await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_cannot_be_read_stops_nobody_else() {
    let bench = bench();
    let kind = ApiResource::erase::<Widget>(&());
    let raw: Api<DynamicObject> = Api::namespaced_with(bench.client.clone(), "default", &kind);
    let broken = DynamicObject::new("broken", &kind).data(json!({"spec": {"size": "large"}}));
    raw.create(&PostParams::default(), &broken).await.unwrap();
    bench.create("a", 1).await;
    assert_eq!(bench.passes_in(MINUTE).await, 1);
    let events: Api<Event> = Api::namespaced(bench.client.clone(), "default");
    let events = events.list(&ListParams::default()).await.unwrap();
    assert_eq!(events.items[0].reason.as_deref(), Some("InvalidObject"));
    let mend = Patch::Merge(json!({"spec": {"size": 2}}));
    bench
        .api
        .patch("broken", &PatchParams::default(), &mend)
        .await
        .unwrap();
    assert_eq!(
        bench.passes_in(MINUTE).await,
        1,
        "a mended object is looked at"
    );
}

#[tokio::test(start_paused = true)]
async fn a_driver_ends_with_the_process() {
    let bench = bench();
    bench.create("a", 1).await;
    bench.passes_in(MINUTE).await;
    bench.runtime.shutdown.cancel();
    assert_eq!(
        timeout(MINUTE, bench.driver).await.unwrap().unwrap(),
        Ended::Shutdown
    );
}
