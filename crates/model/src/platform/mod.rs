//! EmrPlatform: the network that is found, and what every instance on it shares.

mod backups;
mod leftovers;
mod network;
mod plan;
mod prerequisites;
mod quotas;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use emr_api::emr_platform::Backup;
use emr_resource::{
    Owner, backup_plan, backup_role, backup_vault, ids::BackupPlanName, key, subnet_group,
};

pub use leftovers::{RESTED, unused_parameter_groups};
pub use network::{NetworkError, explicit, find};
pub use plan::{PlatformParts, desire, key_for, lasting, plan, teardown};
pub use prerequisites::{
    EFS_CSI_DRIVER, INGRESS_CLASS, InCluster, METRICS_API, POD_IDENTITY_AGENT, prerequisites,
};
pub use quotas::{Room, quota_headroom};
pub use status::status;

/// What a platform consists of in AWS.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatformStack {
    /// Whose it is.
    pub owner: Owner,
    /// The key for everything that has none of its own; `None` where the spec names one.
    pub key: Option<key::Desired>,
    /// Where databases live.
    pub subnet_group: subnet_group::Desired,
    /// The role that AWS Backup works under.
    pub backup_role: backup_role::Desired,
    /// What its plans take.
    pub backup: Backup,
    /// Their names.
    pub backup_plans: Vec<BackupPlanName>,
}

/// What AWS has of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlatformSeen {
    /// The key.
    pub key: Option<key::Observed>,
    /// Where databases live.
    pub subnet_group: Option<subnet_group::Observed>,
    /// The backup vault.
    pub vault: Option<backup_vault::Observed>,
    /// The role that AWS Backup works under.
    pub backup_role: Option<backup_role::Observed>,
    /// The backup plans.
    pub backup_plans: BTreeMap<BackupPlanName, backup_plan::Observed>,
}
