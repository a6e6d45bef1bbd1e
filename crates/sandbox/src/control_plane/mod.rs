//! The control plane: real processes, started in order, checked to be the ones that answer.

mod arguments;
mod audit;
mod identity;
mod metrics;
mod nodes;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use kube::Client;

use self::identity::Identity;
pub(crate) use self::identity::write_kubeconfig;
pub use self::{audit::Mutation, nodes::NodeOptions};
use crate::{
    Binaries, Error, Result, loopback, ports,
    process::{Process, Program},
    state_dir::StateDir,
};

/// Generous: the machine may be compiling at the same time.
const START: Duration = Duration::from_secs(90);

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
    processes: Vec<Process>,
    state: StateDir,
    binaries: Binaries,
    identity: Identity,
    client: Client,
    server: String,
    nodes: Option<NodeOptions>,
}

#[derive(Debug)]
struct Ports {
    etcd: u16,
    etcd_peer: u16,
    api_server: u16,
    controller_manager: u16,
    scheduler: u16,
    kwok: u16,
    metrics_server: u16,
}

impl Ports {
    fn choose() -> Result<Self> {
        let [
            etcd,
            etcd_peer,
            api_server,
            controller_manager,
            scheduler,
            kwok,
            metrics_server,
        ] = ports::free()?;
        Ok(Self {
            etcd,
            etcd_peer,
            api_server,
            controller_manager,
            scheduler,
            kwok,
            metrics_server,
        })
    }
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
        let outcome = start(binaries, options, &state).await;
        if outcome.is_err() {
            state.keep();
        }
        let Parts {
            processes,
            identity,
            client,
            server,
        } = outcome?;
        let (binaries, nodes) = (binaries.clone(), options.nodes.clone());
        Ok(Self {
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

    /// Name and process id of every part.
    pub fn processes(&self) -> impl Iterator<Item = (&str, i32)> {
        self.processes
            .iter()
            .map(|process| (process.name(), process.pid()))
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

struct Parts {
    processes: Vec<Process>,
    identity: Identity,
    client: Client,
    server: String,
}

async fn start(
    binaries: &Binaries,
    options: &ControlPlaneOptions,
    state: &StateDir,
) -> Result<Parts> {
    let begun = Instant::now();
    let ports = Ports::choose()?;
    let server = format!("https://127.0.0.1:{}", ports.api_server);
    let folder = state.path();
    let identity = Identity::write(binaries, folder.join("identity"), &server)?;
    let launch = |name: &str, arguments: Vec<String>| {
        Process::start(
            binaries,
            folder,
            &Program::new(name, binaries.program(name), arguments),
        )
    };

    // The API server loads while etcd starts.
    let mut etcd = launch("etcd", arguments::etcd(folder, &ports))?;
    let mut api_server = launch(
        "kube-apiserver",
        arguments::api_server(folder, &ports, &identity, options),
    )?;
    etcd.ready(ports.etcd, START, || etcd_healthy(ports.etcd))
        .await?;
    let client = identity::client(&identity.kubeconfig("admin")).await?;
    api_server
        .ready(ports.api_server, START, || healthy(&client))
        .await?;
    tracing::debug!(after = ?begun.elapsed(), "the API server is ready");

    let mut manager = launch(
        "kube-controller-manager",
        arguments::controller_manager(&ports, &identity, options),
    )?;
    let mut scheduler = launch("kube-scheduler", arguments::scheduler(&ports, &identity))?;
    let mut processes = vec![etcd, api_server];
    if let Some(options) = &options.nodes {
        nodes::install(&client, options).await?;
        let mut kwok = launch("kwok", arguments::kwok(ports.kwok, &identity))?;
        nodes::create(&client, options).await?;
        kwok.ready(ports.kwok, START, async || true).await?;
        nodes::ready(&client, options, START).await?;
        processes.push(kwok);
    }
    manager
        .ready(ports.controller_manager, START, async || true)
        .await?;
    scheduler
        .ready(ports.scheduler, START, async || true)
        .await?;
    processes.extend([manager, scheduler]);
    if options.metrics {
        metrics::install(&client, ports.metrics_server).await?;
        let arguments = arguments::metrics_server(ports.metrics_server, folder, &identity);
        processes.push(launch("metrics-server", arguments)?);
    }
    tracing::info!(after = ?begun.elapsed(), "the control plane is ready");
    Ok(Parts {
        processes,
        identity,
        client,
        server,
    })
}

async fn etcd_healthy(port: u16) -> bool {
    matches!(
        loopback::request(port, "GET", "/readyz", None).await,
        Ok((200, _))
    )
}

async fn healthy(client: &Client) -> bool {
    let Ok(request) = http::Request::get("/readyz").body(Vec::new()) else {
        return false;
    };
    client
        .request_text(request)
        .await
        .is_ok_and(|answer| answer == "ok")
}
