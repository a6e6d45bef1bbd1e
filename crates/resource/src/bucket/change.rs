//! The mutating calls of a bucket.

use std::collections::BTreeSet;

use super::{Desired, Encryption, Lifecycle, Lock, Logging};
use crate::{Mutation, Tags, ids::BucketName};

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateBucket`, with its tags and without access lists.
    Create(Box<Desired>),
    /// `PutPublicAccessBlock`, all four.
    BlockPublicAccess(BucketName),
    /// `PutBucketOwnershipControls`, `BucketOwnerEnforced`.
    EnforceOwner(BucketName),
    /// `PutBucketEncryption`.
    Encrypt {
        /// The bucket.
        name: BucketName,
        /// With what, from now on.
        encryption: Encryption,
    },
    /// `PutBucketPolicy`, which replaces all of it.
    PutPolicy {
        /// The bucket.
        name: BucketName,
        /// The policy, as JSON.
        policy: String,
    },
    /// `PutBucketVersioning`, on.
    Version(BucketName),
    /// `PutObjectLockConfiguration`.
    PutLock {
        /// The bucket.
        name: BucketName,
        /// How long, from now on.
        lock: Lock,
    },
    /// `PutBucketLifecycleConfiguration`, which replaces all of it.
    PutLifecycle {
        /// The bucket.
        name: BucketName,
        /// When objects move and go from now on.
        lifecycle: Lifecycle,
    },
    /// `PutBucketCors`, which replaces all of it.
    PutCors {
        /// The bucket.
        name: BucketName,
        /// The origins, at least one.
        origins: BTreeSet<String>,
    },
    /// `DeleteBucketCors`.
    DeleteCors(BucketName),
    /// `PutBucketLogging`; `None` ends it.
    PutLogging {
        /// The bucket.
        name: BucketName,
        /// Where to, from now on.
        logging: Option<Logging>,
    },
    /// `PutBucketTagging`, which replaces all of them.
    Tag {
        /// The bucket.
        name: BucketName,
        /// All of them: ours, and what somebody put beside.
        tags: Tags,
        /// The names of those that differ.
        missing: Vec<String>,
    },
    /// `DeleteBucket`. S3 refuses while there is an object in it.
    Delete(BucketName),
}

impl Change {
    /// The bucket.
    pub fn name(&self) -> &BucketName {
        match self {
            Self::Create(desired) => &desired.name,
            Self::BlockPublicAccess(name)
            | Self::EnforceOwner(name)
            | Self::Version(name)
            | Self::DeleteCors(name)
            | Self::Delete(name)
            | Self::Encrypt { name, .. }
            | Self::PutPolicy { name, .. }
            | Self::PutLock { name, .. }
            | Self::PutLifecycle { name, .. }
            | Self::PutCors { name, .. }
            | Self::PutLogging { name, .. }
            | Self::Tag { name, .. } => name,
        }
    }
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateBucket",
            Self::BlockPublicAccess(_) => "PutPublicAccessBlock",
            Self::EnforceOwner(_) => "PutBucketOwnershipControls",
            Self::Encrypt { .. } => "PutBucketEncryption",
            Self::PutPolicy { .. } => "PutBucketPolicy",
            Self::Version(_) => "PutBucketVersioning",
            Self::PutLock { .. } => "PutObjectLockConfiguration",
            Self::PutLifecycle { .. } => "PutBucketLifecycleConfiguration",
            Self::PutCors { .. } => "PutBucketCors",
            Self::DeleteCors(_) => "DeleteBucketCors",
            Self::PutLogging { .. } => "PutBucketLogging",
            Self::Tag { .. } => "PutBucketTagging",
            Self::Delete(_) => "DeleteBucket",
        }
    }

    fn target(&self) -> String {
        self.name().to_string()
    }

    fn describe(&self) -> String {
        let name = self.name();
        match self {
            Self::Create(_) => format!("create bucket {name}"),
            Self::BlockPublicAccess(_) => format!("block public access to bucket {name}"),
            Self::EnforceOwner(_) => format!("switch access lists of bucket {name} off"),
            Self::Encrypt { encryption, .. } => format!("encrypt bucket {name}: {encryption}"),
            Self::PutPolicy { .. } => format!("set policy of bucket {name}"),
            Self::Version(_) => format!("switch versioning of bucket {name} on"),
            Self::PutLock { lock, .. } => format!(
                "lock versions in bucket {name} for {} days ({})",
                lock.days,
                lock.mode.as_str()
            ),
            Self::PutLifecycle { .. } => format!("set lifecycle of bucket {name}"),
            Self::PutCors { origins, .. } => {
                let origins: Vec<_> = origins.iter().map(String::as_str).collect();
                format!("let pages of {} use bucket {name}", origins.join(", "))
            }
            Self::DeleteCors(_) => format!("let no pages use bucket {name}"),
            Self::PutLogging {
                logging: Some(to), ..
            } => format!("log access to bucket {name} in {}", to.bucket),
            Self::PutLogging { logging: None, .. } => {
                format!("log access to bucket {name} no more")
            }
            Self::Tag { missing, .. } => format!("tag bucket {name} with {}", missing.join(", ")),
            Self::Delete(_) => format!("delete bucket {name}"),
        }
    }
}
