//! How an ObjectStore goes: pods lose their way to it, and a bucket goes only if nothing is in it.

use async_trait::async_trait;
use emr_api::{ObjectStore, policy::DeletionPolicy};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    Progress,
    objects::{self, ObjectsSeen, ObjectsStack},
};
use emr_resource::{Change, Step};
use emr_runtime::ReconcileError;

use super::stack;
use crate::{Context, children, store::Departing};

#[async_trait]
impl Departing for ObjectStore {
    /// Its policy alone decides.
    type Circumstances = DeletionPolicy;

    async fn objection(&self, context: &Context) -> Result<Option<Progress>, ReconcileError> {
        children::unconfirmed_loss(&context.client, self, self.spec.deletion_policy).await
    }

    async fn circumstances(&self, _: &Context) -> Result<Option<DeletionPolicy>, ReconcileError> {
        Ok(Some(self.spec.deletion_policy))
    }

    async fn observe_leaving(
        stack: &ObjectsStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<ObjectsSeen, CloudError> {
        stack::observe_leaving(stack, account, watcher).await
    }

    fn tear_down(
        stack: &ObjectsStack,
        policy: &DeletionPolicy,
        seen: &ObjectsSeen,
    ) -> Step<Change> {
        objects::teardown(stack, *policy, seen)
    }

    fn stays(&self, looked: Option<(&ObjectsStack, &ObjectsSeen)>) -> Option<String> {
        let status = self.status.as_ref()?;
        objects::stays(status, self.spec.deletion_policy, looked)
    }
}
