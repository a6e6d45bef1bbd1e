//! The order in which the control plane starts.

use std::time::{Duration, Instant};

use kube::Client;

use super::{
    ControlPlaneOptions,
    api_server::ApiServer,
    arguments,
    identity::{self, Identity},
    metrics, nodes,
};
use crate::{
    Binaries, Result, loopback, ports,
    process::{Process, Program},
    state_dir::StateDir,
};

/// Generous: the machine may be compiling at the same time.
pub(super) const START: Duration = Duration::from_secs(90);

#[derive(Debug)]
pub(super) struct Ports {
    pub(super) etcd: u16,
    pub(super) etcd_peer: u16,
    pub(super) api_server: u16,
    pub(super) controller_manager: u16,
    pub(super) scheduler: u16,
    pub(super) kwok: u16,
    pub(super) metrics_server: u16,
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

/// What a start leaves running.
pub(super) struct Parts {
    pub(super) api_server: ApiServer,
    pub(super) processes: Vec<Process>,
    pub(super) identity: Identity,
    pub(super) client: Client,
    pub(super) server: String,
}

/// Starts every part in its order and waits for each.
pub(super) async fn start(
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
    let arguments = arguments::api_server(folder, &ports, &identity, options);
    let api_server = ApiServer::launch(binaries, folder, arguments, ports.api_server)?;
    etcd.ready(ports.etcd, START, || etcd_healthy(ports.etcd))
        .await?;
    let client = identity::client(&identity.kubeconfig("admin")).await?;
    api_server.start(binaries, folder, &client).await?;
    tracing::debug!(after = ?begun.elapsed(), "the API server is ready");

    let mut manager = launch(
        "kube-controller-manager",
        arguments::controller_manager(&ports, &identity, options),
    )?;
    let mut scheduler = launch("kube-scheduler", arguments::scheduler(&ports, &identity))?;
    let mut processes = vec![etcd];
    if let Some(group) = &options.nodes {
        nodes::install(&client, group).await?;
        let start = || launch("kwok", arguments::kwok(ports.kwok, &identity));
        let mut kwok = start()?;
        nodes::create(&client, group).await?;
        kwok.ready(ports.kwok, START, async || true).await?;
        nodes::ready(&client, group, START).await?;
        // Which metrics there are it reads once, when it starts, and now and then it reads none: every
        // node's are "not found" from then on.
        while options.metrics
            && !nodes::measured(ports.kwok, group).await
            && begun.elapsed() < START
        {
            drop(kwok);
            kwok = start()?;
            kwok.ready(ports.kwok, START, async || true).await?;
        }
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
        api_server,
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

pub(super) async fn healthy(client: &Client) -> bool {
    let Ok(request) = http::Request::get("/readyz").body(Vec::new()) else {
        return false;
    };
    client
        .request_text(request)
        .await
        .is_ok_and(|answer| answer == "ok")
}
