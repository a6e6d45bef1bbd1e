//! Simulated nodes in three zones, and the rules by which their pods live.

use std::{fs, path::Path, time::Duration};

use futures::future::try_join_all;
use k8s_openapi::{
    api::core::v1::Node,
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, Client, ResourceExt as _,
    api::{ListParams, Patch, PatchParams, PostParams},
    runtime::conditions::is_crd_established,
};
use serde_json::{Value, json};

use crate::{Error, Result, digest, loopback, objects, repository};

const STOPPED: &str = "sandbox/stopped";

/// The nodes of a simulated node group.
#[derive(Debug, Clone)]
pub struct NodeOptions {
    /// The region, for labels.
    pub region: String,
    /// The zones.
    pub zones: Vec<String>,
    /// How many nodes each zone has.
    pub per_zone: usize,
    /// How many times a node is as large as the one that EKS makes: few nodes for thousands of pods.
    pub size: u32,
    /// How long a scheduled pod takes until it is Ready. The pod's annotation
    /// `pod-ready.stage.kwok.x-k8s.io/delay` overrides it.
    pub pod_ready_after: Duration,
    /// How long a Job's pod runs until it succeeds. The pod's annotation
    /// `pod-complete.stage.kwok.x-k8s.io/delay` overrides it.
    pub job_takes: Duration,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            zones: ["a", "b", "c"]
                .map(|letter| format!("us-east-1{letter}"))
                .to_vec(),
            per_zone: 2,
            size: 1,
            pod_ready_after: Duration::from_secs(1),
            job_takes: Duration::from_secs(1),
        }
    }
}

