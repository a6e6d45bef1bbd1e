//! What has a recovery point, and since when: derived from the jobs that completed.

use emr_resource::{
    ids::Arn,
    protected_resource::{self, ProtectedResource},
};

use crate::memory::room::{Keeps, Refused, Room, Window};

impl Keeps<ProtectedResource> for Room {
    fn list(&self, window: Window) -> Vec<protected_resource::Observed> {
        let mut arns: Vec<_> = self.backup.jobs.iter().map(|of| &of.resource_arn).collect();
        arns.sort();
        arns.dedup();
        let protected = arns
            .into_iter()
            .filter_map(|arn| Keeps::<ProtectedResource>::read(self, arn));
        window.show(protected, |of| of)
    }

    fn read(&self, id: &Arn) -> Option<protected_resource::Observed> {
        let complete = self
            .backup
            .jobs
            .iter()
            .filter(|started| started.resource_arn == *id && started.job.state == "COMPLETED");
        let newest = complete.max_by_key(|started| started.job.created_at)?;
        Some(protected_resource::Observed {
            arn: id.clone(),
            last_backup: Some(newest.job.created_at),
            recovery_point_arn: newest.job.recovery_point_arn.clone(),
        })
    }

    fn change(
        &mut self,
        change: &protected_resource::Change,
    ) -> Result<Option<protected_resource::Observed>, Refused> {
        match *change {}
    }
}
