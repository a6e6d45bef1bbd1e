//! An operator one of whose rules is broken: what it believes of the world, or what it sends, is
//! bent on the way. Seen from outside it deletes too early, makes things twice, or touches what is
//! not its own, and the judge has to notice.

use std::sync::Arc;

use async_trait::async_trait;
use emr_cloud::{
    Caller, CloudError, Connect, Cursor, Metrics, Page, Port, Ports, Target, limits::Limiters,
    memory::Memory,
};
use emr_resource::ResourceType;
use kube::Client;

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

type See<R> = Box<dyn Fn(&mut <R as ResourceType>::Observed) + Send + Sync>;
type Send_<R> = Box<dyn Fn(&mut <R as ResourceType>::Change) + Send + Sync>;
type Fail = Box<dyn Fn(CloudError) -> CloudError + Send + Sync>;

/// A port that bends.
pub(crate) struct Liar<R: ResourceType> {
    port: Arc<dyn Port<R>>,
    see: See<R>,
    send: Send_<R>,
    fail: Fail,
}

impl<R: ResourceType> Liar<R> {
    pub(crate) fn of(port: &Arc<dyn Port<R>>) -> Self {
        Self {
            port: Arc::clone(port),
            see: Box::new(|_| {}),
            send: Box::new(|_| {}),
            fail: Box::new(|error| error),
        }
    }

    /// Bends what is seen.
    pub(crate) fn seeing(mut self, see: impl Fn(&mut R::Observed) + Send + Sync + 'static) -> Self {
        self.see = Box::new(see);
        self
    }

    /// Bends what is sent.
    pub(crate) fn sending(mut self, send: impl Fn(&mut R::Change) + Send + Sync + 'static) -> Self {
        self.send = Box::new(send);
        self
    }

    /// Bends what is answered to a change that failed.
    pub(crate) fn failing(
        mut self,
        fail: impl Fn(CloudError) -> CloudError + Send + Sync + 'static,
    ) -> Self {
        self.fail = Box::new(fail);
        self
    }
}

#[async_trait]
impl<R: ResourceType> Port<R> for Liar<R> {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<R::Observed>, CloudError> {
        let mut page = self.port.list(cursor).await?;
        page.items.iter_mut().for_each(&self.see);
        Ok(page)
    }

    async fn read(&self, id: &R::Id) -> Result<Option<R::Observed>, CloudError> {
        let mut seen = self.port.read(id).await?;
        seen.iter_mut().for_each(&self.see);
        Ok(seen)
    }

    async fn perform(&self, change: &R::Change) -> Result<Option<R::Observed>, CloudError> {
        let mut change = change.clone();
        (self.send)(&mut change);
        let reply = self.port.perform(&change).await;
        let mut seen = reply.map_err(&self.fail)?;
        seen.iter_mut().for_each(&self.see);
        Ok(seen)
    }
}
