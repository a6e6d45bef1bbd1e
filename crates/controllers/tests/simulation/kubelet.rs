//! What makes pods, Jobs, claims, Deployments and load balancers move: a kubelet and the controllers of a
//! real cluster, as far as the operator sees their work.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use emr_runtime::memory::MemoryServer;
use k8s_openapi::api::{
    apps::v1::Deployment,
    batch::v1::Job,
    core::v1::{PersistentVolumeClaim, Pod},
    networking::v1::Ingress,
};
use kube::{
    Api, Client, Resource,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::servers;

/// Holds a deleted pod until it has stopped.
const STOPPING: &str = "simulation.emrstack.dev/stopping";
/// Keeps a claim from being bound while it has this annotation.
pub(crate) const UNBOUND: &str = "simulation.emrstack.dev/unbound";
/// While a ConfigMap of this name is there, what a drill looks at is damaged, and migrations fail.
pub(crate) const DAMAGED: &str = "damaged";
/// While a ConfigMap of this name is there, a server of PostgreSQL lacks the application's database.
pub(crate) const LACKING: &str = "lacking";
/// How long things take.
const JOB: Duration = Duration::from_mins(1);
const POD: Duration = Duration::from_secs(10);
const BINDING: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_secs(5);

/// Runs for ever.
pub(crate) async fn run(server: MemoryServer) {
    let mut cluster = Cluster {
        client: server.client(),
        since: BTreeMap::new(),
    };
    let mut seen = None;
    loop {
        sleep(TICK).await;
        let writes = server.writes();
        if seen == Some(writes) && cluster.since.is_empty() {
            continue;
        }
        seen = Some(writes);
        server.collect_garbage();
        let all = server.snapshot();
        for object in &all {
            cluster.tend(object, &all).await;
        }
    }
}

struct Cluster {
    client: Client,
    /// Since when something is under way, by UID.
    since: BTreeMap<String, Instant>,
}

impl Cluster {
    async fn tend(&mut self, object: &Value, all: &[Arc<Value>]) {
        let leaving = object["metadata"]["deletionTimestamp"].is_string();
        match object["kind"].as_str() {
            Some("Pod") if leaving => self.stop(object).await,
            _ if leaving => {}
            Some("Job") => self.work(object, all).await,
            Some("Deployment") => self.deploy(object, wanted(object, all), all).await,
            Some("Ingress") => self.balance(object).await,
            Some("PersistentVolumeClaim") => self.bind(object).await,
            _ => {}
        }
    }

    /// True once `time` has passed since it was first asked for this.
    fn due(&mut self, object: &Value, time: Duration) -> bool {
        let uid = object["metadata"]["uid"].as_str().unwrap().to_owned();
        let since = *self.since.entry(uid.clone()).or_insert_with(Instant::now);
        let due = since.elapsed() >= time;
        if due {
            self.since.remove(&uid);
        }
        due
    }

    async fn stop(&mut self, object: &Value) {
        let held = object["metadata"]["finalizers"].as_array();
        if held.is_some_and(|held| !held.is_empty()) && self.due(object, POD) {
            let free = json!({"metadata": {"finalizers": null}});
            let api = self.api::<Pod>(object);
            // Somebody else may have been faster.
            let _ = api
                .patch(name(object), &PatchParams::default(), &Patch::Merge(&free))
                .await;
        }
    }

    async fn work(&mut self, object: &Value, all: &[Arc<Value>]) {
        if object["status"]["conditions"].is_array() {
            return;
        }
        self.pods(object, "batch/v1", 1).await;
        if self.due(object, JOB) {
            let (code, said) = outcome(object, all);
            let done = if code == 0 {
                json!({"status": {
                    "succeeded": 1,
                    "conditions": [{"type": "Complete", "status": "True"}],
                }})
            } else {
                let message = format!(
                    "Container check for pod a/b failed with exit code {code} matching FailJob rule"
                );
                json!({"status": {
                    "failed": 1,
                    "conditions": [{
                        "type": "Failed", "status": "True",
                        "reason": "PodFailurePolicy", "message": message,
                    }],
                }})
            };
            let ended = json!({"status": {"containerStatuses": [{
                "name": "main", "image": "a", "imageID": "a", "ready": false, "restartCount": 0,
                "state": {"terminated": {"exitCode": code, "message": said}},
            }]}});
            let api = self.api::<Pod>(object);
            let pod = format!("{}-0", name(object));
            // It may be gone meanwhile.
            let _ = api
                .patch_status(&pod, &PatchParams::default(), &Patch::Merge(&ended))
                .await;
            self.status::<Job>(object, &done).await;
        }
    }

    async fn deploy(&mut self, object: &Value, replicas: i64, all: &[Arc<Value>]) {
        let observed = &object["status"]["observedGeneration"];
        let is = &object["status"]["replicas"];
        if *observed == object["metadata"]["generation"] && *is == replicas {
            return;
        }
        let status = json!({"status": {
            "observedGeneration": object["metadata"]["generation"],
            "replicas": replicas, "updatedReplicas": replicas,
            "readyReplicas": replicas, "availableReplicas": replicas,
        }});
        self.pods(object, "apps/v1", replicas).await;
        self.replace(object, all).await;
        if replicas == 0 {
            self.drop_pods(object, all).await;
        }
        if self.due(object, POD) {
            self.status::<Deployment>(object, &status).await;
        }
    }

    async fn balance(&mut self, object: &Value) {
        if object["status"]["loadBalancer"]["ingress"].is_array() {
            return;
        }
        if self.due(object, POD) {
            let host = json!({"hostname": format!("{}.elb.amazonaws.com", name(object))});
            let status = json!({"status": {"loadBalancer": {"ingress": [host]}}});
            self.status::<Ingress>(object, &status).await;
        }
    }

    /// The annotation first, as the volume controller does.
    async fn bind(&mut self, object: &Value) {
        let held = object["metadata"]["annotations"][UNBOUND].is_string();
        if held || object["status"]["phase"] == "Bound" || !self.due(object, BINDING) {
            return;
        }
        let bound =
            json!({"metadata": {"annotations": {"pv.kubernetes.io/bind-completed": "yes"}}});
        let api = self.api::<PersistentVolumeClaim>(object);
        // It may be gone meanwhile.
        let _ = api
            .patch(name(object), &PatchParams::default(), &Patch::Merge(&bound))
            .await;
        let status = json!({"status": {"phase": "Bound"}});
        self.status::<PersistentVolumeClaim>(object, &status).await;
    }

    /// Pods 0 to `count` of the object.
    async fn pods(&self, object: &Value, api_version: &str, count: i64) {
        let meta = &object["metadata"];
        for index in 0..count {
            let mut pod = json!({
                "metadata": {
                    "name": format!("{}-{index}", name(object)),
                    "labels": object["spec"]["template"]["metadata"]["labels"],
                    "annotations": object["spec"]["template"]["metadata"]["annotations"],
                    "finalizers": [STOPPING],
                    "ownerReferences": [{
                        "apiVersion": api_version, "kind": object["kind"],
                        "name": meta["name"], "uid": meta["uid"], "controller": true,
                    }],
                },
                "spec": {"containers": [{
                    "name": "main", "image": object["spec"]["template"]["spec"]["containers"][0]["image"],
                }]},
            });
            if object["kind"] == "Job" {
                pod["metadata"]["labels"]["batch.kubernetes.io/job-name"] = meta["name"].clone();
            }
            let pod: Pod = serde_json::from_value(pod).unwrap();
            // It may be there already, or still be on its way out.
            let created = self
                .api::<Pod>(object)
                .create(&PostParams::default(), &pod)
                .await;
            if let (Ok(pod), "medplum") = (created, servers::application(object)) {
                self.address(object, &pod).await;
            }
        }
    }

    /// Gives a pod that is asked by its address one.
    async fn address(&self, object: &Value, pod: &Pod) {
        let uid = pod.metadata.uid.as_deref().unwrap_or_default();
        let status = json!({"status": {"podIP": servers::address(uid)}});
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        // It may be gone meanwhile.
        let _ = self
            .api::<Pod>(object)
            .patch_status(name, &PatchParams::default(), &Patch::Merge(&status))
            .await;
    }

    /// Pods of an older template become new ones, under their old names.
    async fn replace(&self, object: &Value, all: &[Arc<Value>]) {
        let template = &object["spec"]["template"];
        let of = &template["metadata"];
        let uid = &object["metadata"]["uid"];
        let old = all.iter().filter(|pod| {
            pod["kind"] == "Pod"
                && pod["metadata"]["ownerReferences"][0]["uid"] == *uid
                && (pod["metadata"]["annotations"] != of["annotations"]
                    || pod["metadata"]["labels"] != of["labels"])
        });
        for pod in old {
            let new = json!({
                "metadata": {"annotations": of["annotations"], "labels": of["labels"]},
                "spec": {"containers": [{
                    "name": "main", "image": template["spec"]["containers"][0]["image"],
                }]},
            });
            // It may be gone meanwhile.
            let _ = self
                .api::<Pod>(object)
                .patch(name(pod), &PatchParams::default(), &Patch::Merge(&new))
                .await;
        }
    }

    /// All pods of the object.
    async fn drop_pods(&self, object: &Value, all: &[Arc<Value>]) {
        let uid = &object["metadata"]["uid"];
        let pods = all.iter().filter(|pod| {
            pod["kind"] == "Pod" && pod["metadata"]["ownerReferences"][0]["uid"] == *uid
        });
        for pod in pods {
            // It may be gone meanwhile.
            let _ = self
                .api::<Pod>(object)
                .delete(name(pod), &DeleteParams::default())
                .await;
        }
    }

    fn api<K>(&self, object: &Value) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        let namespace = object["metadata"]["namespace"].as_str().unwrap();
        Api::namespaced(self.client.clone(), namespace)
    }

    async fn status<K>(&self, object: &Value, status: &Value)
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
            + Clone
            + serde::de::DeserializeOwned
            + std::fmt::Debug,
    {
        let patch = Patch::Merge(status);
        let api = self.api::<K>(object);
        // It may be gone meanwhile.
        let _ = api
            .patch_status(name(object), &PatchParams::default(), &patch)
            .await;
    }
}

