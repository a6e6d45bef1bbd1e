//! The control plane as tests use it: scheduling, Jobs, the HPA, zones that stop, nothing left over.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

mod sandbox;
mod warden;

use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use emr_sandbox::{Binaries, ControlPlane, ControlPlaneOptions, apply_file, apply_yaml, wait_for};
use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    batch::v1::Job,
    core::v1::{Namespace, Node, Pod},
};
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::json;

const MINUTE: Duration = Duration::from_mins(1);

/// One control plane, several tests in namespaces of their own, side by side.
#[tokio::test(flavor = "multi_thread")]
async fn a_control_plane_runs_what_clinics_run() {
    let binaries = Binaries::ensure(&|line| println!("{line}")).unwrap();
    let plane = ControlPlane::start(&binaries, &ControlPlaneOptions::default())
        .await
        .unwrap();
    let client = plane.client();

    let version = Command::new(binaries.program("kubectl"))
        .args(["version", "--output=json", "--kubeconfig"])
        .arg(plane.kubeconfig())
        .output()
        .unwrap();
    let version: serde_json::Value = serde_json::from_slice(&version.stdout).unwrap();
    assert_eq!(version["serverVersion"]["gitVersion"], "v1.35.4");
    assert_eq!(version["clientVersion"]["minor"], "35");

    tokio::join!(
        timed("jobs", jobs_complete_or_fail(&client)),
        timed("zones", replicas_spread_over_zones(&plane, &client)),
        timed("hpa", the_hpa_follows_the_load(&plane, &client)),
        timed("changes", changes_are_recorded(&plane, &client)),
    );

    timed(
        "away",
        Box::pin(the_api_server_can_be_away(&plane, &client)),
    )
    .await;

    let mut pids: Vec<_> = plane.processes().map(|(_, pid)| pid).collect();
    assert_eq!(
        pids.len(),
        6,
        "etcd, API server, manager, scheduler, KWOK, metrics-server"
    );
    let state = plane.state_dir().to_path_buf();
    drop(plane);
    pids.retain(|pid| Path::new(&format!("/proc/{pid}")).exists());
    assert!(pids.is_empty(), "still there: {pids:?}");
    assert!(!state.exists());
}

/// Says how long a part took: the suite has a budget.
async fn timed(what: &str, part: impl Future<Output = ()>) {
    let begun = Instant::now();
    part.await;
    println!("{what}: {:.1} s", begun.elapsed().as_secs_f64());
}

async fn namespace(client: &Client, name: &str) {
    let document = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    emr_sandbox::apply(client, None, document).await.unwrap();
    // Pods are refused until the namespace has its default ServiceAccount.
    let accounts: Api<k8s_openapi::api::core::v1::ServiceAccount> =
        Api::namespaced(client.clone(), name);
    wait_for(&accounts, "default", "exists", MINUTE, |account| {
        account.is_some()
    })
    .await
    .unwrap();
}

async fn namespaces(client: &Client) -> kube::Result<Vec<String>> {
    let all = Api::<Namespace>::all(client.clone());
    let all = all.list(&ListParams::default()).await?;
    Ok(all.iter().map(ResourceExt::name_any).collect())
}

/// It is killed and started again, and has everything that it had.
async fn the_api_server_can_be_away(plane: &ControlPlane, client: &Client) {
    let before = namespaces(client).await.unwrap();
    plane.stop_api_server();
    assert!(namespaces(client).await.is_err());
    plane.start_api_server().await.unwrap();
    assert_eq!(namespaces(client).await.unwrap(), before);
    // Those who watched it watch it again: a pod is scheduled and runs.
    apply_file(client, Some("jobs"), &fixture("spread.yaml"))
        .await
        .unwrap();
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "jobs");
    wait_for(&deployments, "web", "available", MINUTE, available(3))
        .await
        .unwrap();
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

async fn jobs_complete_or_fail(client: &Client) {
    namespace(client, "jobs").await;
    apply_file(client, Some("jobs"), &fixture("jobs.yaml"))
        .await
        .unwrap();
    let jobs: Api<Job> = Api::namespaced(client.clone(), "jobs");
    for (name, condition) in [("completes", "Complete"), ("fails", "Failed")] {
        wait_for(&jobs, name, condition, MINUTE, |job| {
            job.and_then(|job| job.status.as_ref()?.conditions.as_ref())
                .is_some_and(|conditions| {
                    conditions
                        .iter()
                        .any(|c| c.type_ == condition && c.status == "True")
                })
        })
        .await
        .unwrap();
    }
}

