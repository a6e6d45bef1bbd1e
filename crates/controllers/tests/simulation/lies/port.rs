//! A port that bends what goes through it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use emr_cloud::{CloudError, Cursor, Page, Port};
use emr_resource::ResourceType;

type See<R> = Box<dyn Fn(&mut <R as ResourceType>::Observed) + Send + Sync>;
type Bend<R> = Box<dyn Fn(&mut <R as ResourceType>::Change) + Send + Sync>;
type Fail = Box<dyn Fn(CloudError) -> CloudError + Send + Sync>;

/// A port that bends.
pub(crate) struct Liar<R: ResourceType> {
    port: Arc<dyn Port<R>>,
    see: See<R>,
    send: Bend<R>,
    fail: Fail,
    /// After one failure, everything fails.
    gives_up: bool,
    failed: Mutex<Option<CloudError>>,
}

impl<R: ResourceType> Liar<R> {
    pub(crate) fn of(port: &Arc<dyn Port<R>>) -> Self {
        Self {
            port: Arc::clone(port),
            see: Box::new(|_| {}),
            send: Box::new(|_| {}),
            fail: Box::new(|error| error),
            gives_up: false,
            failed: Mutex::default(),
        }
    }

    /// Never tries again what failed once.
    pub(crate) fn giving_up(mut self) -> Self {
        self.gives_up = true;
        self
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
        if let (true, Some(error)) = (self.gives_up, self.failed.lock().unwrap().clone()) {
            return Err(error);
        }
        let mut change = change.clone();
        (self.send)(&mut change);
        let reply = self.port.perform(&change).await;
        let mut seen = reply.map_err(|error| {
            let error = (self.fail)(error);
            *self.failed.lock().unwrap() = Some(error.clone());
            error
        })?;
        seen.iter_mut().for_each(&self.see);
        Ok(seen)
    }
}
