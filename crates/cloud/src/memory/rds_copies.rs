//! DB instances that stand alone, from others: restores and read replicas.

use emr_resource::{
    ids::DbInstanceId,
    rds_instance::{Desired, Observed, Past, Settings, Source, Storage},
};
use jiff::Timestamp;

use super::{
    rds::{NOT_FOUND, Records, WRONG_STATE},
    room::{Refused, Room, ensure, refuse},
};

const MOST_REPLICAS: usize = 15;

impl Room {
    /// With what the source holds, its version, its key and its room; retention, windows, autoscaling and
    /// insights are AWS's own. Source: RDS API reference, `RestoreDBInstanceFromDBSnapshot`,
    /// `RestoreDBInstanceToPointInTime`.
    pub(super) fn restore_rds(
        &mut self,
        desired: &Desired,
        source: &Source,
    ) -> Result<Observed, Refused> {
        let records = match source {
            Source::Snapshot(arn) => self.records_of_snapshot(arn)?,
            Source::PointInTime { of, at } => self.records_at(of, *at)?,
        };
        let settings = Settings {
            storage: Storage {
                allocated_gb: records.allocated_gb,
                max_allocated_gb: 0,
                iops: None,
                throughput: None,
            },
            backup_retention_days: 1,
            backup_window: "03:00-03:30".into(),
            maintenance_window: "sun:05:00-sun:05:30".into(),
            performance_insights_key: None,
            deletion_protection: false,
            ..desired.settings.clone()
        };
        self.new_rds(desired, settings, records, None)
    }

    fn records_at(&self, of: &Past, at: Option<Timestamp>) -> Result<Records, Refused> {
        let later = at.is_some_and(|at| at > self.now);
        ensure(
            !later,
            "InvalidRestoreFault",
            "outside of the restore window",
        )?;
        match of {
            Past::Instance(id) => match self.rds.records.get(id) {
                Some(records) => Ok(records.clone()),
                None => refuse(NOT_FOUND, "no such instance"),
            },
            Past::Retained(resource) => match self.rds.retained.get(resource) {
                Some(records) => Ok(records.clone()),
                None => refuse("DBInstanceAutomatedBackupNotFound", "no retained backup"),
            },
        }
    }

    /// Of an available instance with automated backups. Source: RDS API reference,
    /// `CreateDBInstanceReadReplica`; RDS user guide, "Working with DB instance read replicas".
    pub(super) fn replicate_rds(
        &mut self,
        desired: &Desired,
        of: &DbInstanceId,
    ) -> Result<Observed, Refused> {
        let followers = self.rds.all.values();
        let followers = followers.filter(|seen| seen.replica_of.as_ref() == Some(of));
        let many = followers.count() >= MOST_REPLICAS;
        ensure(!many, "InvalidParameterCombination", "at most 15 replicas")?;
        let primary = self.rds.available(of)?.clone();
        let backups = primary.settings.backup_retention_days > 0;
        ensure(backups, WRONG_STATE, "automated backups are not enabled")?;
        let Some(records) = self.rds.records.get(of).cloned() else {
            return refuse(NOT_FOUND, "it holds nothing");
        };
        let settings = Settings {
            storage: Storage {
                allocated_gb: primary.settings.storage.allocated_gb,
                max_allocated_gb: desired.settings.storage.max_allocated_gb,
                ..primary.settings.storage.clone()
            },
            backup_retention_days: 0,
            backup_window: primary.settings.backup_window.clone(),
            maintenance_window: primary.settings.maintenance_window.clone(),
            ..desired.settings.clone()
        };
        let wanted = Desired {
            subnet_group: primary.subnet_group.clone(),
            ..desired.clone()
        };
        self.new_rds(&wanted, settings, records, Some(of))
    }
}
