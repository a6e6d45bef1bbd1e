//! ObjectStore: a store in S3.
//!
//! What is special about it: it holds data that the operator may not delete, so what it leaves behind is
//! told; pods get at it by their service account, so it hands out no credentials.

mod stack;
mod teardown;

use async_trait::async_trait;
use emr_api::{
    ObjectStore,
    object_store::ObjectStoreStatus,
    references::{Placement, SecretRef},
};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    objects::{self, ObjectsSeen, ObjectsStack, Recorded},
    owner_of,
    progress::Notice,
};
use emr_resource::{Change, Step, bucket, ids::Arn};

use crate::{
    landing::Landing,
    store::{Store, Terms},
};

#[async_trait]
impl Store for ObjectStore {
    const KIND: &'static str = "ObjectStore";
    type Stack = ObjectsStack;
    type Seen = ObjectsSeen;

    fn terms(&self) -> Terms<'_> {
        Terms {
            platform: &self.spec.platform_ref.name,
            placed: self.status.as_ref().and_then(|s| s.placement.as_ref()),
            kms_key_arn: self.spec.kms_key_arn.as_deref(),
            deletion: self.spec.deletion_policy,
            management: self.spec.management_policy,
        }
    }

    fn desire(&self, landing: &Landing, key: &str) -> Result<ObjectsStack, Notice> {
        let parts = objects::Landing {
            account: landing.account.id(),
            region: landing.account.region(),
            kms_key_arn: key,
            permissions_boundary: landing.spec.permissions_boundary_arn.as_deref(),
            tags: &landing.spec.tags,
        };
        let owner = owner_of(self, landing.cluster());
        Ok(objects::desire(&owner, &self.spec, &parts))
    }

    async fn observe(
        &self,
        stack: &ObjectsStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<ObjectsSeen, CloudError> {
        let recorded = recorded(self, stack);
        stack::observe(stack, &recorded, account, watcher).await
    }

    fn plan(&self, stack: &ObjectsStack, seen: &ObjectsSeen) -> Step<Change> {
        objects::plan(stack, &recorded(self, stack), seen)
    }

    fn usable(stack: &ObjectsStack, seen: &ObjectsSeen) -> Option<String> {
        objects::usable(stack, seen)
    }

    fn told(
        &self,
        stack: &ObjectsStack,
        seen: &ObjectsSeen,
        placement: &Placement,
        _: Option<SecretRef>,
    ) -> ObjectStoreStatus {
        let old = self.status.clone().unwrap_or_default();
        objects::status(&old, stack, seen, placement)
    }
}

/// The buckets that hold its data, once there were any.
fn recorded(store: &ObjectStore, stack: &ObjectsStack) -> Recorded {
    let status = store.status.as_ref();
    let logs = status.and_then(|status| status.logs_bucket.as_deref());
    Recorded {
        bucket: status.and_then(|status| status.arn.as_deref().map(Arn::from)),
        logs: logs.map(|name| bucket::arn(&name.into(), &stack.region)),
    }
}
