//! The control plane: real processes, started in order, checked to be the ones that answer.

mod api_server;
mod arguments;
mod audit;
mod identity;
mod metrics;
mod nodes;
mod start;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use kube::Client;

pub(crate) use self::identity::write_kubeconfig;
use self::{api_server::ApiServer, identity::Identity, start::Parts};
pub use self::{audit::Mutation, nodes::NodeOptions};
use crate::{Binaries, Error, Result, process::Process, state_dir::StateDir};

/// What the control plane should have.
#[derive(Debug, Clone)]
pub struct ControlPlaneOptions {
    /// Simulated nodes. `None`: no KWOK either, pods stay Pending.
    pub nodes: Option<NodeOptions>,
    /// metrics-server, fed by KWOK, for the HPA. It has values some 15 seconds after the start:
    /// [`ControlPlane::metrics_ready`].
    pub metrics: bool,
    /// How long pods stay on a node that stopped; Kubernetes' own default is five minutes.
    pub eviction_after: Duration,
    /// More arguments for kube-apiserver.
    pub api_server_arguments: Vec<String>,
    /// More arguments for kube-controller-manager.
    pub controller_manager_arguments: Vec<String>,
}

impl Default for ControlPlaneOptions {
    fn default() -> Self {
        Self {
            nodes: Some(NodeOptions::default()),
            metrics: true,
            eviction_after: Duration::from_secs(10),
            api_server_arguments: Vec::new(),
            controller_manager_arguments: Vec::new(),
        }
    }
}

/// A running control plane. Dropping it stops every process and removes what it wrote.
pub struct ControlPlane {
    // Fields are dropped in this order: nothing writes to the folder when it is removed.
    api_server: ApiServer,
    processes: Vec<Process>,
    state: StateDir,
    binaries: Binaries,
    identity: Identity,
    client: Client,
    server: String,
    nodes: Option<NodeOptions>,
}

impl ControlPlane {
    /// Starts it and returns when every part is ready, nodes included.
    pub async fn start(binaries: &Binaries, options: &ControlPlaneOptions) -> Result<Self> {
        for _ in 0..2 {
            match Self::attempt(binaries, options).await {
                // Someone took a port between our choice and the child's bind.
                Err(Error::Ended { tail, .. }) if tail.contains("address already in use") => {}
                outcome => return outcome,
            }
        }
        Self::attempt(binaries, options).await
    }

    async fn attempt(binaries: &Binaries, options: &ControlPlaneOptions) -> Result<Self> {
        let mut state = StateDir::new("emr-control-plane-")?;
        let outcome = start::start(binaries, options, &state).await;
        if outcome.is_err() {
            state.keep();
        }
        let Parts {
            api_server,
            processes,
            identity,
            client,
            server,
        } = outcome?;
        let (binaries, nodes) = (binaries.clone(), options.nodes.clone());
        Ok(Self {
            api_server,
            processes,
            state,
            binaries,
            identity,
            client,
            server,
            nodes,
        })
    }

    /// A client with every right.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The kubeconfig of a cluster admin.
    pub fn kubeconfig(&self) -> PathBuf {
        self.identity.kubeconfig("admin")
    }

    /// The API server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The programs it was started from.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Where logs, keys and data lie: `NAME.log` for each process.
    pub fn state_dir(&self) -> &Path {
        self.state.path()
    }

    /// Leaves logs in place when the value is dropped; a panic does that too.
    pub fn keep_logs(&mut self) {
        self.state.keep();
    }

    /// Name and process id of every part that runs.
    pub fn processes(&self) -> impl Iterator<Item = (&str, i32)> {
        let api_server = self.api_server.pid().map(|pid| (api_server::NAME, pid));
        let others = self.processes.iter();
        others
            .map(|process| (process.name(), process.pid()))
            .chain(api_server)
    }

    /// Kills the API server: connections break, and new ones are refused. etcd keeps what it has.
    pub fn stop_api_server(&self) {
        self.api_server.stop();
    }

    /// Starts it again where it was, and returns when it is ready.
    pub async fn start_api_server(&self) -> Result<()> {
        let (binaries, folder) = (&self.binaries, self.state.path());
        self.api_server.start(binaries, folder, &self.client).await
    }

    /// The certificate authority of the API server.
    pub(crate) fn authority(&self) -> PathBuf {
        self.identity.file("ca.crt")
    }

    /// Changes that were asked for from outside the control plane since `since` (0: ever), and where
    /// the next reading starts.
    pub fn mutations(&self, since: u64) -> Result<(Vec<Mutation>, u64)> {
        audit::read(self.state.path(), since)
    }

    /// Waits until metrics-server has values for nodes.
    pub async fn metrics_ready(&self, timeout: Duration) -> Result<()> {
        metrics::ready(&self.client, timeout).await
    }

    /// Stops every node of a zone: its pods are not ready, and are evicted after
    /// [`ControlPlaneOptions::eviction_after`].
    pub async fn stop_zone(&self, zone: &str) -> Result<()> {
        nodes::set_stopped(&self.client, zone, true).await
    }

    /// Starts the nodes of a zone again.
    pub async fn start_zone(&self, zone: &str) -> Result<()> {
        nodes::set_stopped(&self.client, zone, false).await
    }

    /// The zones that have nodes.
    pub fn zones(&self) -> &[String] {
        self.nodes.as_ref().map_or(&[], |nodes| &nodes.zones)
    }
}
