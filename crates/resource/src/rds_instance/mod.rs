//! DB instances of RDS for PostgreSQL that stand alone, and the read replicas of each: where patients'
//! records live when it is not in Aurora.
//!
//! Invariants: a primary that was seen and is gone is never created anew, nor restored over the loss;
//! nothing that AWS could only do by replacing it is attempted; storage only grows; deletion protection is
//! on until the moment of an agreed deletion. A replica holds a copy: one that is lost is made again, but
//! one that somebody promoted holds data of its own and is left alone.

mod after;
mod change;
mod keep;
mod plan;
mod remove;
mod settings;
mod source;
#[cfg(test)]
mod tests;

pub use change::Change;
pub use plan::{plan, take_over};
pub use remove::{remove, remove_replica};
pub use settings::{LARGE_GB, Settings, Storage};
pub use source::{Found, Past, Source, usable_source};

use crate::{
    Listing, ResourceType, Service, Tags,
    ids::{Arn, DbInstanceId, SecretName, SubnetGroupName},
};

/// The engine, as AWS writes it.
pub const ENGINE: &str = "postgres";
/// The TCP port that clients expect.
pub const PORT: u16 = 5432;
/// Who signs the server's certificate.
pub const CERTIFICATE_AUTHORITY: &str = "rds-ca-rsa2048-g1";

/// The family of parameter groups for a version: `postgres16`.
/// Source: RDS API reference, `DescribeDBEngineVersions`.
pub fn family(version: &str) -> String {
    let major = version.split('.').next().unwrap_or(version);
    format!("{ENGINE}{major}")
}

/// The resource type.
#[derive(Debug)]
pub struct RdsInstance;

/// How an instance comes to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Empty.
    Empty,
    /// From what another held.
    Restored(Source),
    /// As a read replica of this one, in the same region.
    Replica(DbInstanceId),
}

/// An instance as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its identifier.
    pub id: DbInstanceId,
    /// `16.11`. A restored one has the version of then.
    pub engine_version: String,
    /// The master user's name.
    pub master_username: String,
    /// Where the master password lies in Secrets Manager; read when the instance is created.
    pub master_secret: SecretName,
    /// The subnets it lives in; can't be changed later.
    pub subnet_group: SubnetGroupName,
    /// The key that encrypts it; can't be changed later (safety.md 5).
    pub kms_key_arn: Arn,
    /// Everything that can be changed while it runs.
    pub settings: Settings,
    /// How it comes to be.
    pub origin: Origin,
    /// Its tags.
    pub tags: Tags,
}

impl Desired {
    /// Whether it is a copy of another.
    pub const fn is_replica(&self) -> bool {
        matches!(self.origin, Origin::Replica(_))
    }
}

/// An instance as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its identifier.
    pub id: DbInstanceId,
    /// Its ARN.
    pub arn: Arn,
    /// What AWS calls it for ever, whatever its name: `db-…`.
    pub resource_id: String,
    /// `creating`, `available`, `modifying`, …
    pub status: String,
    /// Its engine, as AWS writes it.
    pub engine: String,
    /// The running engine version.
    pub engine_version: String,
    /// Where to connect, once it was created.
    pub endpoint: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// The master user's name.
    pub master_username: String,
    /// The subnets it lives in.
    pub subnet_group: SubnetGroupName,
    /// The key that encrypts it; `None` when it is not encrypted.
    pub kms_key_arn: Option<Arn>,
    /// What can be changed, as it will be once what is pending is applied.
    pub settings: Settings,
    /// What AWS has accepted and not applied yet, in words: `class`.
    pub pending: Vec<String>,
    /// `in-sync`, or `pending-reboot` while a static parameter waits for one.
    pub parameter_status: String,
    /// The instance that it follows; `None` for one that accepts writes.
    pub replica_of: Option<DbInstanceId>,
    /// Its tags.
    pub tags: Tags,
}

impl Observed {
    /// True when any change may be asked of it.
    pub fn is_available(&self) -> bool {
        self.status == "available"
    }

    /// True when clients can connect. Source: RDS user guide, "Viewing DB instance status".
    pub fn answers(&self) -> bool {
        !matches!(
            self.status.as_str(),
            "creating" | "deleting" | "starting" | "stopping" | "stopped" | "storage-full"
        ) && !is_failed(&self.status)
    }
}

/// Statuses that AWS does not leave by itself. Source: RDS user guide, "Viewing DB instance status".
const FAILED_STATUSES: [&str; 10] = [
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-credentials",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
];

/// Statuses in which it stays without being worked on, or for hours in which it serves as usual.
const RESTING_STATUSES: [&str; 4] = ["available", "stopped", "storage-full", OPTIMIZING];

/// After its storage changed, AWS arranges it anew for hours: it serves, and its storage can't be changed
/// again. Source: RDS user guide, "Working with storage for Amazon RDS DB instances".
const OPTIMIZING: &str = "storage-optimization";

fn is_failed(status: &str) -> bool {
    FAILED_STATUSES.contains(&status)
}

impl ResourceType for RdsInstance {
    const NAME: &'static str = "rds-instance";
    const SERVICE: Service = Service::Rds;
    const LISTING: Listing = Listing::Pages;
    type Id = DbInstanceId;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.id.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        change.instance().clone()
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        !RESTING_STATUSES.contains(&observed.status.as_str()) && !is_failed(&observed.status)
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        after::after(change, before)
    }
}
