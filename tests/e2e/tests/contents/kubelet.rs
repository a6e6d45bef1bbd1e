//! A node of the test's own, and its kubelet: it runs what pods say, as processes of this machine, and
//! tells the API server how they ended.

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use emr_sandbox::apply;
use k8s_openapi::api::core::v1::{Node, Pod, PodCondition};
use kube::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, ListParams, Patch, PatchParams},
};
use serde_json::json;
use tokio::{task::JoinHandle, time::sleep};

use super::{life::Host, pod::Root};

const NODE: &str = "real";
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it rests between two looks.
pub(crate) const OFTEN: Duration = Duration::from_millis(200);

/// The kubelet; it and its processes end with this value.
pub(crate) struct Kubelet {
    host: Arc<Host>,
    _turns: Running,
}

/// A task that ends with its value, and so do the processes that it started.
struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Kubelet {
    /// Registers the node and runs what is bound to it.
    pub(crate) async fn start(
        client: Client,
        folder: &Path,
        contents: &Path,
        mariadb: String,
    ) -> Self {
        let room = json!({"cpu": "64", "memory": "256Gi", "pods": "100"});
        let node = json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": NODE, "labels": {
                "kubernetes.io/arch": "arm64", "kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux",
                "topology.kubernetes.io/region": "us-east-1", "topology.kubernetes.io/zone": "us-east-1a",
            }},
        });
        apply(&client, None, node).await.unwrap();
        let ready = json!({"type": "Ready", "status": "True", "reason": "Test", "message": "",
            "lastHeartbeatTime": "2026-01-01T00:00:00Z", "lastTransitionTime": "2026-01-01T00:00:00Z"});
        let status =
            json!({"status": {"capacity": room, "allocatable": room, "conditions": [ready]}});
        let nodes = Api::<Node>::all(client.clone());
        let merge = Patch::Merge(&status);
        nodes
            .patch_status(NODE, &PatchParams::default(), &merge)
            .await
            .unwrap();
        let host = Arc::new(Host {
            client,
            folder: folder.to_owned(),
            contents: contents.to_owned(),
            mariadb,
        });
        let turns = Running(tokio::spawn(turns(Arc::clone(&host))));
        Self {
            host,
            _turns: turns,
        }
    }

    /// Runs a shell in the worker of an instance, as `kubectl exec` does, and hands back
    /// whether it ended well and what it said.
    pub(crate) async fn exec(
        &self,
        namespace: &str,
        instance: &str,
        script: &str,
    ) -> (bool, String) {
        let pod = self.worker(namespace, instance).await;
        let root = Root::at(&self.host.place(&pod, "openemr"));
        let arguments = ["sh", "-c", script].map(str::to_owned);
        let output = root.command(&arguments).output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        (output.status.success(), said)
    }

    /// A worker that serves.
    async fn worker(&self, namespace: &str, instance: &str) -> Pod {
        let workers = format!("emrstack.dev/instance={instance},app.kubernetes.io/component=app");
        let workers = ListParams::default().labels(&workers);
        let pods = Api::<Pod>::namespaced(self.host.client.clone(), namespace);
        let since = Instant::now();
        loop {
            let found = pods.list(&workers).await.unwrap();
            if let Some(pod) = found.into_iter().find(serves) {
                return pod;
            }
            assert!(since.elapsed() < PATIENCE, "{instance} has no worker");
            sleep(OFTEN).await;
        }
    }

    /// Every log of every container whose pod's name begins so, by path.
    pub(crate) fn logs(&self, pods: &str) -> String {
        let mut text = String::new();
        let mut places: Vec<_> = fs::read_dir(&self.host.folder)
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        places.sort_by_key(fs::DirEntry::file_name);
        for place in places {
            if !place.file_name().to_string_lossy().starts_with(pods) {
                continue;
            }
            for log in fs::read_dir(place.path()).into_iter().flatten().flatten() {
                if log.path().extension().is_some_and(|of| of == "log") {
                    let said = fs::read_to_string(log.path()).unwrap_or_default();
                    let _ = writeln!(text, "{}:\n{said}", log.path().display());
                }
            }
        }
        text
    }
}

/// Whether it runs, is ready and stays.
fn serves(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_ref());
    let ready = |of: &PodCondition| of.type_ == "Ready" && of.status == "True";
    pod.metadata.deletion_timestamp.is_none() && conditions.into_iter().flatten().any(ready)
}

async fn turns(host: Arc<Host>) {
    let all = Api::<Pod>::all(host.client.clone());
    let bound = ListParams::default().fields(&format!("spec.nodeName={NODE}"));
    let mut running: HashMap<String, Running> = HashMap::new();
    loop {
        // An API server that is gone is asked again.
        for pod in all.list(&bound).await.into_iter().flatten() {
            let uid = pod.uid().unwrap_or_default();
            if pod.metadata.deletion_timestamp.is_some() {
                running.remove(&uid);
                let at_once = DeleteParams::default().grace_period(0);
                let _ = host.api(&pod).delete(&pod.name_any(), &at_once).await;
            } else {
                let begin = || Running(tokio::spawn(Arc::clone(&host).live(pod)));
                running.entry(uid).or_insert_with(begin);
            }
        }
        sleep(OFTEN).await;
    }
}
