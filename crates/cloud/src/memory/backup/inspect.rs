//! What AWS Backup holds, for [inventories](crate::memory::Inventory).

use emr_resource::ownership::KIND;

use super::Started;
use crate::memory::{inspect::all, room::Room};

impl Room {
    /// Lines by resource type.
    pub(in crate::memory) fn backup_lines(&self) -> [(&'static str, Vec<String>); 4] {
        let jobs = self.backup.jobs.iter();
        let jobs = jobs.filter(|of| !of.scheduled && !self.left_nothing(of));
        let jobs = jobs.map(|started| {
            let point = started.job.recovery_point_arn.as_ref();
            (
                &started.resource_arn,
                &started.job.state,
                &started.job.vault,
                &started.tags,
                point.and_then(|arn| self.backup.fates.get(arn)),
            )
        });
        let restores = self.backup.restores.values();
        let restores = restores.map(|of| (&of.seen.token, &of.seen.state));
        [
            ("backup-vault", all(self.backup.vaults.values())),
            ("backup-job", all(jobs)),
            ("restore-job", all(restores)),
            ("backup-plan", all(self.plans())),
        ]
    }

    /// True of a job for a set whose recovery point never came about, or is gone.
    fn left_nothing(&self, started: &Started) -> bool {
        let of_set = started
            .tags
            .get(KIND)
            .is_some_and(|kind| kind == "EmrBackup");
        let there = self.completed().any(|one| one.job.id == started.job.id);
        of_set && !there && !started.job.is_running()
    }

    /// Backup plans with what they cover, without ids.
    fn plans(&self) -> impl Iterator<Item = impl std::fmt::Debug> {
        self.backup.plans.values().map(|planned| {
            let plan = &planned.plan;
            let details = plan.details.as_ref();
            let covered = details.map(|of| of.selections.iter().map(|(_, of)| of));
            let covered: Vec<_> = covered.into_iter().flatten().collect();
            (&plan.name, details.map(|of| (&of.rules, &of.tags)), covered)
        })
    }
}
