//! Backup jobs, by the resource that they back up.

use async_trait::async_trait;
use aws_sdk_backup::{
    Client,
    types::{BackupJob, Lifecycle},
};
use emr_resource::{
    Mutation,
    backup_job::{BackupJobs, Change, Job, Observed},
    ids::{Arn, VaultName},
};

use super::{Clients, Wire, backup, wire::timestamp};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    backup: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            backup: clients.backup.clone(),
            wire,
        }
    }
}

fn job(job: &BackupJob) -> Option<Job> {
    Some(Job {
        id: job.backup_job_id()?.to_owned(),
        state: job.state()?.as_str().to_owned(),
        created_at: job.creation_date().and_then(timestamp)?,
        recovery_point_arn: job.recovery_point_arn().map(Into::into),
        vault: VaultName::new(job.backup_vault_name()?),
        message: job.status_message().map(str::to_owned),
    })
}

#[async_trait]
impl Port<BackupJobs> for Adapter {
    async fn list(&self, _: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        Ok(Page::empty())
    }

    /// Always something, if only an empty list: whether the resource exists is not told here.
    async fn read(&self, id: &Arn) -> Result<Option<Observed>, CloudError> {
        let mut jobs = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let list = || {
                let call = self.backup.list_backup_jobs().by_resource_arn(id.as_str());
                call.max_results(backup::PAGE)
                    .set_next_token(token.clone())
                    .send()
            };
            let page = self.wire.read("ListBackupJobs", list).await?;
            jobs.extend(page.backup_jobs().iter().filter_map(job));
            token = page
                .next_token()
                .filter(|token| !token.is_empty())
                .map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        jobs.sort_by(|a, b| {
            b.created_at
                .cmp(&a.created_at)
                .then_with(|| a.id.cmp(&b.id))
        });
        Ok(Some(Observed {
            resource_arn: id.clone(),
            jobs,
        }))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let Change::Start(desired) = change;
        let lifecycle = desired
            .delete_after_days
            .map(|days| Lifecycle::builder().delete_after_days(days.into()).build());
        let call = self
            .backup
            .start_backup_job()
            .resource_arn(desired.resource_arn.as_str())
            .backup_vault_name(desired.vault.as_str())
            .iam_role_arn(desired.role_arn.as_str())
            .idempotency_token(&desired.idempotency_token)
            .set_recovery_point_tags(Some(
                desired.recovery_point_tags.clone().into_iter().collect(),
            ))
            .set_lifecycle(lifecycle);
        self.wire.mutate(change.operation(), call.send()).await?;
        // The reply tells of this job, not of the others.
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_backup::{primitives::DateTime, types::BackupJobState};

    use super::*;

    #[test]
    fn a_job_without_a_time_can_not_be_judged() {
        let wired = BackupJob::builder()
            .backup_job_id("1")
            .backup_vault_name("v")
            .state(BackupJobState::Completed);
        assert_eq!(job(&wired.clone().build()), None);
        let seen = job(&wired.creation_date(DateTime::from_secs_f64(1.5)).build()).unwrap();
        assert_eq!(
            (seen.state.as_str(), seen.created_at.as_millisecond()),
            ("COMPLETED", 1500)
        );
    }
}
