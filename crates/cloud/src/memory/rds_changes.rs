//! DB instances that stand alone: how they change and go.

use emr_resource::{
    ids::{DbInstanceId, SecretName},
    rds_instance::{Change, Observed, RdsInstance, Settings},
};

use super::{
    rds::{WRONG_STATE, check_storage, speed},
    room::{Keeps, Refused, Room, Window, ensure, refuse},
};

const STORAGE_FIELDS: [&str; 4] = [
    "storage",
    "greatest storage",
    "storage IOPS",
    "storage throughput",
];

impl Room {
    /// Only what `differences` name is sent. Storage never shrinks, grows by a tenth at least, and is then
    /// arranged anew, during which it serves and its storage stays as it is. Source: RDS API reference,
    /// `ModifyDBInstance`; RDS user guide, "Increasing DB instance storage capacity".
    fn modify_rds(
        &mut self,
        id: &DbInstanceId,
        wanted: &Settings,
        fields: &[&'static str],
    ) -> Result<(), Refused> {
        let instance = self.rds.get(id)?;
        let message = format!("DB instance {id} is {}", instance.status);
        let optimizing = instance.status == "storage-optimization";
        let open = instance.is_available() || optimizing || instance.status == "storage-full";
        ensure(open, WRONG_STATE, message)?;
        let resizes = fields.iter().any(|field| STORAGE_FIELDS.contains(field));
        ensure(
            !(optimizing && resizes),
            "InvalidParameterCombination",
            "the storage is being optimized",
        )?;
        let mut settings = instance.settings.clone();
        let (version, had) = (
            instance.engine_version.clone(),
            settings.storage.allocated_gb,
        );
        for field in fields {
            set(&mut settings, wanted, field)?;
        }
        let storage = &mut settings.storage;
        let shrinks = storage.allocated_gb < had;
        ensure(!shrinks, "InvalidParameterValue", "storage can't shrink")?;
        if storage.allocated_gb > had {
            storage.allocated_gb = storage.allocated_gb.max((had * 11).div_ceil(10));
        }
        if resizes {
            check_storage(storage)?;
            *storage = speed(storage)?;
        }
        self.check_rds(&settings, &version)?;
        if let Some(records) = self.rds.records.get_mut(id) {
            records.allocated_gb = settings.storage.allocated_gb;
        }
        let instance = self.rds.get(id)?;
        instance.settings = settings;
        if fields != ["deletion protection"] {
            instance.status = "modifying".into();
            let next = if resizes {
                "storage-optimization"
            } else {
                "available"
            };
            self.rds_later(id, "modifying", next);
        }
        Ok(())
    }

    fn take_rds_over(&mut self, id: &DbInstanceId, master: &SecretName) -> Result<(), Refused> {
        self.secrets.value(master)?;
        let instance = self.rds.available(id)?;
        instance.settings.deletion_protection = true;
        instance.status = "resetting-master-credentials".into();
        if let Some(records) = self.rds.records.get_mut(id) {
            records.master = master.clone();
        }
        self.rds_later(id, "resetting-master-credentials", "available");
        Ok(())
    }

    /// Protection forbids it. Replicas that are left are promoted. Source: RDS API reference,
    /// `DeleteDBInstance`; RDS user guide, "Deleting a DB instance".
    fn delete_rds(&mut self, id: &DbInstanceId, keep: bool) -> Result<(), Refused> {
        let instance = self.rds.get(id)?;
        let protected = instance.settings.deletion_protection;
        ensure(!protected, "InvalidParameterCombination", "it is protected")?;
        let twice = instance.status == "deleting";
        ensure(!twice, WRONG_STATE, "it is being deleted")?;
        instance.status = "deleting".into();
        let resource_id = instance.resource_id.clone();
        for other in self.rds.all.values_mut() {
            other.replica_of.take_if(|of| of == id);
        }
        let id = id.clone();
        self.after(self.delays.instance_deleting, move |room| {
            room.rds.all.remove(&id);
            let held = room.rds.records.remove(&id);
            if let Some(held) = held.filter(|_| keep) {
                room.rds.retained.insert(resource_id, held);
            }
        });
        Ok(())
    }
}

fn set(settings: &mut Settings, wanted: &Settings, field: &str) -> Result<(), Refused> {
    let storage = &mut settings.storage;
    match field {
        "class" => settings.class.clone_from(&wanted.class),
        "Multi-AZ" => settings.multi_az = wanted.multi_az,
        "storage" => {
            storage.allocated_gb = wanted.storage.allocated_gb;
            // What was the baseline of less is no longer given.
            (storage.iops, storage.throughput) = (None, None);
        }
        "greatest storage" => storage.max_allocated_gb = wanted.storage.max_allocated_gb,
        "storage IOPS" => storage.iops = wanted.storage.iops,
        "storage throughput" => storage.throughput = wanted.storage.throughput,
        "parameter group" => settings.parameter_group.clone_from(&wanted.parameter_group),
        "security groups" => settings.security_groups.clone_from(&wanted.security_groups),
        "backup retention" => settings.backup_retention_days = wanted.backup_retention_days,
        "backup window" => settings.backup_window.clone_from(&wanted.backup_window),
        "maintenance window" => {
            settings
                .maintenance_window
                .clone_from(&wanted.maintenance_window);
        }
        "log exports" => settings.log_exports.clone_from(&wanted.log_exports),
        "Performance Insights" => {
            let key = &mut settings.performance_insights_key;
            key.clone_from(&wanted.performance_insights_key);
        }
        "deletion protection" => settings.deletion_protection = wanted.deletion_protection,
        "copying tags to snapshots" => {
            settings.copy_tags_to_snapshot = wanted.copy_tags_to_snapshot;
        }
        "automatic minor upgrades" => {
            settings.auto_minor_version_upgrade = wanted.auto_minor_version_upgrade;
        }
        "public access" => settings.publicly_accessible = wanted.publicly_accessible,
        "IAM authentication" => settings.iam_authentication = wanted.iam_authentication,
        "certificate authority" => {
            settings
                .certificate_authority
                .clone_from(&wanted.certificate_authority);
        }
        other => return refuse("InvalidParameterValue", format!("unknown: {other}")),
    }
    Ok(())
}

impl Keeps<RdsInstance> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.rds.all.values(), Observed::clone)
    }

    fn read(&self, id: &DbInstanceId) -> Option<Observed> {
        self.rds.all.get(id).cloned()
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => return self.create_rds(desired).map(Some),
            Change::Restore { desired, source } => {
                return self.restore_rds(desired, source).map(Some);
            }
            Change::Replicate { desired, of } => {
                return self.replicate_rds(desired, of).map(Some);
            }
            Change::TakeOver { id, master_secret } => self.take_rds_over(id, master_secret)?,
            Change::Modify {
                id,
                settings,
                differences,
            } => {
                let fields: Vec<_> = differences.iter().map(|of| of.field).collect();
                self.modify_rds(id, settings, &fields)?;
            }
            Change::Tag { id, tags, .. } => self.rds.get(id)?.tags.extend(tags.clone()),
            Change::Start(id) => {
                let instance = self.rds.get(id)?;
                let stopped = instance.status == "stopped";
                ensure(stopped, WRONG_STATE, "it is not stopped")?;
                instance.status = "starting".into();
                self.rds_later(id, "starting", "available");
            }
            Change::Delete {
                id,
                retain_automated_backups,
            } => self.delete_rds(id, *retain_automated_backups)?,
        }
        Ok(None)
    }
}
