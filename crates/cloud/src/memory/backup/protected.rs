//! What has a recovery point, and since when: derived from the jobs that completed.

use std::collections::BTreeMap;

use emr_resource::{
    ids::Arn,
    protected_resource::{self, ProtectedResource},
};

use super::Started;
use crate::memory::room::{Keeps, Refused, Room, Window};

impl Keeps<ProtectedResource> for Room {
    fn list(&self, window: Window) -> Vec<protected_resource::Observed> {
        let mut newest = BTreeMap::new();
        for started in self.completed() {
            let known = newest.entry(&started.resource_arn).or_insert(started);
            if known.job.created_at <= started.job.created_at {
                *known = started;
            }
        }
        window.show(newest.into_values(), observed)
    }

    fn read(&self, id: &Arn) -> Option<protected_resource::Observed> {
        let of_it = self
            .completed()
            .filter(|started| started.resource_arn == *id);
        of_it
            .max_by_key(|started| started.job.created_at)
            .map(observed)
    }

    fn change(
        &mut self,
        change: &protected_resource::Change,
    ) -> Result<Option<protected_resource::Observed>, Refused> {
        match *change {}
    }
}

fn observed(newest: &Started) -> protected_resource::Observed {
    protected_resource::Observed {
        arn: newest.resource_arn.clone(),
        last_backup: Some(newest.job.created_at),
        recovery_point_arn: newest.job.recovery_point_arn.clone(),
    }
}
