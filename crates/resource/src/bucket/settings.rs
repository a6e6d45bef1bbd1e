//! What a bucket can be told, in the words in which it is compared.

use std::fmt;

use crate::ids::{Arn, BucketName};

/// With what a bucket encrypts what is written without saying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// A customer's key (SSE-KMS), with a bucket key, so that S3 asks KMS rarely.
    Key(Arn),
    /// S3's own key (SSE-S3): what S3 delivers access logs to can have no other.
    S3,
    /// Anything else: only ever seen.
    Other(String),
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(arn) => write!(f, "SSE-KMS with {arn}"),
            Self::S3 => f.write_str("SSE-S3"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// When objects move to cheaper storage, and when what nobody needs goes. All in days; `None` for never.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// From its creation until an object moves to Standard-IA; AWS takes 30 or more.
    pub infrequent_access_after_days: Option<u32>,
    /// From its creation until an object moves to Glacier Instant Retrieval; 30 or more after that.
    pub glacier_after_days: Option<u32>,
    /// From its creation until an object is deleted: of access logs alone.
    pub expire_after_days: Option<u32>,
    /// From when it was overwritten or deleted until a version goes for good.
    pub noncurrent_expire_after_days: Option<u32>,
    /// From its begin until an upload in parts that nobody completed goes.
    pub abort_incomplete_uploads_after_days: Option<u32>,
    /// Whether there are rules beside ours, or rules that these words can't tell.
    pub other_rules: bool,
}

/// How long versions can't be deleted or overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Who may shorten it.
    pub mode: LockMode,
    /// Days from when a version is written.
    pub days: u32,
}

/// Who may shorten a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// Whoever has `s3:BypassGovernanceRetention`.
    Governance,
    /// Nobody.
    Compliance,
}

impl LockMode {
    /// As S3 writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

/// Where S3 writes who asked for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// The bucket, of the same account and region.
    pub bucket: BucketName,
    /// What the keys of the logs begin with.
    pub prefix: String,
}
