//! The life of a pod on a node of the test's own: its containers, one after the other, and what the API
//! server is told of them.

use std::{
    fs::{self, File},
    path::PathBuf,
    sync::Arc,
};

use k8s_openapi::api::core::v1::{Container, Pod, Probe};
use kube::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::{
    process::{Child, Command},
    time::sleep,
};

use super::{kubelet::OFTEN, pod::Root, volumes::Cluster};

/// Where pods live.
pub(crate) struct Host {
    /// The API server.
    pub(crate) client: Client,
    /// Where pods have their roots and logs.
    pub(crate) folder: PathBuf,
    /// What the stand-in's file systems hold.
    pub(crate) contents: PathBuf,
    /// The image's `mariadb`.
    pub(crate) mariadb: String,
}

impl Host {
    /// Pods of this pod's namespace.
    pub(crate) fn api(&self, pod: &Pod) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &pod.namespace().unwrap_or_default())
    }

    /// Where a container has its root.
    pub(crate) fn place(&self, pod: &Pod, container: &str) -> PathBuf {
        self.folder.join(pod.name_any()).join(container)
    }

    /// One container after the other, and how they ended.
    pub(crate) async fn live(self: Arc<Self>, pod: Pod) {
        let spec = pod.spec.clone().unwrap_or_default();
        let once = spec.restart_policy.as_deref() == Some("Never");
        let mut ended = Vec::new();
        for container in spec.init_containers.iter().flatten() {
            let code = loop {
                let code = self.run_to_its_end(&pod, container).await;
                if code == 0 || once {
                    break code;
                }
                sleep(OFTEN).await;
            };
            ended.push(self.ended(&pod, container, code));
            if code != 0 {
                let status = json!({"phase": "Failed", "initContainerStatuses": ended});
                return self.tell(&pod, status).await;
            }
        }
        let container = &spec.containers[0];
        if once {
            let code = self.run_to_its_end(&pod, container).await;
            let phase = if code == 0 { "Succeeded" } else { "Failed" };
            let last = [self.ended(&pod, container, code)];
            let status =
                json!({"phase": phase, "initContainerStatuses": ended, "containerStatuses": last});
            return self.tell(&pod, status).await;
        }
        let (root, mut command) = self.prepare(&pod, container).await;
        let mut worker = command.spawn().unwrap();
        self.answers(&root, container.startup_probe.as_ref(), &mut worker)
            .await;
        self.answers(&root, container.readiness_probe.as_ref(), &mut worker)
            .await;
        let ready = ["Initialized", "ContainersReady", "Ready"];
        let status = json!({
            "phase": "Running",
            "conditions": ready.map(|kind| json!({"type": kind, "status": "True"})),
            "initContainerStatuses": ended,
            "containerStatuses": [status(container, true, &json!({"running": {}}))],
        });
        self.tell(&pod, status).await;
        let code = worker.wait().await;
        eprintln!("the worker {} ended: {code:?}", pod.name_any());
    }

    /// Until a probe says yes.
    async fn answers(&self, root: &Root, probe: Option<&Probe>, worker: &mut Child) {
        let exec = probe.and_then(|probe| probe.exec.as_ref());
        let command = exec
            .and_then(|exec| exec.command.clone())
            .expect("a probe by exec");
        while !root
            .command(&command)
            .output()
            .await
            .unwrap()
            .status
            .success()
        {
            assert!(worker.try_wait().unwrap().is_none(), "the worker ended");
            sleep(OFTEN).await;
        }
    }

    async fn run_to_its_end(&self, pod: &Pod, container: &Container) -> i32 {
        let (_, mut command) = self.prepare(pod, container).await;
        command.status().await.unwrap().code().unwrap_or(137)
    }

    /// A new root with its mounts, and the container's command in it; what it needs may come later.
    async fn prepare(&self, pod: &Pod, container: &Container) -> (Root, Command) {
        loop {
            match self.try_to_prepare(pod, container).await {
                Ok(prepared) => return prepared,
                Err(error) => eprintln!("pod {} can't start: {error}", pod.name_any()),
            }
            sleep(OFTEN).await;
        }
    }

    async fn try_to_prepare(
        &self,
        pod: &Pod,
        container: &Container,
    ) -> Result<(Root, Command), kube::Error> {
        let place = self.place(pod, &container.name);
        let _ = fs::remove_dir_all(&place);
        let root = Root::new(&place, &self.mariadb);
        let cluster = Cluster {
            client: &self.client,
            contents: &self.contents,
            namespace: pod.namespace().unwrap_or_default(),
        };
        cluster.mount(pod, container, &root).await?;
        let mut command = root.command(container.command.as_deref().unwrap_or_default());
        command.envs(cluster.environment(container).await?);
        let log = File::options()
            .create(true)
            .append(true)
            .open(place.with_extension("log"))
            .unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log);
        Ok((root, command))
    }

    fn ended(&self, pod: &Pod, container: &Container, code: i32) -> Value {
        let said = Root::at(&self.place(pod, &container.name)).last_words();
        let state = json!({"terminated": {"exitCode": code, "message": said}});
        status(container, false, &state)
    }

    async fn tell(&self, pod: &Pod, status: Value) {
        let patch = Patch::Strategic(json!({"status": status}));
        let told = self
            .api(pod)
            .patch_status(&pod.name_any(), &PatchParams::default(), &patch)
            .await;
        if let Err(error) = told {
            eprintln!("pod {}: {error}", pod.name_any());
        }
    }
}

fn status(container: &Container, ready: bool, state: &Value) -> Value {
    json!({
        "name": container.name, "image": container.image, "imageID": "", "restartCount": 0, "ready": ready,
        "started": ready, "state": state,
    })
}