/// Applies KWOK's own kinds and the stages of nodes and pods.
pub(super) async fn install(client: &Client, options: &NodeOptions) -> Result<()> {
    let folder = repository::control_plane().join("kwok");
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let established = yaml_files(&folder.join("crds"))?
        .into_iter()
        .map(|document| async {
            let name = objects::apply(client, None, document).await?.name_any();
            objects::wait_for(
                &definitions,
                &name,
                "established",
                Duration::from_secs(30),
                |object| {
                    kube::runtime::wait::Condition::matches_object(&is_crd_established(), object)
                },
            )
            .await
        });
    try_join_all(established).await?;
    let mut rules = yaml_files(&folder.join("stages"))?;
    rules.extend(yaml_files(&folder.join("metrics"))?);
    for rule in &mut rules {
        let delay = match rule.pointer("/metadata/name").and_then(Value::as_str) {
            Some("pod-ready") => options.pod_ready_after,
            Some("pod-complete") => options.job_takes,
            _ => continue,
        };
        if let Some(place) = rule.pointer_mut("/spec/delay/durationMilliseconds") {
            *place = json!(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        }
    }
    try_join_all(
        rules
            .into_iter()
            .map(|rule| objects::apply(client, None, rule)),
    )
    .await?;
    Ok(())
}

/// Creates the nodes.
pub(super) async fn create(client: &Client, options: &NodeOptions) -> Result<()> {
    let api: Api<Node> = Api::all(client.clone());
    let created = names(options).map(|(name, zone)| {
        let api = api.clone();
        async move {
            let node = serde_json::from_value(node(&name, zone, options))
                .map_err(|error| Error::document("a node", error))?;
            api.create(&PostParams::default(), &node)
                .await
                .map_err(Error::kubernetes(format!("create node {name}")))
        }
    });
    try_join_all(created).await?;
    Ok(())
}

/// Waits until every node is Ready.
pub(super) async fn ready(client: &Client, options: &NodeOptions, timeout: Duration) -> Result<()> {
    let api: &Api<Node> = &Api::all(client.clone());
    let all = names(options).map(|(name, _)| async move {
        objects::wait_for(api, &name, "ready", timeout, |node| {
            node.is_some_and(is_ready)
        })
        .await
    });
    try_join_all(all).await?;
    Ok(())
}

/// Whether KWOK tells metrics of nodes, given a few seconds.
pub(super) async fn measured(port: u16, options: &NodeOptions) -> bool {
    let Some((name, _)) = names(options).next() else {
        return true;
    };
    let path = format!("/metrics/nodes/{name}/metrics/resource");
    for _ in 0..20 {
        if let Ok((200, _)) = loopback::request(port, "GET", &path, None).await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    tracing::warn!(
        port,
        "KWOK tells no metrics of its nodes; it is started again"
    );
    false
}

/// Stops or starts the nodes of a zone, and waits until the API server says so.
pub(super) async fn set_stopped(client: &Client, zone: &str, stopped: bool) -> Result<()> {
    let api: Api<Node> = Api::all(client.clone());
    let selector = ListParams::default().labels(&format!("topology.kubernetes.io/zone={zone}"));
    let nodes = api
        .list(&selector)
        .await
        .map_err(Error::kubernetes("list nodes"))?;
    let label = if stopped { json!("true") } else { Value::Null };
    let patch = &Patch::Merge(json!({"metadata": {"labels": {STOPPED: label}}}));
    let what = if stopped { "stopped" } else { "started" };
    let api = &api;
    // All at once, as zones are lost.
    let all = nodes.into_iter().map(|node| async move {
        let name = node.name_any();
        api.patch(&name, &PatchParams::default(), patch)
            .await
            .map_err(Error::kubernetes(format!("patch node {name}")))?;
        objects::wait_for(api, &name, what, Duration::from_secs(30), |node| {
            node.is_some_and(|node| is_ready(node) != stopped)
        })
        .await
    });
    try_join_all(all).await?;
    Ok(())
}

fn is_ready(node: &Node) -> bool {
    let conditions = node
        .status
        .as_ref()
        .and_then(|status| status.conditions.as_deref());
    conditions
        .unwrap_or_default()
        .iter()
        .any(|c| c.type_ == "Ready" && c.status == "True")
}

fn names(options: &NodeOptions) -> impl Iterator<Item = (String, &str)> {
    options.zones.iter().enumerate().flat_map(|(column, zone)| {
        (0..options.per_zone).map(move |row| {
            (
                format!("ip-10-0-{column}-{}.ec2.internal", row + 10),
                zone.as_str(),
            )
        })
    })
}

/// A Graviton node as EKS makes it: 8 vCPU and 32 GiB, less what the system keeps.
fn node(name: &str, zone: &str, options: &NodeOptions) -> Value {
    let (region, size) = (&options.region, u64::from(options.size));
    let room = |millicores: u64, kibibytes: u64| {
        json!({
            "cpu": format!("{}m", millicores * size),
            "memory": format!("{}Ki", kibibytes * size),
            "pods": (58 * size).to_string(),
        })
    };
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/arch": "arm64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": "m7g.2xlarge",
                "topology.kubernetes.io/region": region,
                "topology.kubernetes.io/zone": zone,
            },
            "annotations": {
                "kwok.x-k8s.io/node": "fake",
                "metrics.k8s.io/resource-metrics-path":
                    format!("/metrics/nodes/{name}/metrics/resource"),
            },
        },
        "spec": {"providerID": format!("aws:///{zone}/{name}")},
        "status": {
            "capacity": room(8000, 32_386_544),
            "allocatable": room(7910, 31_482_816),
            "nodeInfo": {
                "architecture": "arm64", "operatingSystem": "linux", "kubeletVersion": "v1.35.4",
                "kubeProxyVersion": "", "osImage": "", "kernelVersion": "", "bootID": "",
                "containerRuntimeVersion": "", "machineID": "", "systemUUID": "",
            },
        },
    })
}

fn yaml_files(folder: &Path) -> Result<Vec<Value>> {
    let is_yaml = |path: &Path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    };
    let mut documents = Vec::new();
    for file in digest::files_below(folder, is_yaml)? {
        let text = fs::read_to_string(&file).map_err(Error::file(&file))?;
        let parsed: Vec<Value> = serde_saphyr::from_multiple(&text)
            .map_err(|error| Error::document(file.display().to_string(), error))?;
        documents.extend(parsed);
    }
    Ok(documents)
}
