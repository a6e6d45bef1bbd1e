//! Buckets. The list tells names alone; a single read adds what each was told.
//!
//! Every call but the first names the owner that is expected, so that S3 refuses it on a bucket of
//! somebody else's that has the name.

mod details;
mod rules;
mod settings;

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{
        BucketLocationConstraint, BucketLoggingStatus, CreateBucketConfiguration, ObjectOwnership,
    },
};
use emr_resource::{
    Mutation,
    bucket::{Bucket, Change, Desired, Observed},
    ids::{AccountId, BucketName, Region},
    names,
};

use super::{Clients, Wire};
use crate::{Caller, CloudError, Cursor, Page, Port};

/// Buckets of a page.
const PAGE: i32 = 1000;
/// The one region that must not be named in a request that makes a bucket there. Source: S3 API
/// reference, `CreateBucket`.
const UNNAMED_REGION: &str = "us-east-1";

pub(super) struct Adapter {
    s3: Client,
    wire: Wire,
    account: AccountId,
    region: Region,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, caller: &Caller) -> Self {
        Self {
            s3: clients.s3.clone(),
            wire: Wire::new(caller, emr_resource::Service::S3),
            account: caller.account().clone(),
            region: caller.region().clone(),
        }
    }

    async fn create(&self, desired: &Desired, operation: &'static str) -> Result<(), CloudError> {
        let region = desired.region.as_str();
        let place = (region != UNNAMED_REGION).then(|| BucketLocationConstraint::from(region));
        let configuration = CreateBucketConfiguration::builder()
            .set_location_constraint(place)
            .set_tags(Some(settings::to_tags(&desired.tags, operation)?))
            .build();
        let call = self
            .s3
            .create_bucket()
            .bucket(desired.name.as_str())
            .create_bucket_configuration(configuration)
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .set_object_lock_enabled_for_bucket(desired.lock.map(|_| true));
        self.wire.mutate(operation, call.send()).await.map(drop)
    }
}

#[async_trait]
impl Port<Bucket> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let prefix = names::bucket_prefix(&self.account, &self.region);
        let list = || {
            let call = self.s3.list_buckets().max_buckets(PAGE);
            let call = call.prefix(&prefix).bucket_region(self.region.as_str());
            call.set_continuation_token(token.clone()).send()
        };
        let page = self.wire.read("ListBuckets", list).await?;
        let names = page.buckets().iter().filter_map(|bucket| bucket.name());
        let items = names.map(|name| Observed {
            name: BucketName::new(name),
            details: None,
        });
        Ok(Page::new(items.collect(), page.continuation_token()))
    }

    async fn read(&self, id: &BucketName) -> Result<Option<Observed>, CloudError> {
        let details = CloudError::none_if_not_found(self.details(id).await)?;
        Ok(details.map(|details| Observed {
            name: id.clone(),
            details: Some(details),
        }))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let (operation, name) = (change.operation(), change.name().as_str());
        let owner = self.account.as_str();
        // The calls have the same fields, and no type in common.
        macro_rules! told {
            ($call:ident $(, $field:ident = $value:expr)*) => {{
                let call = self.s3.$call().bucket(name).expected_bucket_owner(owner);
                let call = call$(.$field($value))*;
                self.wire.mutate(operation, call.send()).await.map(drop)
            }};
        }
        match change {
            Change::Create(desired) => self.create(desired, operation).await,
            Change::BlockPublicAccess(_) => {
                let all = settings::blocked();
                told!(
                    put_public_access_block,
                    public_access_block_configuration = all
                )
            }
            Change::EnforceOwner(_) => {
                let controls = settings::owner_enforced(operation)?;
                told!(put_bucket_ownership_controls, ownership_controls = controls)
            }
            Change::Encrypt { encryption, .. } => {
                let rules = settings::to_encryption(encryption, operation)?;
                told!(
                    put_bucket_encryption,
                    server_side_encryption_configuration = rules
                )
            }
            Change::PutPolicy { policy, .. } => told!(put_bucket_policy, policy = policy),
            Change::Version(_) => {
                let on = settings::versioned();
                told!(put_bucket_versioning, versioning_configuration = on)
            }
            Change::PutLock { lock, .. } => {
                let lock = settings::to_lock(*lock);
                told!(
                    put_object_lock_configuration,
                    object_lock_configuration = lock
                )
            }
            Change::PutLifecycle { lifecycle, .. } => {
                let rules = rules::to_lifecycle(lifecycle, operation)?;
                told!(
                    put_bucket_lifecycle_configuration,
                    lifecycle_configuration = rules
                )
            }
            Change::PutCors { origins, .. } => {
                let rules = rules::to_cors(origins, operation)?;
                told!(put_bucket_cors, cors_configuration = rules)
            }
            Change::DeleteCors(_) => told!(delete_bucket_cors),
            Change::PutLogging { logging, .. } => {
                let enabled = settings::to_logging(logging.as_ref(), operation)?;
                let status = BucketLoggingStatus::builder().set_logging_enabled(enabled);
                told!(put_bucket_logging, bucket_logging_status = status.build())
            }
            Change::Tag { tags, .. } => {
                let tags = settings::to_tagging(tags, operation)?;
                told!(put_bucket_tagging, tagging = tags)
            }
            Change::Delete(_) => told!(delete_bucket),
        }?;
        // The replies are empty.
        Ok(None)
    }
}
