//! S3 buckets: objects that many pods write and nobody may lose.
//!
//! Invariants: a bucket that was seen and is gone is never created anew; one that holds an object or a
//! version of one is never deleted (S3 refuses, and the operator may not delete objects); nobody but the
//! account reaches it, and only over TLS 1.2; what is written is encrypted with the customer's key.
//!
//! The names of buckets are one space for all accounts, so account and region stand in them. The list
//! tells names alone; everything else is read bucket by bucket, in turn.

mod after;
mod change;
mod plan;
mod policy;
mod remove;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use change::Change;
pub use plan::{is_guarded, plan};
pub use policy::{arn, canonical, partition, policy};
pub use remove::{Left, left, remove};
pub use settings::{Encryption, Lifecycle, Lock, LockMode, Logging};

use crate::{
    Listing, ResourceType, Service, Tags,
    ids::{Arn, BucketName, Region},
};

/// The resource type.
#[derive(Debug)]
pub struct Bucket;

/// A bucket as it should be: versioned, without access lists, closed to the public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name, which is its identity.
    pub name: BucketName,
    /// Where it is; can't be changed later.
    pub region: Region,
    /// With what it encrypts what is written without saying.
    pub encryption: Encryption,
    /// Who may not do what, as JSON: [`policy()`].
    pub policy: String,
    /// When objects move to cheaper storage, and when what nobody needs goes.
    pub lifecycle: Lifecycle,
    /// How long versions can't be deleted; can be had only by a bucket that was made with it.
    pub lock: Option<Lock>,
    /// The origins whose pages browsers may let read and write.
    pub cors_origins: BTreeSet<String>,
    /// Where S3 writes who asked for what.
    pub logging: Option<Logging>,
    /// Its tags.
    pub tags: Tags,
}

/// A bucket as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: BucketName,
    /// What only single reads tell.
    pub details: Option<Details>,
}

/// What only single reads tell.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of AWS's own"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Whether all four public access blocks are on.
    pub public_access_blocked: bool,
    /// Whether everything in it is its owner's, and access lists count for nothing.
    pub owner_enforced: bool,
    /// With what it encrypts what is written without saying.
    pub encryption: Encryption,
    /// Its policy, as [`canonical`] writes it.
    pub policy: Option<String>,
    /// Whether it keeps versions.
    pub versioned: bool,
    /// When objects move and go.
    pub lifecycle: Lifecycle,
    /// Whether versions can be locked, and how long they are by themselves.
    pub lock: Option<Option<Lock>>,
    /// The origins whose pages browsers may let read and write.
    pub cors_origins: BTreeSet<String>,
    /// Where S3 writes who asked for what.
    pub logging: Option<Logging>,
    /// Whether there is no object, no version and no mark of deletion in it.
    pub empty: bool,
    /// Its tags.
    pub tags: Tags,
}

impl Observed {
    /// Its ARN, which follows from its name.
    pub fn arn(&self, region: &Region) -> Arn {
        arn(&self.name, region)
    }
}

impl ResourceType for Bucket {
    const NAME: &'static str = "bucket";
    const SERVICE: Service = Service::S3;
    const LISTING: Listing = Listing::Pages;
    type Id = BucketName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        change.name().clone()
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        observed.details.as_ref().map(|details| &details.tags)
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }

    fn lacks_details(observed: &Observed) -> bool {
        observed.details.is_none()
    }

    fn absorb(listed: &mut Observed, known: &Observed) {
        listed.details = listed.details.take().or_else(|| known.details.clone());
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        after::after(change, before)
    }
}