fn available(wanted: i32) -> impl Fn(Option<&Deployment>) -> bool {
    move |deployment| deployment.and_then(|d| d.status.as_ref()?.available_replicas) == Some(wanted)
}

async fn replicas_spread_over_zones(plane: &ControlPlane, client: &Client) {
    namespace(client, "zones").await;
    apply_file(client, Some("zones"), &fixture("spread.yaml"))
        .await
        .unwrap();
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "zones");
    wait_for(&deployments, "web", "available", MINUTE, available(3))
        .await
        .unwrap();
    assert_eq!(zones_of_pods(client, "zones").await.len(), 3);

    let lost = &plane.zones()[2];
    plane.stop_zone(lost).await.unwrap();
    wait_for(&deployments, "web", "short of a pod", MINUTE, available(2))
        .await
        .unwrap();
    wait_for(
        &deployments,
        "web",
        "available in two zones",
        MINUTE,
        available(3),
    )
    .await
    .unwrap();
    assert!(!zones_of_pods(client, "zones").await.contains(lost));
    plane.start_zone(lost).await.unwrap();
}

async fn zones_of_pods(client: &Client, namespace: &str) -> BTreeSet<String> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let nodes: Api<Node> = Api::all(client.clone());
    let mut zones = BTreeSet::new();
    for pod in pods.list(&ListParams::default()).await.unwrap() {
        let node = nodes
            .get(pod.spec.unwrap().node_name.as_deref().unwrap())
            .await
            .unwrap();
        zones.insert(node.labels()["topology.kubernetes.io/zone"].clone());
    }
    zones
}

async fn the_hpa_follows_the_load(plane: &ControlPlane, client: &Client) {
    namespace(client, "load").await;
    apply_file(client, Some("load"), &fixture("autoscaled.yaml"))
        .await
        .unwrap();
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "load");
    wait_for(&deployments, "web", "available", MINUTE, available(2))
        .await
        .unwrap();
    plane.metrics_ready(MINUTE).await.unwrap();
    let scalers: Api<HorizontalPodAutoscaler> = Api::namespaced(client.clone(), "load");
    let desired = |wanted: fn(i32) -> bool| {
        move |scaler: Option<&HorizontalPodAutoscaler>| {
            scaler
                .and_then(|s| Some(s.status.as_ref()?.desired_replicas))
                .is_some_and(wanted)
        }
    };

    // Pods that come later carry no load.
    set_load(client, "800m").await;
    wait_for(&scalers, "web", "scaled up", 2 * MINUTE, desired(|n| n > 2))
        .await
        .unwrap();
    set_load(client, "10m").await;
    wait_for(
        &scalers,
        "web",
        "scaled down",
        2 * MINUTE,
        desired(|n| n == 2),
    )
    .await
    .unwrap();
}

async fn set_load(client: &Client, cpu: &str) {
    let pods: Api<Pod> = Api::namespaced(client.clone(), "load");
    let load = Patch::Merge(json!({"metadata": {"annotations": {"kwok.x-k8s.io/usage-cpu": cpu}}}));
    for pod in pods.list(&ListParams::default()).await.unwrap() {
        pods.patch(&pod.name_any(), &PatchParams::default(), &load)
            .await
            .unwrap();
    }
}

async fn changes_are_recorded(plane: &ControlPlane, client: &Client) {
    let (_, before) = plane.mutations(0).unwrap();
    let text = "{apiVersion: v1, kind: Namespace, metadata: {name: recorded}}";
    apply_yaml(client, None, text).await.unwrap();
    let (mutations, _) = plane.mutations(before).unwrap();
    let found = mutations.iter().find(|m| m.name == "recorded").unwrap();
    assert_eq!(
        (found.user.as_str(), found.verb.as_str()),
        ("admin", "patch")
    );
    assert_eq!((found.resource.as_str(), found.code), ("namespaces", 201));
    let namespaces: Api<Namespace> = Api::all(client.clone());
    assert_eq!(
        namespaces.get("recorded").await.unwrap().name_any(),
        "recorded"
    );
}
