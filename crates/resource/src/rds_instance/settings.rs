//! What can be changed on a running instance.

use std::collections::BTreeSet;

use crate::{
    Difference,
    db_cluster::SecurityGroups,
    ids::{Arn, ParameterGroupName},
};

/// From so many GiB on, gp3 storage of PostgreSQL has the higher baseline, and more can be asked for.
/// Source: RDS user guide, "Amazon RDS DB instance storage", gp3.
pub const LARGE_GB: u32 = 400;
/// The baseline of gp3 from [`LARGE_GB`] on.
const LARGE_IOPS: u32 = 12_000;
const LARGE_THROUGHPUT: u32 = 500;

/// Storage of type gp3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// GiB that it has. It only grows, by AWS itself too.
    pub allocated_gb: u32,
    /// GiB up to which AWS grows it by itself.
    pub max_allocated_gb: u32,
    /// Operations a second; AWS's baseline when absent.
    pub iops: Option<u32>,
    /// MiB a second; AWS's baseline when absent.
    pub throughput: Option<u32>,
}

impl Storage {
    /// What is to be asked of an instance that has `seen`: never less room, since AWS may have grown it.
    /// Below [`LARGE_GB`] AWS takes neither operations nor throughput, so what it gives is as wanted.
    pub(super) fn over(&self, seen: &Self) -> Self {
        let allocated_gb = self.allocated_gb.max(seen.allocated_gb);
        let large = allocated_gb >= LARGE_GB;
        Self {
            allocated_gb,
            max_allocated_gb: self.max_allocated_gb,
            iops: if large {
                Some(self.iops.unwrap_or(LARGE_IOPS))
            } else {
                seen.iops
            },
            throughput: if large {
                Some(self.throughput.unwrap_or(LARGE_THROUGHPUT))
            } else {
                seen.throughput
            },
        }
    }

    /// The least `max_allocated_gb` that AWS takes for so much: a tenth more.
    /// Source: RDS user guide, "Managing capacity automatically with Amazon RDS storage autoscaling".
    pub(super) const fn least_maximum(allocated_gb: u32) -> u32 {
        (allocated_gb * 11).div_ceil(10)
    }
}

/// The settings of an instance that `ModifyDBInstance` changes without replacing anything.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of AWS's own"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `db.r6g.large`.
    pub class: String,
    /// A standby in another zone that takes over when it fails.
    pub multi_az: bool,
    /// Its storage.
    pub storage: Storage,
    /// The parameters it runs with.
    pub parameter_group: ParameterGroupName,
    /// Who may connect.
    pub security_groups: SecurityGroups,
    /// Days of point-in-time recovery, 1 to 35; a replica has none.
    pub backup_retention_days: u32,
    /// Daily backup window in UTC, `hh24:mi-hh24:mi`.
    pub backup_window: String,
    /// Weekly maintenance window in UTC, `ddd:hh24:mi-ddd:hh24:mi`, lower case.
    pub maintenance_window: String,
    /// Logs that go to CloudWatch: `postgresql`, `upgrade`.
    pub log_exports: BTreeSet<String>,
    /// The key that encrypts Performance Insights; `None` switches it off. AWS can't change the key.
    pub performance_insights_key: Option<Arn>,
    /// Refuses deletion, by anybody.
    pub deletion_protection: bool,
    /// Copies tags to snapshots, so that ownership outlives the instance.
    pub copy_tags_to_snapshot: bool,
    /// AWS upgrades minor versions by itself.
    pub auto_minor_version_upgrade: bool,
    /// It has an address on the internet.
    pub publicly_accessible: bool,
    /// IAM users may log in.
    pub iam_authentication: bool,
    /// Who signs the server's certificate.
    pub certificate_authority: String,
}

/// Fields that belong to the storage: AWS takes them together.
pub(super) const STORAGE_FIELDS: [&str; 4] = [
    "storage",
    "greatest storage",
    "storage IOPS",
    "storage throughput",
];

impl Settings {
    /// What differs from `self`, as it is seen, to `wanted`.
    pub fn differences(&self, wanted: &Self) -> Vec<Difference> {
        let storage = wanted.storage.over(&self.storage);
        let (has, on) = (
            self.performance_insights_key.is_some(),
            wanted.performance_insights_key.is_some(),
        );
        let all = [
            Difference::between("class", &self.class, &wanted.class),
            Difference::between("Multi-AZ", &self.multi_az, &wanted.multi_az),
            Difference::between("storage", &self.storage.allocated_gb, &storage.allocated_gb),
            Difference::between(
                "greatest storage",
                &self.storage.max_allocated_gb,
                &storage.max_allocated_gb,
            ),
            Difference::between("storage IOPS", &self.storage.iops, &storage.iops),
            Difference::between(
                "storage throughput",
                &self.storage.throughput,
                &storage.throughput,
            ),
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
            Difference::between("Performance Insights", &has, &on),
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
            Difference::between(
                "automatic minor upgrades",
                &self.auto_minor_version_upgrade,
                &wanted.auto_minor_version_upgrade,
            ),
            Difference::between(
                "public access",
                &self.publicly_accessible,
                &wanted.publicly_accessible,
            ),
            Difference::between(
                "IAM authentication",
                &self.iam_authentication,
                &wanted.iam_authentication,
            ),
            Difference::between(
                "certificate authority",
                &self.certificate_authority,
                &wanted.certificate_authority,
            ),
        ];
        all.into_iter().flatten().collect()
    }

    /// These settings for an instance that has `seen`, as a change would bring it to them.
    #[must_use]
    pub(super) fn over(&self, seen: &Self) -> Self {
        Self {
            storage: self.storage.over(&seen.storage),
            ..self.clone()
        }
    }

    /// These settings for a replica that has `seen`: its backups are the primary's.
    #[must_use]
    pub(super) fn of_replica(&self, seen: &Self) -> Self {
        Self {
            backup_retention_days: seen.backup_retention_days,
            backup_window: seen.backup_window.clone(),
            ..self.clone()
        }
    }
}
