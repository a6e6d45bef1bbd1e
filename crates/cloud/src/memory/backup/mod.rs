//! Backup vaults, jobs, plans and recovery points.

mod inspect;
mod plans;
mod points;
mod protected;
mod restores;

use std::collections::BTreeMap;

use emr_resource::{
    Tags,
    backup_job::{self, BackupJobs, Job},
    backup_role::MANAGED_POLICIES,
    backup_vault::{self, BackupVault},
    ids::{Arn, BackupPlanName, RestoreToken, VaultName},
};
use jiff::Timestamp;

use plans::Planned;
use points::Fate;
use restores::Restore;

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

#[derive(Clone, Default)]
pub(super) struct Backup {
    pub(super) vaults: BTreeMap<VaultName, backup_vault::Observed>,
    /// In the order in which they were asked for.
    pub(super) jobs: Vec<Started>,
    pub(super) plans: BTreeMap<BackupPlanName, Planned>,
    /// Recovery points that are deleted.
    pub(super) fates: BTreeMap<Arn, Fate>,
    pub(super) restores: BTreeMap<RestoreToken, Restore>,
    /// Whether plans run.
    pub(super) runs: bool,
    /// Until when no rule of a plan is due.
    pub(super) next_run: Option<Timestamp>,
}

/// A job with what it was asked with.
#[derive(Clone)]
pub(super) struct Started {
    pub(super) resource_arn: Arn,
    pub(super) token: String,
    pub(super) tags: Tags,
    /// By a plan: when that was depends on when somebody looked.
    pub(super) scheduled: bool,
    pub(super) job: Job,
    pub(super) completed_at: Option<Timestamp>,
}

impl Keeps<BackupVault> for Room {
    fn list(&self, window: Window) -> Vec<backup_vault::Observed> {
        let untagged = |vault: &backup_vault::Observed| backup_vault::Observed {
            tags: None,
            ..vault.clone()
        };
        window.show(self.backup.vaults.values(), untagged)
    }

    fn read(&self, id: &VaultName) -> Option<backup_vault::Observed> {
        self.backup.vaults.get(id).cloned()
    }

    fn change(
        &mut self,
        change: &backup_vault::Change,
    ) -> Result<Option<backup_vault::Observed>, Refused> {
        let desired = match change {
            backup_vault::Change::Create(desired) => desired,
            backup_vault::Change::Lock { name, lock } => return self.lock_vault(name, *lock),
        };
        let name = &desired.name;
        let exists = self.backup.vaults.contains_key(name);
        ensure(!exists, "AlreadyExistsException", format!("{name} exists"))?;
        self.check_key(&desired.kms_key_arn, "InvalidParameterValueException")?;
        let vault = backup_vault::Observed {
            name: name.clone(),
            arn: self.arn("backup", &format!("backup-vault:{name}")),
            kms_key_arn: Some(desired.kms_key_arn.clone()),
            lock: None,
            tags: Some(desired.tags.clone()),
        };
        self.backup.vaults.insert(name.clone(), vault);
        // The reply tells name and ARN only.
        Ok(None)
    }
}

impl Room {
    /// At least three days are left to think better of it; until they are over, it can be changed.
    /// Source: AWS Backup API reference, `PutBackupVaultLockConfiguration`.
    fn lock_vault(
        &mut self,
        name: &VaultName,
        lock: backup_vault::Lock,
    ) -> Result<Option<backup_vault::Observed>, Refused> {
        let Some(vault) = self.backup.vaults.get_mut(name) else {
            return refuse("ResourceNotFoundException", "no such vault");
        };
        let time = lock.final_after_days.is_none_or(|days| days >= 3);
        ensure(
            time,
            "InvalidParameterValueException",
            "three days at least",
        )?;
        vault.lock = Some(backup_vault::Lock {
            final_after_days: lock.final_after_days.map(|_| 0),
            ..lock
        });
        Ok(None)
    }

    /// The vault exists and AWS Backup can take the role. A token starts one job, however often it
    /// is sent. Source: AWS Backup API reference, `StartBackupJob`.
    fn start_job(&mut self, desired: &backup_job::Desired) -> Result<(), Refused> {
        let vault = self.backup.vaults.contains_key(&desired.vault);
        ensure(vault, "ResourceNotFoundException", "no such vault")?;
        let role = self.roles().by_arn(&desired.role_arn).is_some();
        ensure(
            role,
            "InvalidParameterValueException",
            "the role can't be assumed",
        )?;
        let started = &self.backup.jobs;
        if started
            .iter()
            .any(|job| job.token == desired.idempotency_token)
        {
            return Ok(());
        }
        let resource = desired.resource_arn.as_str();
        let id = self.next_id("", &format!("job/{resource}"));
        let job = Job {
            id: id.clone(),
            state: "CREATED".into(),
            created_at: self.now,
            recovery_point_arn: Some(self.arn("backup", &format!("recovery-point:{id}"))),
            vault: desired.vault.clone(),
            message: None,
        };
        self.backup.jobs.push(Started {
            resource_arn: desired.resource_arn.clone(),
            token: desired.idempotency_token.clone(),
            tags: desired.recovery_point_tags.clone(),
            scheduled: false,
            job,
            completed_at: None,
        });
        let running = id.clone();
        self.after(self.delays.backup / 4, move |room| {
            room.move_job(&running, "CREATED");
        });
        self.after(self.delays.backup, move |room| {
            room.move_job(&id, "RUNNING");
        });
        Ok(())
    }

    /// A job fails without its resource and without the policy that lets it read it.
    /// Source: AWS Backup developer guide, "IAM service roles".
    fn move_job(&mut self, id: &str, from: &str) {
        let policy = Arn::from(MANAGED_POLICIES[0]);
        let allowed = self.roles().any_with(&policy);
        let now = self.now;
        let mut files = self.file_systems.all.values();
        let mut clusters = self.clusters.all.values();
        let Some(started) = self.backup.jobs.iter_mut().find(|job| job.job.id == id) else {
            return;
        };
        let arn = &started.resource_arn;
        let lives =
            files.any(|files| files.arn == *arn) || clusters.any(|cluster| cluster.arn == *arn);
        let job = &mut started.job;
        if job.state != from {
            return;
        }
        let next = if from == "CREATED" {
            "RUNNING"
        } else {
            "COMPLETED"
        };
        let trouble = match (lives, allowed) {
            (true, true) => None,
            (false, _) => Some("the resource does not exist"),
            (true, false) => Some("insufficient privileges to perform this action"),
        };
        job.state = trouble.map_or(next, |_| "FAILED").into();
        job.message = trouble.map(Into::into);
        started.completed_at = (started.job.state == "COMPLETED").then_some(now);
    }
}

impl Keeps<BackupJobs> for Room {
    fn list(&self, _: Window) -> Vec<backup_job::Observed> {
        Vec::new()
    }

    fn read(&self, id: &Arn) -> Option<backup_job::Observed> {
        let of_resource = |started: &&Started| started.resource_arn == *id;
        let jobs = self.backup.jobs.iter().rev().filter(of_resource);
        Some(backup_job::Observed {
            resource_arn: id.clone(),
            jobs: jobs.map(|started| started.job.clone()).collect(),
        })
    }

    fn change(
        &mut self,
        change: &backup_job::Change,
    ) -> Result<Option<backup_job::Observed>, Refused> {
        let backup_job::Change::Start(desired) = change;
        self.start_job(desired)?;
        Ok(None)
    }
}
