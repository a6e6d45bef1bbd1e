//! What only single reads tell of a bucket: a call each.

use std::collections::BTreeSet;

use emr_resource::{
    Tags,
    bucket::{Details, Encryption, Lifecycle, Lock, Logging, canonical},
    ids::BucketName,
};

use super::{Adapter, rules, settings};
use crate::{CloudError, ErrorKind};

/// What S3 says that a bucket was never told; that there is no bucket stays an error.
fn told<T>(found: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match found {
        Err(error)
            if error.kind == ErrorKind::NotFound
                && error.code.as_deref() != Some("NoSuchBucket") =>
        {
            Ok(None)
        }
        found => found.map(Some),
    }
}

/// A read of what one bucket was told. The calls have the same fields, and no type in common.
macro_rules! asked {
    ($self:ident, $name:ident, $call:ident) => {
        || {
            let call = $self.s3.$call().bucket($name.as_str());
            call.expected_bucket_owner($self.account.as_str()).send()
        }
    };
}

impl Adapter {
    /// The details of a bucket. `NotFound` says that the bucket itself is gone.
    pub(super) async fn details(&self, name: &BucketName) -> Result<Details, CloudError> {
        // Alone, so that of a bucket that is not there, or is another's, nothing else is asked.
        let tags = self.tags(name).await?;
        let (guards, kept, conveniences) = futures::try_join!(
            async {
                futures::try_join!(
                    self.public_access_blocked(name),
                    self.owner_enforced(name),
                    self.encryption(name),
                    self.policy(name),
                )
            },
            async {
                futures::try_join!(
                    self.versioned(name),
                    self.lifecycle(name),
                    self.lock(name),
                    self.empty(name),
                )
            },
            async { futures::try_join!(self.cors_origins(name), self.logging(name)) },
        )?;
        Ok(Details {
            public_access_blocked: guards.0,
            owner_enforced: guards.1,
            encryption: guards.2,
            policy: guards.3,
            versioned: kept.0,
            lifecycle: kept.1,
            lock: kept.2,
            empty: kept.3,
            cors_origins: conveniences.0,
            logging: conveniences.1,
            tags,
        })
    }

    async fn tags(&self, name: &BucketName) -> Result<Tags, CloudError> {
        let read = asked!(self, name, get_bucket_tagging);
        let found = told(self.wire.read("GetBucketTagging", read).await)?;
        Ok(found.map_or_else(Tags::new, |found| settings::from_tags(found.tag_set())))
    }

    async fn public_access_blocked(&self, name: &BucketName) -> Result<bool, CloudError> {
        let read = asked!(self, name, get_public_access_block);
        let found = told(self.wire.read("GetPublicAccessBlock", read).await)?;
        let blocks = found.and_then(|found| found.public_access_block_configuration);
        Ok(blocks.as_ref() == Some(&settings::blocked()))
    }

    async fn owner_enforced(&self, name: &BucketName) -> Result<bool, CloudError> {
        let read = asked!(self, name, get_bucket_ownership_controls);
        let found = told(self.wire.read("GetBucketOwnershipControls", read).await)?;
        let controls = found.and_then(|found| found.ownership_controls);
        let wanted = settings::owner_enforced("GetBucketOwnershipControls")?;
        Ok(controls == Some(wanted))
    }

    async fn encryption(&self, name: &BucketName) -> Result<Encryption, CloudError> {
        let read = asked!(self, name, get_bucket_encryption);
        let found = told(self.wire.read("GetBucketEncryption", read).await)?;
        let rules = found.and_then(|found| found.server_side_encryption_configuration);
        Ok(settings::from_encryption(rules.as_ref()))
    }

    async fn policy(&self, name: &BucketName) -> Result<Option<String>, CloudError> {
        let read = asked!(self, name, get_bucket_policy);
        let found = told(self.wire.read("GetBucketPolicy", read).await)?;
        Ok(found.and_then(|found| found.policy().map(canonical)))
    }

    async fn versioned(&self, name: &BucketName) -> Result<bool, CloudError> {
        let read = asked!(self, name, get_bucket_versioning);
        let found = self.wire.read("GetBucketVersioning", read).await?;
        Ok(found.status() == settings::versioned().status())
    }

    async fn lifecycle(&self, name: &BucketName) -> Result<Lifecycle, CloudError> {
        let read = asked!(self, name, get_bucket_lifecycle_configuration);
        let found = self.wire.read("GetBucketLifecycleConfiguration", read);
        let found = told(found.await)?;
        Ok(found.map_or_else(Lifecycle::default, |found| {
            rules::from_lifecycle(found.rules())
        }))
    }

    async fn lock(&self, name: &BucketName) -> Result<Option<Option<Lock>>, CloudError> {
        let read = asked!(self, name, get_object_lock_configuration);
        let found = told(self.wire.read("GetObjectLockConfiguration", read).await)?;
        let lock = found.and_then(|found| found.object_lock_configuration);
        Ok(lock.map(|lock| settings::from_lock(&lock)))
    }

    async fn cors_origins(&self, name: &BucketName) -> Result<BTreeSet<String>, CloudError> {
        let read = asked!(self, name, get_bucket_cors);
        let found = told(self.wire.read("GetBucketCors", read).await)?;
        Ok(found.map_or_else(BTreeSet::new, |found| rules::from_cors(found.cors_rules())))
    }

    async fn logging(&self, name: &BucketName) -> Result<Option<Logging>, CloudError> {
        let read = asked!(self, name, get_bucket_logging);
        let found = self.wire.read("GetBucketLogging", read).await?;
        Ok(found.logging_enabled().map(settings::from_logging))
    }

    /// One version, or one mark of deletion, tells.
    async fn empty(&self, name: &BucketName) -> Result<bool, CloudError> {
        let read = || {
            let call = self.s3.list_object_versions().bucket(name.as_str());
            let call = call.expected_bucket_owner(self.account.as_str());
            call.max_keys(1).send()
        };
        let found = self.wire.read("ListObjectVersions", read).await?;
        Ok(found.versions().is_empty() && found.delete_markers().is_empty())
    }
}
