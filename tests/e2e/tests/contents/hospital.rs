//! A clinic whose data is real: its corner of a world, the kubelet that runs its pods, and the servers of
//! its databases.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use emr_api::EmrInstance;
use emr_e2e::{
    Clinic, World,
    clinic::PATIENCE,
    kinds::{Told, until},
};
use emr_sandbox::{ControlPlaneOptions, apply};
use k8s_openapi::NamespaceResourceScope;
use kube::Resource;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    databases::Databases,
    kubelet::Kubelet,
    mariadb::{MariaDb, Tls},
};

/// The scenario's name, and so its namespace's and its platform's.
const NAME: &str = "contents";

/// Looks at everything that a set holds.
pub(crate) const LOOK: &str = ". ./look.sh";

/// A clinic whose data is real.
pub(crate) struct Hospital {
    pub(crate) clinic: Clinic,
    // Dropped in this order: pods, servers, their folders.
    kubelet: Kubelet,
    databases: Databases,
    state: State,
    opened: Instant,
}

/// No simulated nodes: the kubelet brings its own.
fn control_plane() -> ControlPlaneOptions {
    let arguments = [
        "--pvclaimbinder-sync-period=1s",
        "--node-monitor-grace-period=1h",
    ];
    ControlPlaneOptions {
        nodes: None,
        metrics: false,
        controller_manager_arguments: arguments.map(str::to_owned).into(),
        ..ControlPlaneOptions::default()
    }
}

impl Hospital {
    /// An empty one, with its platform.
    pub(crate) async fn open(mariadb: MariaDb) -> Self {
        let opened = Instant::now();
        let state = State(Some(tempfile::tempdir().unwrap()));
        let at = |name: &str| state.path().join(name);
        let hosts = at("hosts");
        let client = mariadb.client(&hosts);
        fs::write(at("client"), client).unwrap();
        let tls = Tls::make(state.path());
        let databases = Databases::serve(mariadb, &at("contents"), &at("servers"), &hosts, tls);
        let world = World::start_with(control_plane()).await.unwrap();
        // What AWS works on is done soon.
        let delays: Value = world
            .sandbox
            .aws
            .control("GET", "delays", None)
            .await
            .unwrap();
        let soon = delays
            .as_object()
            .unwrap()
            .keys()
            .map(|name| (name.clone(), json!(0.1)));
        world.sandbox.aws.set_delays(&soon.collect()).await.unwrap();
        let clinic = Clinic::open(&world, NAME).await.unwrap();
        let path = format!("accounts/{}/contents", clinic.aws.account());
        let folder = json!({"folder": at("contents")});
        let _: Value = world
            .sandbox
            .aws
            .control("PUT", &path, Some(&folder))
            .await
            .unwrap();
        drop(world);
        Self::staffed(clinic, databases, state, opened, "pods").await
    }

    /// With a kubelet that keeps its pods in this folder, and its platform.
    async fn staffed(
        clinic: Clinic,
        databases: Databases,
        state: State,
        opened: Instant,
        pods: &str,
    ) -> Self {
        let at = |name: &str| state.path().join(name);
        let client = fs::read_to_string(at("client")).unwrap();
        let kubelet = Kubelet::start(clinic.client(), &at(pods), &at("contents"), client).await;
        let hospital = Self {
            clinic,
            kubelet,
            databases,
            state,
            opened,
        };
        hospital.platform().await;
        hospital
    }

    /// A platform whose databases have certificates of ours.
    async fn platform(&self) {
        let mut manifest = self.clinic.platform_manifest();
        let bundle = fs::read_to_string(self.folder().join("ca.pem")).unwrap();
        manifest["spec"]["tls"]["rdsCaBundle"] = json!(bundle);
        apply(&self.clinic.client(), None, manifest).await.unwrap();
    }

    /// The same account, in which nobody has a database or files any more, and another cluster.
    pub(crate) async fn lost(self) -> Self {
        let Self {
            clinic,
            kubelet,
            databases,
            state,
            opened,
        } = self;
        drop(kubelet);
        clinic.world.operator.lock().await.kill();
        let snippet = include_str!("../../aws/lose_everything.py");
        clinic.aws.run(snippet).await.unwrap();
        let clinic = clinic.rebuilt(&control_plane()).await.unwrap();
        for kind in ["clusters", "files"] {
            let left = fs::read_dir(state.path().join("contents").join(kind)).unwrap();
            assert_eq!(left.count(), 0, "{kind} are left");
        }
        Self::staffed(clinic, databases, state, opened, "pods-again").await
    }

    fn folder(&self) -> PathBuf {
        self.state.path().to_owned()
    }

    /// What the stand-in holds.
    pub(crate) fn contents(&self) -> PathBuf {
        self.folder().join("contents")
    }

    /// Applies an object of ours that names no platform.
    pub(crate) async fn apply(&self, kind: &str, name: &str, spec: &Value) {
        let object = json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": kind,
            "metadata": {"name": name, "namespace": NAME}, "spec": spec,
        });
        self.clinic.apply(object).await.unwrap();
    }

    /// Applies an instance.
    pub(crate) async fn install(&self, name: &str, over: &Value) {
        let mut manifest = self.clinic.openemr(name, over);
        manifest["spec"]["profile"] = json!("Development");
        self.clinic.apply(manifest).await.unwrap();
    }

    /// Waits until an object holds a property; a failure comes with what containers said.
    pub(crate) async fn until<K>(&self, name: &str, what: &str, property: impl Fn(&K) -> bool) -> K
    where
        K: Told + Resource<Scope = NamespaceResourceScope>,
    {
        let api = self.clinic.api::<K>();
        let object = until(&api, name, what, PATIENCE, property).await;
        let object =
            object.unwrap_or_else(|failure| panic!("{failure}\n{}", self.kubelet.logs("")));
        println!(
            "  {:.0} s: {name} is {what}",
            self.opened.elapsed().as_secs_f32()
        );
        object
    }

    /// Waits for an instance to be settled.
    pub(crate) async fn ready(&self, name: &str) {
        self.until(name, "ready", EmrInstance::settled).await;
    }

    /// Waits for an instance that was made from a set.
    pub(crate) async fn fenced(&self, name: &str) {
        let phase = |of: &EmrInstance| of.status.as_ref().and_then(|of| of.phase.clone());
        let fenced = |of: &EmrInstance| phase(of).as_deref() == Some("Fenced");
        self.until(name, "fenced", fenced).await;
    }

    /// What an instance's worker sees of database and files.
    pub(crate) async fn look(&self, instance: &str) -> String {
        self.run(instance, LOOK)
            .await
            .unwrap_or_else(|said| panic!("{said}"))
    }

    /// Runs a shell in an instance's worker, among the image's scripts; what it said is an error if it failed.
    pub(crate) async fn run(&self, instance: &str, script: &str) -> Result<String, String> {
        let (well, said) = self.kubelet.exec(NAME, instance, script).await;
        if well { Ok(said) } else { Err(said) }
    }

    /// What the containers said of pods whose names begin so.
    pub(crate) fn logs(&self, pods: &str) -> String {
        self.kubelet.logs(pods)
    }
}

/// The folder of everything; a failed test leaves it, to be read.
struct State(Option<TempDir>);

impl State {
    fn path(&self) -> &Path {
        self.0.as_ref().unwrap().path()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.0.take()
        {
            eprintln!("pods and servers are left in {}", folder.keep().display());
        }
    }
}