/// How a Job's pod ends, and what it says.
fn outcome(job: &Value, all: &[Arc<Value>]) -> (i64, &'static str) {
    let is_there = |name: &str| {
        let mut maps = all.iter().filter(|object| object["kind"] == "ConfigMap");
        maps.any(|object| object["metadata"]["name"] == *name)
    };
    let damaged = is_there(DAMAGED);
    let component = &job["metadata"]["labels"]["app.kubernetes.io/component"];
    match (component.as_str(), damaged) {
        (Some("check"), true) => (
            63,
            "DocumentsDamaged: document 17 is not what was stored (of 3 documents)",
        ),
        (Some("check"), false) => (0, "412 tables, 9 rows; 2 keys; 3 of 3 documents"),
        (Some("upgrade"), true) => (
            83,
            "UpgradeIncomplete: a statement of the upgrade failed: the database is at 510",
        ),
        (Some("database"), _) if is_there(LACKING) => (
            51,
            "DatabaseMissing: what was restored holds no database medplum",
        ),
        (Some("upgrade"), false) => (0, "level 12 to 14 of 14: the database is at 523"),
        _ => (0, ""),
    }
}

/// How many pods a Deployment is to have: as many as its autoscaler wants at least, which leaves one
/// that is scaled to 0 alone.
fn wanted(deployment: &Value, all: &[Arc<Value>]) -> i64 {
    if deployment["spec"]["replicas"] == 0 {
        return 0;
    }
    let place = |object: &Value| object["metadata"]["namespace"].clone();
    let scaler = all.iter().find(|object| {
        object["kind"] == "HorizontalPodAutoscaler"
            && place(object) == place(deployment)
            && object["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    });
    let least = scaler.and_then(|scaler| scaler["spec"]["minReplicas"].as_i64());
    least
        .or_else(|| deployment["spec"]["replicas"].as_i64())
        .unwrap_or(1)
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}
