//! Writes pass only under the lease, and are counted.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use emr_runtime::{
    Leadership, Metrics,
    gate::gated,
    lease::{self, Config},
    memory::{Fault, MemoryServer},
    metrics,
};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api,
    api::{ListParams, PostParams},
};
use prometheus_client::registry::Registry;

fn config_map(name: &str) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.name = Some(name.to_owned());
    object
}

#[tokio::test(start_paused = true)]
async fn a_write_needs_a_lease_that_outlasts_it() {
    let server = MemoryServer::new(1);
    let config = Config::new("default", "operator", "one");
    let leadership = lease::acquire(server.client(), config).await;
    let timeout = Duration::from_secs(5);
    let client = gated(
        server.client(),
        leadership.clone(),
        Metrics::default(),
        timeout,
    );
    let api: Api<ConfigMap> = Api::namespaced(client, "default");
    api.create(&PostParams::default(), &config_map("a"))
        .await
        .unwrap();
    // With renewals failing, writes stop while the lease still holds.
    server.fail_with(|request| (request.plural == "leases").then_some(Fault::LostBefore));
    tokio::time::sleep(Duration::from_millis(9_900)).await;
    assert!(leadership.remaining() > Duration::ZERO);
    let writes = server.writes();
    let error = api
        .create(&PostParams::default(), &config_map("b"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("lease"), "{error}");
    assert_eq!(server.writes(), writes, "nothing was sent");
    assert_eq!(
        api.list(&ListParams::default()).await.unwrap().items.len(),
        1,
        "reads pass"
    );
}

#[tokio::test]
async fn writes_are_counted_and_dry_runs_are_not() {
    let server = MemoryServer::new(1);
    let metrics = Metrics::default();
    let mut registry = Registry::default();
    metrics.register(&mut registry);
    let timeout = Duration::from_secs(5);
    let client = gated(server.client(), Leadership::forever(), metrics, timeout);
    let api: Api<ConfigMap> = Api::namespaced(client, "default");
    let dry = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    api.create(&dry, &config_map("a")).await.unwrap();
    api.create(&PostParams::default(), &config_map("a"))
        .await
        .unwrap();
    let page = metrics::encode(&registry).unwrap();
    assert!(
        page.contains(r#"kube_writes_total{resource="configmaps",verb="create"} 1"#),
        "{page}"
    );
}
