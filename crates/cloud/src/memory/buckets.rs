//! Buckets. Objects are not kept, but for whether there are any.

use std::collections::{BTreeMap, BTreeSet};

use emr_resource::{
    bucket::{Bucket, Change, Desired, Details, Encryption, Lifecycle, Observed, canonical},
    ids::BucketName,
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

/// Days that AWS wants between a transition and what is before it. Source: S3 user guide, "Lifecycle
/// transition general considerations".
const APART: u32 = 30;

#[derive(Clone, Default)]
pub(super) struct Buckets {
    pub(super) all: BTreeMap<BucketName, Details>,
}

impl Buckets {
    fn get(&mut self, name: &BucketName) -> Result<&mut Details, Refused> {
        let found = self.all.get_mut(name);
        found.map_or_else(|| refuse("NoSuchBucket", format!("no bucket {name}")), Ok)
    }
}

/// Source: S3 API reference, `PutBucketLifecycleConfiguration`.
fn check_lifecycle(lifecycle: &Lifecycle) -> Result<(), Refused> {
    ensure(
        *lifecycle != Lifecycle::default(),
        "MalformedXML",
        "a rule does something",
    )?;
    let infrequent = lifecycle.infrequent_access_after_days;
    ensure(
        infrequent.is_none_or(|days| days >= APART),
        "InvalidArgument",
        "STANDARD_IA takes 30 days or more",
    )?;
    let early = lifecycle
        .glacier_after_days
        .zip(infrequent)
        .is_some_and(|(glacier, infrequent)| glacier < infrequent + APART);
    ensure(
        !early,
        "InvalidArgument",
        "GLACIER_IR is 30 days or more after STANDARD_IA",
    )
}

impl Room {
    /// A new bucket is closed to the public and has SSE-S3. In us-east-1 a second request is no error.
    /// Source: S3 API reference, `CreateBucket`; S3 user guide, "Default settings for new buckets".
    fn create_bucket(&mut self, desired: &Desired) -> Result<(), Refused> {
        let name = &desired.name;
        ensure(
            desired.region == self.region,
            "IllegalLocationConstraintException",
            format!("{} is not here", desired.region),
        )?;
        ensure(name.as_str().len() <= 63, "InvalidBucketName", "too long")?;
        if self.buckets.all.contains_key(name) {
            let again = self.region.as_str() == "us-east-1";
            return ensure(again, "BucketAlreadyOwnedByYou", format!("{name} exists"));
        }
        let made = Details {
            public_access_blocked: true,
            owner_enforced: true,
            encryption: Encryption::S3,
            policy: None,
            // A bucket that can be locked keeps versions from the beginning.
            versioned: desired.lock.is_some(),
            lifecycle: Lifecycle::default(),
            lock: desired.lock.map(|_| None),
            cors_origins: BTreeSet::new(),
            logging: None,
            empty: true,
            tags: desired.tags.clone(),
        };
        self.buckets.all.insert(name.clone(), made);
        Ok(())
    }

    /// What access logs go to is a bucket of the same account and region, and S3 can write there only if
    /// that has S3's own encryption. Source: S3 user guide, "Enabling Amazon S3 server access logging".
    fn check_log_target(&mut self, name: &BucketName) -> Result<(), Refused> {
        let target = self.buckets.all.get(name);
        let takes = target.is_some_and(|target| target.encryption == Encryption::S3);
        let no = format!("{name} takes no logs");
        ensure(takes, "InvalidTargetBucketForLogging", no)
    }

    fn tell_bucket(&mut self, change: &Change) -> Result<(), Refused> {
        if let Change::PutLogging {
            logging: Some(to), ..
        } = change
        {
            self.check_log_target(&to.bucket)?;
        }
        if let Change::Encrypt {
            encryption: Encryption::Key(key),
            ..
        } = change
        {
            self.check_key(key, "InvalidArgument")?;
        }
        let bucket = self.buckets.get(change.name())?;
        match change {
            Change::Create(_) | Change::Delete(_) => {}
            Change::BlockPublicAccess(_) => bucket.public_access_blocked = true,
            Change::EnforceOwner(_) => bucket.owner_enforced = true,
            Change::Encrypt { encryption, .. } => bucket.encryption = encryption.clone(),
            Change::PutPolicy { policy, .. } => {
                let json: Result<serde_json::Value, _> = serde_json::from_str(policy);
                ensure(json.is_ok(), "MalformedPolicy", "no JSON")?;
                bucket.policy = Some(canonical(policy));
            }
            Change::Version(_) => bucket.versioned = true,
            Change::PutLock { lock, .. } => {
                let can = bucket.lock.is_some() && bucket.versioned;
                ensure(can, "InvalidBucketState", "made without object lock")?;
                bucket.lock = Some(Some(*lock));
            }
            Change::PutLifecycle { lifecycle, .. } => {
                check_lifecycle(lifecycle)?;
                bucket.lifecycle = lifecycle.clone();
            }
            Change::PutCors { origins, .. } => {
                ensure(!origins.is_empty(), "MalformedXML", "a rule has an origin")?;
                bucket.cors_origins.clone_from(origins);
            }
            Change::DeleteCors(_) => bucket.cors_origins.clear(),
            Change::PutLogging { logging, .. } => bucket.logging.clone_from(logging),
            Change::Tag { tags, .. } => bucket.tags = tags.clone(),
        }
        Ok(())
    }
}

impl Keeps<Bucket> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.buckets.all.keys(), |name| Observed {
            name: name.clone(),
            details: None,
        })
    }

    fn read(&self, id: &BucketName) -> Option<Observed> {
        let details = self.buckets.all.get(id)?;
        Some(Observed {
            name: id.clone(),
            details: Some(details.clone()),
        })
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => self.create_bucket(desired)?,
            Change::Delete(name) => {
                let empty = self.buckets.get(name)?.empty;
                ensure(empty, "BucketNotEmpty", format!("{name} is not empty"))?;
                self.buckets.all.remove(name);
            }
            told => self.tell_bucket(told)?,
        }
        Ok(None)
    }
}
