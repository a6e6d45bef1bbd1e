//! Recovery points: of each job that is complete, until it is deleted.

use emr_resource::{
    ids::Arn,
    recovery_point::{Change, Id, Observed, RecoveryPoint},
};

use super::Started;
use crate::memory::room::{Keeps, Refused, Room, Window, ensure, refuse};

/// As the stand-in says of each.
const BYTES: i64 = 6144;

/// What became of a recovery point that somebody deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::memory) enum Fate {
    Leaving,
    Gone,
}

impl Keeps<RecoveryPoint> for Room {
    fn list(&self, _: Window) -> Vec<Observed> {
        Vec::new()
    }

    fn read(&self, id: &Id) -> Option<Observed> {
        let mut completed = self.completed();
        let started = completed.find(|of| {
            of.job.recovery_point_arn.as_ref() == Some(&id.arn) && of.job.vault == id.vault
        })?;
        let leaving = self.backup.fates.contains_key(&id.arn);
        Some(Observed {
            id: id.clone(),
            resource_arn: started.resource_arn.clone(),
            status: if leaving { "DELETING" } else { "COMPLETED" }.into(),
            created_at: started.job.created_at,
            completed_at: started.completed_at,
            bytes: Some(BYTES),
            tags: started.tags.clone(),
        })
    }

    /// Source: AWS Backup API reference, `DeleteRecoveryPoint`.
    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        let Change::Delete(id) = change;
        let Some(seen) = Keeps::<RecoveryPoint>::read(self, id) else {
            return refuse("ResourceNotFoundException", format!("no {id}"));
        };
        ensure(
            seen.status != "DELETING",
            "InvalidResourceStateException",
            "it is being deleted",
        )?;
        self.backup.fates.insert(id.arn.clone(), Fate::Leaving);
        let arn = id.arn.clone();
        self.after(self.delays.backup / 4, move |room| {
            room.backup.fates.insert(arn, Fate::Gone);
        });
        Ok(None)
    }
}

impl Room {
    /// Jobs whose recovery point is there.
    pub(in crate::memory) fn completed(&self) -> impl Iterator<Item = &Started> {
        let jobs = self.backup.jobs.iter();
        jobs.filter(|started| {
            let gone = |arn: &Arn| self.backup.fates.get(arn) == Some(&Fate::Gone);
            let point = started.job.recovery_point_arn.as_ref();
            started.job.state == "COMPLETED" && !point.is_some_and(gone)
        })
    }
}
