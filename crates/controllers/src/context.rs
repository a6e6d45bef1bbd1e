//! What every kind's controller works with.

use std::sync::Arc;

use async_trait::async_trait;
use emr_cloud::{Accounts, Permit, Watcher};
use emr_resource::ids::Region;
use emr_runtime::{Events, Leadership, Upkeep};
use k8s_openapi::jiff::Timestamp;
use kube::{Client, Resource, ResourceExt};

use crate::{
    emr_platform::Unused,
    kept::Kept,
    medplum_server::{Http, MedplumServers},
    metrics::Metrics,
    mirrors::Mirrors,
    waiters::Waiters,
};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What every kind's controller works with. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// Reads, and writes under the lease.
    pub client: Client,
    /// Where events go.
    pub events: Events,
    /// AWS.
    pub accounts: Arc<Accounts>,
    /// Says whether we may still write to AWS.
    pub permit: Arc<dyn Permit>,
    /// The operator's own region.
    pub region: Region,
    /// The namespace that the operator runs in, which pods let in; `None`: it is not in the cluster.
    pub namespace: Option<String>,
    /// Medplum's servers.
    pub medplum: Arc<dyn MedplumServers>,
    /// The time, so that a simulation can say what it is.
    pub clock: Clock,
    /// Makes the waits after failures repeatable, for a simulation.
    pub seed: Option<u64>,
    /// What Prometheus sees of the work itself.
    pub metrics: Metrics,
    pub(crate) waiters: Waiters,
    pub(crate) kept: Kept,
    pub(crate) unused: Unused,
    pub(crate) mirrors: Mirrors,
    pub(crate) upkeep: Upkeep,
}

impl Context {
    /// A context over these.
    pub fn new(
        client: Client,
        events: Events,
        accounts: Arc<Accounts>,
        permit: Arc<dyn Permit>,
        region: Region,
    ) -> Self {
        Self {
            client,
            events,
            accounts,
            permit,
            region,
            namespace: None,
            medplum: Arc::new(Http::default()),
            clock: Arc::new(Timestamp::now),
            seed: None,
            metrics: Metrics::default(),
            waiters: Waiters::default(),
            kept: Kept::default(),
            unused: Unused::default(),
            mirrors: Mirrors::default(),
            upkeep: Upkeep::default(),
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// The lease as AWS's gate asks for it.
#[derive(Clone, Debug)]
pub struct LeasePermit(pub Leadership);

#[async_trait]
impl Permit for LeasePermit {
    async fn allows(&self, time: std::time::Duration) -> bool {
        self.0.permits(time).await
    }
}

/// Who is woken when something of this object changes in AWS.
pub(crate) fn watcher_of<K: Resource<DynamicType = ()>>(object: &K, kind: &'static str) -> Watcher {
    Watcher {
        kind,
        namespace: object.namespace().unwrap_or_default().into(),
        name: object.name_any().into(),
    }
}
