//! EFS file systems: where patients' documents and the keys that open them live.
//!
//! Invariants: a file system that was seen and is gone is never created anew; what AWS could only
//! do by replacing it is refused. Mount targets hold nothing: one that is lost is made again.
//!
//! A file system is known by its creation token; its size changes by itself and is not observed.

mod after;
mod change;
mod plan;
mod remove;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

pub use change::Change;
pub use plan::plan;
pub use remove::remove;

use crate::{
    Listing, ResourceType, Service, Tags,
    ids::{Arn, CreationToken, FileSystemId, MountTargetId, SecurityGroupId, SubnetId, Zone},
};

/// The resource type.
#[derive(Debug)]
pub struct FileSystem;

/// A file system as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its creation token, which is its identity.
    pub token: CreationToken,
    /// The key that encrypts it; can't be changed later (safety.md 5).
    pub kms_key_arn: Arn,
    /// How much throughput it gets.
    pub throughput: Throughput,
    /// When files move to cheaper storage.
    pub lifecycle: Lifecycle,
    /// Whether AWS Backup's own daily plan for EFS takes it in.
    pub automatic_backups: bool,
    /// One mount target a zone, and the subnet to make it in.
    pub mount_targets: BTreeMap<Zone, SubnetId>,
    /// Who may connect to the mount targets.
    pub security_group_id: SecurityGroupId,
    /// Its tags.
    pub tags: Tags,
}

/// How much throughput a file system gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Throughput {
    /// What is asked for, paid by use.
    Elastic,
    /// By size, with credits.
    Bursting,
    /// Always this much.
    Provisioned {
        /// MiB a second.
        mibps: u32,
    },
    /// A mode that is not ours: only ever seen.
    Other(String),
}

impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elastic => f.write_str("elastic"),
            Self::Bursting => f.write_str("bursting"),
            Self::Provisioned { mibps } => write!(f, "{mibps} MiB/s provisioned"),
            Self::Other(mode) => f.write_str(mode),
        }
    }
}

/// When files move between storage classes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Days without access until a file moves to Infrequent Access; AWS knows 1, 7, 14, 30, 60, 90,
    /// 180, 270 and 365.
    pub to_ia_days: Option<u32>,
    /// Days without access until a file moves to Archive.
    pub to_archive_days: Option<u32>,
    /// Whether a file comes back when it is read.
    pub to_primary_on_first_access: bool,
}

/// A file system as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: FileSystemId,
    /// Its creation token.
    pub token: CreationToken,
    /// Its ARN.
    pub arn: Arn,
    /// `creating`, `available`, `updating`, `deleting`, `deleted`, `error`.
    pub state: String,
    /// The key that encrypts it; `None` when it is not encrypted.
    pub kms_key_arn: Option<Arn>,
    /// How much throughput it gets.
    pub throughput: Throughput,
    /// How many mount targets it has.
    pub number_of_mount_targets: usize,
    /// Its tags.
    pub tags: Tags,
    /// What only single reads tell.
    pub details: Option<Details>,
}

/// What only single reads tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Its mount targets.
    pub mount_targets: Vec<MountTarget>,
    /// When files move to cheaper storage.
    pub lifecycle: Lifecycle,
    /// Whether AWS Backup's own daily plan for EFS takes it in.
    pub automatic_backups: bool,
}

/// A network address of a file system in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountTarget {
    /// Its id.
    pub id: MountTargetId,
    /// Its subnet.
    pub subnet_id: SubnetId,
    /// Its zone.
    pub zone: Zone,
    /// `creating`, `available`, `updating`, `deleting`, `deleted`, `error`.
    pub state: String,
    /// Its address.
    pub ip: Option<String>,
    /// Who may connect.
    pub security_group_ids: BTreeSet<SecurityGroupId>,
}

/// States in which AWS won't do anything by itself.
const RESTING_STATES: [&str; 2] = ["available", "error"];

impl ResourceType for FileSystem {
    const NAME: &'static str = "file-system";
    const SERVICE: Service = Service::Efs;
    const LISTING: Listing = Listing::Pages;
    type Id = CreationToken;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.token.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.token.clone(),
            Change::UpdateThroughput { token, .. }
            | Change::PutLifecycle { token, .. }
            | Change::PutBackupPolicy { token, .. }
            | Change::Tag { token, .. }
            | Change::CreateMountTarget { token, .. }
            | Change::ModifyMountTargetSecurityGroups { token, .. }
            | Change::DeleteMountTarget { token, .. }
            | Change::Delete { token, .. } => token.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(observed: &Observed) -> bool {
        let states = observed
            .details
            .iter()
            .flat_map(|details| &details.mount_targets);
        states
            .map(|target| target.state.as_str())
            .chain([observed.state.as_str()])
            .any(|state| !RESTING_STATES.contains(&state))
    }

    fn lacks_details(observed: &Observed) -> bool {
        observed.details.is_none()
    }

    fn absorb(listed: &mut Observed, known: &Observed) {
        let unchanged = listed.id == known.id
            && known.details.as_ref().is_some_and(|details| {
                details.mount_targets.len() == listed.number_of_mount_targets
            });
        if listed.details.is_none() && unchanged {
            listed.details.clone_from(&known.details);
        }
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        after::after(change, before)
    }
}
