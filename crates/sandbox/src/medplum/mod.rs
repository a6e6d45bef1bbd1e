//! A stand-in for Medplum's servers, as far as the operator asks them: simulated pods answer no HTTP.
//!
//! Each Ready pod of a Medplum server is answered for at its own address, which is one of loopback: its version
//! is that of the image that it was made with, and each version brings one data migration, which begins with the
//! first server of it. Whoever asks for the migrations signs in as the configuration's super administrator.

mod answers;
mod routes;

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures::StreamExt as _;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client,
    runtime::{
        WatchStreamExt as _,
        watcher::{self, Event},
    },
};
use tokio::{net::TcpListener, task::JoinHandle, time::sleep};

use answers::{Answers, Server};

/// Where a server listens.
const PORT: u16 = 8103;
const SERVERS: &str = "app.kubernetes.io/name=medplum,app.kubernetes.io/component in (app,workers)";

/// The running stand-in. Dropping it ends it.
#[derive(Debug)]
pub struct MedplumStandIn(JoinHandle<()>);

impl Drop for MedplumStandIn {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Ends a server when it goes.
struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Answers for every pod of a Medplum server, in all namespaces.
pub fn medplum_stand_in(client: Client) -> MedplumStandIn {
    MedplumStandIn(tokio::spawn(async move {
        let answers = Arc::new(Answers::new(client.clone()));
        let mut servers = BTreeMap::<String, Listening>::new();
        let config = watcher::Config::default().labels(SERVERS);
        let mut pods = watcher::watcher(Api::<Pod>::all(client), config)
            .default_backoff()
            .boxed();
        while let Some(seen) = pods.next().await {
            match seen {
                Ok(Event::Apply(pod) | Event::InitApply(pod)) => {
                    let uid = pod.metadata.uid.clone().unwrap_or_default();
                    if let Some((address, server)) = ready(&pod) {
                        servers
                            .entry(uid)
                            .or_insert_with(|| listen(address, server, Arc::clone(&answers)));
                    }
                }
                Ok(Event::Delete(pod)) => {
                    servers.remove(&pod.metadata.uid.unwrap_or_default());
                }
                Ok(Event::Init | Event::InitDone) => {}
                Err(error) => tracing::debug!(%error, "cannot watch Medplum's pods"),
            }
        }
    }))
}

/// The address of a pod that answers, and what it answers as.
fn ready(pod: &Pod) -> Option<(IpAddr, Server)> {
    let status = pod.status.as_ref()?;
    let mut told = status.conditions.as_ref()?.iter();
    told.find(|of| of.type_ == "Ready" && of.status == "True")?;
    let address: IpAddr = status.pod_ip.as_ref()?.parse().ok()?;
    // What is no loopback is nobody's of ours.
    address.is_loopback().then_some((address, Server::of(pod)?))
}

fn listen(address: IpAddr, server: Server, answers: Arc<Answers>) -> Listening {
    Listening(tokio::spawn(async move {
        let at = SocketAddr::new(address, PORT);
        let listener = loop {
            match TcpListener::bind(at).await {
                Ok(listener) => break listener,
                Err(error) => tracing::debug!(%at, %error, "cannot listen for a pod"),
            }
            sleep(Duration::from_millis(200)).await;
        };
        let server = Arc::new(server);
        while let Ok((stream, _)) = listener.accept().await {
            let (server, answers) = (Arc::clone(&server), Arc::clone(&answers));
            let service = service_fn(move |request| {
                routes::answer(Arc::clone(&server), Arc::clone(&answers), request)
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }))
}
