//! A container of a Job that the operator made, run as a kubelet would: with the command, the environment
//! and the mounts of the object in the API server.

use std::{fs, path::Path, time::Duration};

use emr_e2e::Clinic;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Container, PersistentVolume, Pod},
};
use kube::{Api, api::ListParams};
use tokio::time::timeout;

use crate::{names::Names, pod::Root, volumes::Cluster};

const PATIENCE: Duration = Duration::from_mins(2);

/// How a container ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    /// Why, as status gets to know it.
    pub(crate) told: String,
    /// Everything that it said.
    pub(crate) said: String,
}

/// The containers of a Job.
pub(crate) struct Containers {
    pod: Pod,
    namespace: String,
    contents: std::path::PathBuf,
    folder: std::path::PathBuf,
    client: kube::Client,
    mariadb: String,
}

/// A container before its start.
pub(crate) struct Prepared {
    pub(crate) root: Root,
    command: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Containers {
    /// Those of a Job; their roots are in `folder`, and what they share is in `folder/contents`.
    pub(crate) async fn of(clinic: &Clinic, job: &str, folder: &Path, mariadb: &str) -> Self {
        let job = clinic.api::<Job>().get(job).await.unwrap();
        let spec = job.spec.unwrap().template.spec;
        let contents = folder.join("contents");
        let volumes = Api::<PersistentVolume>::all(clinic.client());
        for volume in volumes.list(&ListParams::default()).await.unwrap() {
            let driven = volume.spec.and_then(|spec| spec.csi).unwrap();
            if let Some((_, access_point)) = driven.volume_handle.split_once("::") {
                fs::create_dir_all(contents.join("mounts").join(access_point)).unwrap();
            }
        }
        Self {
            pod: Pod {
                spec,
                ..Pod::default()
            },
            namespace: clinic.namespace.clone(),
            contents,
            folder: folder.to_owned(),
            client: clinic.client(),
            mariadb: mariadb.to_owned(),
        }
    }

    /// A container by name, in a new root.
    pub(crate) async fn prepare(&self, name: &str) -> Prepared {
        let spec = self.pod.spec.as_ref().unwrap();
        let mut all = spec
            .init_containers
            .iter()
            .flatten()
            .chain(&spec.containers);
        let container: &Container = all.find(|of| of.name == name).expect("the container");
        let root = Root::new(&self.folder.join(name), &self.mariadb);
        // The cache is a real one.
        root.program("bin/openssl", "#!/bin/sh\nexec /usr/bin/openssl \"$@\"\n");
        root.program("bin/sleep", "#!/bin/sh\n");
        let cluster = Cluster {
            client: &self.client,
            contents: &self.contents,
            namespace: self.namespace.clone(),
        };
        cluster.mount(&self.pod, container, &root).await.unwrap();
        let environment = cluster.environment(container).await.unwrap();
        Prepared {
            command: container.command.clone().unwrap(),
            environment: environment
                .into_iter()
                .map(|(name, value)| (name, root.rewritten(&value)))
                .collect(),
            root,
        }
    }
}

impl Prepared {
    /// A variable of its environment.
    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self.environment.iter().find(|(of, _)| of == name);
        &found
            .unwrap_or_else(|| panic!("no {name} in the environment"))
            .1
    }

    /// Runs it, with some variables changed.
    pub(crate) async fn run(&self, names: &Names, other: &[(&str, &str)]) -> Ended {
        self.start(names, &self.command, other).await
    }

    /// Runs a shell in its place.
    pub(crate) async fn shell(&self, names: &Names, script: &str) -> Ended {
        let shell = ["sh", "-c", script].map(str::to_owned);
        self.start(names, &shell, &[]).await
    }

    async fn start(&self, names: &Names, command: &[String], other: &[(&str, &str)]) -> Ended {
        self.root.mount_file("/dev/termination-log", "");
        let log = self.root.rewritten("/dev/termination-log");
        let mut container = self.root.command(command);
        container
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("TERMINATION_LOG", &log)
            .envs(names.environment())
            .envs(other.iter().copied());
        let output = timeout(PATIENCE, container.output()).await;
        let output = output.expect("an end in time").unwrap();
        let said = [output.stdout, output.stderr].concat();
        Ended {
            code: output.status.code().unwrap_or(137),
            told: self.root.last_words().trim().to_owned(),
            said: String::from_utf8_lossy(&said).into_owned(),
        }
    }
}
