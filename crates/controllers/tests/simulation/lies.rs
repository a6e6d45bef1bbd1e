//! An operator one of whose rules is broken: what it believes of the world, or what it sends, is
//! bent on the way. Seen from outside it deletes too early, makes things twice, or touches what is
//! not its own, and the judge has to notice.

mod client;
mod port;

use std::sync::Arc;

use async_trait::async_trait;
use emr_cloud::{
    Caller, CloudError, Connect, Metrics, Ports, Target, limits::Limiters, memory::Memory,
};
use kube::Client;

pub(crate) use client::{bent_answers, bent_requests};
pub(crate) use port::Liar;

type OfPorts = Arc<dyn Fn(&mut Ports) + Send + Sync>;
type OfClient = Arc<dyn Fn(Client) -> Client + Send + Sync>;

/// A broken rule; none by default.
#[derive(Clone, Default)]
pub(crate) struct Lie {
    ports: Option<OfPorts>,
    client: Option<OfClient>,
}

impl Lie {
    /// Bends what goes to AWS and comes from there.
    pub(crate) fn about_aws(bend: impl Fn(&mut Ports) + Send + Sync + 'static) -> Self {
        Self {
            ports: Some(Arc::new(bend)),
            client: None,
        }
    }

    /// Bends what goes to Kubernetes and comes from there.
    pub(crate) fn about_kubernetes(
        bend: impl Fn(Client) -> Client + Send + Sync + 'static,
    ) -> Self {
        Self {
            ports: None,
            client: Some(Arc::new(bend)),
        }
    }

    pub(crate) fn client(&self, client: Client) -> Client {
        match &self.client {
            Some(bend) => bend(client),
            None => client,
        }
    }

    pub(crate) fn connect(&self, aws: Memory) -> Arc<dyn Connect> {
        match &self.ports {
            Some(bend) => Arc::new(Bent {
                aws,
                bend: Arc::clone(bend),
            }),
            None => Arc::new(aws),
        }
    }
}

struct Bent {
    aws: Memory,
    bend: OfPorts,
}

#[async_trait]
impl Connect for Bent {
    async fn connect(
        &self,
        target: &Target,
        limiters: &Arc<Limiters>,
        metrics: &Metrics,
    ) -> Result<(Caller, Ports), CloudError> {
        let (caller, mut ports) = self.aws.connect(target, limiters, metrics).await?;
        (self.bend)(&mut ports);
        Ok((caller, ports))
    }
}
