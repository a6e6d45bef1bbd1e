//! What a change is foreseen to leave behind ([`ResourceType::after`]) is what AWS then shows.
//!
//! Ports that look before and after each change, so that the whole contract suite is a test of it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use emr_cloud::{CloudError, Cursor, Page, Port, Ports};
use emr_resource::{Mutation, ResourceType};

/// The operations whose effect was foreseen, and rightly.
pub(crate) type Foreseen = Arc<Mutex<BTreeSet<&'static str>>>;

struct Watched<R: ResourceType> {
    port: Arc<dyn Port<R>>,
    foreseen: Foreseen,
}

#[async_trait]
impl<R: ResourceType> Port<R> for Watched<R> {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<R::Observed>, CloudError> {
        self.port.list(cursor).await
    }

    async fn read(&self, id: &R::Id) -> Result<Option<R::Observed>, CloudError> {
        self.port.read(id).await
    }

    async fn perform(&self, change: &R::Change) -> Result<Option<R::Observed>, CloudError> {
        let id = R::changed(change);
        let before = self.port.read(&id).await?;
        let reply = self.port.perform(change).await?;
        if let Some(expected) = before.and_then(|before| R::after(change, &before)) {
            let seen = self.port.read(&id).await?;
            assert_eq!(seen.as_ref(), Some(&expected), "{}", change.describe());
            // A page may have shown the effect before the answer came.
            let again = R::after(change, &expected);
            assert_eq!(again.as_ref(), Some(&expected), "{}", change.describe());
            self.foreseen.lock().unwrap().insert(change.operation());
        }
        Ok(reply)
    }
}

macro_rules! define_watched {
    ($(($variant:ident, $module:ident)),+ $(,)?) => {
        /// The same ports, watched.
        pub(crate) fn watched(ports: Ports, foreseen: &Foreseen) -> Ports {
            Ports {
                $($module: Arc::new(Watched::<emr_resource::$module::$variant> {
                    port: ports.$module,
                    foreseen: Arc::clone(foreseen),
                }),)+
                discovery: ports.discovery,
                secret_values: ports.secret_values,
                quotas: ports.quotas,
            }
        }
    };
}
emr_resource::for_each_resource_type!(define_watched);
