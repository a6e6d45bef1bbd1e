//! Reads the sample and everything that belongs to it.

use std::collections::BTreeMap;

use kube::{
    Api, Client, ResourceExt as _,
    api::{DynamicObject, ListParams},
};
use serde_json::Value;

use super::{
    kinds::{CHILDREN, INSTANCE, Kind, NODE, OBJECTS, PLATFORM, POD, Show},
    states,
    tree::{Node, Phase},
};

const INSTANCE_LABEL: &str = "emrstack.dev/instance";
const ZONE_LABEL: &str = "topology.kubernetes.io/zone";

/// The sample's names.
pub(super) struct Names {
    pub(super) platform: String,
    pub(super) namespace: String,
    pub(super) instance: String,
}

/// Everything as it is now.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) nodes: Vec<Node>,
    pub(super) ready: bool,
    /// What the instance waits for, in its own words.
    pub(super) waits_for: String,
    /// What each of the project's objects that is not ready says.
    pub(super) messages: Vec<String>,
}

/// Reads everything once.
pub(super) async fn gather(client: &Client, names: &Names) -> Result<Seen, kube::Error> {
    let mut seen = Seen::default();
    let platforms: Api<DynamicObject> = Api::all_with(client.clone(), &PLATFORM.resource());
    if let Some(platform) = platforms.get_opt(&names.platform).await? {
        seen.messages.extend(message(&PLATFORM, &platform));
        seen.nodes.push(states::resource(PLATFORM.name, &platform));
    }
    let Some(instance) = api(client, names, &INSTANCE)
        .get_opt(&names.instance)
        .await?
    else {
        return Ok(seen);
    };
    let mut node = states::resource(INSTANCE.name, &instance);
    seen.ready = node.phase == Phase::Done && is_current(&instance);
    let told = message(&INSTANCE, &instance);
    seen.waits_for = told.clone().unwrap_or_default();
    seen.messages.extend(told);

    let params = ListParams::default().labels(&format!("{INSTANCE_LABEL}={}", names.instance));
    for kind in &CHILDREN {
        for child in api(client, names, kind).list(&params).await? {
            seen.messages.extend(message(kind, &child));
            node.children.push(states::resource(kind.name, &child));
        }
    }
    for kind in &OBJECTS {
        let objects = api(client, names, kind).list(&params).await?.items;
        node.children.extend(shown(kind, &objects));
    }
    let is_deployment = |node: &&mut Node| node.name.starts_with("Deployment ");
    if let Some(deployment) = node.children.iter_mut().find(is_deployment) {
        deployment.children = zones(client, names, &params).await?;
    }
    seen.nodes.push(node);
    Ok(seen)
}

fn api(client: &Client, names: &Names, kind: &Kind) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), &names.namespace, &kind.resource())
}

fn shown(kind: &Kind, objects: &[DynamicObject]) -> Vec<Node> {
    match kind.show {
        Show::Each(state) => objects
            .iter()
            .map(|object| state(&format!("{} {}", kind.name, object.name_any()), object))
            .collect(),
        Show::Number if objects.is_empty() => Vec::new(),
        Show::Number => {
            let state = format!("{} in place", objects.len());
            vec![Node::new(kind.name, state, Phase::Done)]
        }
    }
}

/// Whether status speaks of the spec as it is now.
fn is_current(object: &DynamicObject) -> bool {
    let observed = object.data.pointer("/status/observedGeneration");
    observed.and_then(Value::as_i64) == object.metadata.generation
}

fn message(kind: &Kind, object: &DynamicObject) -> Option<String> {
    let ready = states::condition(object, "Ready");
    if ready.is_some_and(|ready| ready["status"] == "True") {
        return None;
    }
    let said = ready.and_then(|ready| ready["message"].as_str());
    let said = said.unwrap_or("nobody has looked at it yet");
    Some(format!("{} {}: {said}", kind.name, object.name_any()))
}

/// The serving pods of each zone.
async fn zones(
    client: &Client,
    names: &Names,
    params: &ListParams,
) -> Result<Vec<Node>, kube::Error> {
    let nodes: Api<DynamicObject> = Api::all_with(client.clone(), &NODE.resource());
    let mut zone_of = BTreeMap::new();
    for node in nodes.list(&ListParams::default()).await? {
        let zone = node.labels().get(ZONE_LABEL).cloned().unwrap_or_default();
        zone_of.insert(node.name_any(), zone);
    }
    let mut zones: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for pod in api(client, names, &POD).list(params).await? {
        let of_job = pod
            .owner_references()
            .iter()
            .any(|owner| owner.kind == "Job");
        let node = pod.data.pointer("/spec/nodeName").and_then(Value::as_str);
        let zone = node.and_then(|node| zone_of.get(node));
        let Some(zone) = zone.filter(|_| !of_job) else {
            continue;
        };
        let ready = states::condition(&pod, "Ready");
        let ready = ready.is_some_and(|ready| ready["status"] == "True");
        let count = zones.entry(zone.clone()).or_default();
        *count = (count.0 + usize::from(ready), count.1 + 1);
    }
    let node = |(zone, (ready, all)): (String, (usize, usize))| {
        let phase = if ready == all {
            Phase::Done
        } else {
            Phase::Working
        };
        Node::new(zone, format!("{ready} of {all} pods ready"), phase)
    };
    Ok(zones.into_iter().map(node).collect())
}
