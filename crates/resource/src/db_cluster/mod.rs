//! Aurora clusters: where patients' records live.
//!
//! Invariants: a cluster that was seen and is gone is never created anew, nor restored over the loss; nothing that AWS could
//! only do by replacing the cluster is attempted; deletion protection is on until the moment of an
//! agreed deletion.

mod after;
mod engine;
mod plan;
mod remove;
mod settings;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use engine::Engine;
pub use plan::{plan, take_over};
pub use remove::{Removal, remove};
pub use settings::{Acu, Settings};
pub use source::{Origin, Source};

use crate::{
    Difference, Listing, Mutation, ResourceType, Service, Tags,
    ids::{Arn, DbClusterId, DbInstanceId, SecretName, SecurityGroupId, SubnetGroupName},
};

/// The resource type.
#[derive(Debug)]
pub struct DbCluster;

/// A cluster as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its identifier.
    pub id: DbClusterId,
    /// Its engine; can't be changed later.
    pub engine: Engine,
    /// `8.0.mysql_aurora.3.10.1`, `16.6`.
    pub engine_version: String,
    /// The master user's name.
    pub master_username: String,
    /// Where the master password lies in Secrets Manager; read when the cluster is created.
    pub master_secret: SecretName,
    /// TCP port.
    pub port: u16,
    /// The subnets it lives in; can't be changed later.
    pub subnet_group: SubnetGroupName,
    /// The key that encrypts it; can't be changed later (safety.md 5).
    pub kms_key_arn: Arn,
    /// Everything that can be changed while it runs.
    pub settings: Settings,
    /// What it is made from; empty without one.
    pub source: Option<Source>,
    /// Its tags.
    pub tags: Tags,
}

/// A cluster as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its identifier.
    pub id: DbClusterId,
    /// Its ARN.
    pub arn: Arn,
    /// What AWS calls it for ever, whatever its name: `cluster-…`.
    pub resource_id: String,
    /// `creating`, `available`, `modifying`, …
    pub status: String,
    /// Its engine, as AWS writes it.
    pub engine: String,
    /// The running engine version.
    pub engine_version: String,
    /// Where to write.
    pub endpoint: Option<String>,
    /// Where to read.
    pub reader_endpoint: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// The master user's name.
    pub master_username: String,
    /// The subnets it lives in.
    pub subnet_group: SubnetGroupName,
    /// The key that encrypts it; `None` when it is not encrypted.
    pub kms_key_arn: Option<Arn>,
    /// What can be changed.
    pub settings: Settings,
    /// Its members.
    pub members: Vec<Member>,
    /// Its tags.
    pub tags: Tags,
}

/// A member of a cluster, as the cluster tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The instance.
    pub id: DbInstanceId,
    /// True for the one that accepts writes.
    pub is_writer: bool,
    /// `in-sync`, or `pending-reboot` while a static parameter waits for one.
    pub parameter_group_status: String,
}

impl Observed {
    /// True when a change may be asked of it.
    pub fn is_available(&self) -> bool {
        self.status == "available"
    }

    /// The member that accepts writes.
    pub fn writer(&self) -> Option<&DbInstanceId> {
        self.members
            .iter()
            .find(|member| member.is_writer)
            .map(|member| &member.id)
    }
}

/// Statuses in which AWS waits for somebody: it won't leave them by itself.
/// Source: Aurora user guide, "Viewing DB cluster status".
pub const FAILED_STATUSES: [&str; 5] = [
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "cloning-failed",
    "migration-failed",
    "storage-failure",
];

/// Statuses in which it stays without being worked on.
const RESTING_STATUSES: [&str; 2] = ["available", "stopped"];

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateDBCluster`.
    Create(Box<Desired>),
    /// `RestoreDBClusterFromSnapshot` or `RestoreDBClusterToPointInTime`: with the data, the master user
    /// and the master password of then, and unprotected until it is taken over.
    Restore {
        /// The cluster.
        desired: Box<Desired>,
        /// What it is made from.
        source: Source,
    },
    /// `ModifyDBCluster`: a restored cluster gets the master password of our secret and is protected, in
    /// one call. So a cluster that is protected has been taken over, whenever somebody looks.
    TakeOver {
        /// Its identifier.
        id: DbClusterId,
        /// Where the master password lies.
        master_secret: SecretName,
    },
    /// `ModifyDBCluster`, at once.
    Modify {
        /// Its identifier.
        id: DbClusterId,
        /// The settings to bring it to; only those named in `differences` are sent.
        settings: Box<Settings>,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// `AddTagsToResource`.
    Tag {
        /// Its identifier.
        id: DbClusterId,
        /// Its ARN.
        arn: Arn,
        /// All of ours, so that a policy can ask for them.
        tags: Tags,
        /// The names of those that differ.
        missing: Vec<String>,
    },
    /// `StartDBCluster`: AWS or somebody stopped it.
    Start(DbClusterId),
    /// `DeleteDBCluster`.
    Delete {
        /// Its identifier.
        id: DbClusterId,
        /// Keep the automated backups for the rest of their retention.
        retain_automated_backups: bool,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateDBCluster",
            Self::Restore {
                source: Source::Snapshot(_),
                ..
            } => "RestoreDBClusterFromSnapshot",
            Self::Restore { .. } => "RestoreDBClusterToPointInTime",
            Self::Modify { .. } | Self::TakeOver { .. } => "ModifyDBCluster",
            Self::Tag { .. } => "AddTagsToResource",
            Self::Start(_) => "StartDBCluster",
            Self::Delete { .. } => "DeleteDBCluster",
        }
    }

    fn target(&self) -> String {
        DbCluster::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create DB cluster {}", desired.id),
            Self::Restore { desired, source } => {
                format!("restore DB cluster {} from {source}", desired.id)
            }
            Self::TakeOver { id, .. } => {
                format!("give restored DB cluster {id} its own master password and protect it")
            }
            Self::Modify {
                id, differences, ..
            } => {
                format!("change DB cluster {id}: {}", Difference::list(differences))
            }
            Self::Tag { id, missing, .. } => {
                format!("tag DB cluster {id} with {}", missing.join(", "))
            }
            Self::Start(id) => format!("start DB cluster {id}"),
            Self::Delete { id, .. } => format!("delete DB cluster {id}"),
        }
    }
}

impl ResourceType for DbCluster {
    const NAME: &'static str = "db-cluster";
    const SERVICE: Service = Service::Rds;
    const LISTING: Listing = Listing::Pages;
    type Id = DbClusterId;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.id.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) | Change::Restore { desired, .. } => desired.id.clone(),
            Change::Modify { id, .. }
            | Change::TakeOver { id, .. }
            | Change::Tag { id, .. }
            | Change::Start(id)
            | Change::Delete { id, .. } => id.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        !RESTING_STATUSES.contains(&observed.status.as_str())
            && !FAILED_STATUSES.contains(&observed.status.as_str())
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        after::after(change, before)
    }
}

/// What status remembers of a cluster that was ready once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its ARN, which names account and region too.
    pub arn: Arn,
    /// Its lasting id, which a cluster created anew would not have.
    pub resource_id: Option<String>,
}

/// The group of security groups that a cluster has, as a set.
pub type SecurityGroups = BTreeSet<SecurityGroupId>;
