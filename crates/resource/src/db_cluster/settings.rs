//! What can be changed on a running cluster.

use std::{collections::BTreeSet, fmt};

use super::SecurityGroups;
use crate::{Difference, ids::ParameterGroupName};

/// Aurora capacity, in half units: exact, where a float would not be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acu(u32);

impl Acu {
    /// From a number that AWS or a user gave; rounds to the nearest half unit.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 0..=256
    pub fn from_f64(value: f64) -> Self {
        Self((value.clamp(0.0, 256.0) * 2.0).round() as u32)
    }

    /// As AWS takes it.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 2.0
    }
}

impl fmt::Debug for Acu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_f64())
    }
}

/// The settings of a cluster that `ModifyDBCluster` changes without replacing anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Least capacity.
    pub min_capacity: Acu,
    /// Greatest capacity.
    pub max_capacity: Acu,
    /// The parameters it runs with.
    pub parameter_group: ParameterGroupName,
    /// Who may connect.
    pub security_groups: SecurityGroups,
    /// Days of point-in-time recovery, 1 to 35.
    pub backup_retention_days: u32,
    /// Daily backup window in UTC, `hh24:mi-hh24:mi`.
    pub backup_window: String,
    /// Weekly maintenance window in UTC, `ddd:hh24:mi-ddd:hh24:mi`, lower case.
    pub maintenance_window: String,
    /// Logs that go to CloudWatch: `audit`, `error`, `slowquery`.
    pub log_exports: BTreeSet<String>,
    /// Refuses deletion, by anybody.
    pub deletion_protection: bool,
    /// Copies tags to snapshots, so that ownership outlives the cluster.
    pub copy_tags_to_snapshot: bool,
}

impl Settings {
    /// What differs from `self`, as it is seen, to `wanted`.
    pub fn differences(&self, wanted: &Self) -> Vec<Difference> {
        [
            Difference::between("minimum capacity", &self.min_capacity, &wanted.min_capacity),
            Difference::between("maximum capacity", &self.max_capacity, &wanted.max_capacity),
            Difference::between(
                "parameter group",
                &self.parameter_group,
                &wanted.parameter_group,
            ),
            Difference::between(
                "security groups",
                &self.security_groups,
                &wanted.security_groups,
            ),
            Difference::between(
                "backup retention",
                &self.backup_retention_days,
                &wanted.backup_retention_days,
            ),
            Difference::between("backup window", &self.backup_window, &wanted.backup_window),
            Difference::between(
                "maintenance window",
                &self.maintenance_window,
                &wanted.maintenance_window,
            ),
            Difference::between("log exports", &self.log_exports, &wanted.log_exports),
            Difference::between(
                "deletion protection",
                &self.deletion_protection,
                &wanted.deletion_protection,
            ),
            Difference::between(
                "copying tags to snapshots",
                &self.copy_tags_to_snapshot,
                &wanted.copy_tags_to_snapshot,
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
