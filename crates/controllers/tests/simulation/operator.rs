//! The operator as a process of the simulation: what `crates/operator` wires, over both fakes.

use std::{sync::Arc, time::Duration};

use emr_cloud::{Accounts, Permit, account::Unlimited, limits::Limits, memory::Memory};
use emr_controllers::{Context, LeasePermit, start as start_controllers};
use emr_resource::ids::Region;
use emr_runtime::{
    Events, Leadership, Metrics,
    admin::Health,
    controller::{Ended, Runtime},
    gate::gated,
    lease,
    memory::MemoryServer,
};
use kube::Client;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{lies::Lie, servers::Servers, world::REGION};

/// The only process of most runs.
pub(crate) const NAME: &str = "operator";
/// As in the operator.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// How many objects of a kind are worked on at once.
const CONCURRENCY: u16 = 16;

/// What a process finds.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) aws: Memory,
    pub(crate) kube: MemoryServer,
    pub(crate) servers: Servers,
    pub(crate) lie: Lie,
    pub(crate) seed: u64,
}

/// How a replica treats the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lease {
    /// It writes only while it holds it (invariant 11).
    Respected,
    /// It writes for ever once it held it: the rule is broken.
    Forgotten,
}

/// A process without a rival.
pub(crate) fn start(around: &Surroundings) -> JoinHandle<()> {
    let client = around.kube.process(NAME).client();
    let client = around.lie.client(client);
    let process = process(
        around,
        NAME,
        client,
        Leadership::forever(),
        Arc::new(Unlimited),
    );
    tokio::spawn(async move {
        process.await;
    })
}

/// A replica: it waits for the lease, works while it holds it, and then ends.
pub(crate) fn elect(around: Surroundings, name: &'static str, lease: Lease) -> JoinHandle<Ended> {
    tokio::spawn(async move {
        let client = around.kube.process(name).client();
        let config = lease::Config::new("default", "emr-operator", name);
        let leadership = lease::acquire(client.clone(), config).await;
        let client = around.lie.client(client);
        if lease == Lease::Forgotten {
            let forever = Leadership::forever();
            return process(&around, name, client, forever, Arc::new(Unlimited)).await;
        }
        let metrics = Metrics::default();
        let client = gated(client, leadership.clone(), metrics, WRITE_TIMEOUT);
        let permit = Arc::new(LeasePermit(leadership.clone()));
        process(&around, name, client, leadership, permit).await
    })
}

fn process(
    around: &Surroundings,
    name: &str,
    client: Client,
    leadership: Leadership,
    permit: Arc<dyn Permit>,
) -> impl Future<Output = Ended> + Send + use<> {
    let events = Events::new(client.clone(), "emr-operator", name);
    let aws = around.aws.process(name);
    let accounts = Accounts::new(
        around.lie.connect(aws.clone()),
        Limits::default(),
        emr_cloud::Metrics::default(),
    );
    let mut context = Context::new(
        client.clone(),
        events.clone(),
        Arc::new(accounts),
        permit,
        Region::new(REGION),
    );
    context.clock = Arc::new(move || aws.now());
    context.seed = Some(around.seed);
    context.medplum = Arc::new(around.servers.clone());
    let runtime = Runtime {
        client,
        events,
        metrics: Metrics::default(),
        health: Health::default(),
        leadership,
        shutdown: CancellationToken::new(),
    };
    async move { Box::pin(start_controllers(runtime, context, CONCURRENCY)).await }
}
