//! Backup jobs of one resource: how its last recovery point comes about before it is deleted.
//!
//! The identity is the ARN of what is backed up. A job starts with a token of ours, so that a retry
//! after a crash finds the job instead of starting another.

mod plan;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use plan::{completed_since, plan_final};

use crate::{
    Listing, Mutation, ResourceType, Service, Tags,
    ids::{Arn, VaultName},
};

/// The resource type.
#[derive(Debug)]
pub struct BackupJobs;

/// A backup as it should be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// What is backed up.
    pub resource_arn: Arn,
    /// Where the recovery point goes.
    pub vault: VaultName,
    /// The role that AWS Backup works with.
    pub role_arn: Arn,
    /// Tells this job from every other: derived from the owner's UID and the occasion. A change
    /// carries it with the number of jobs that were there before.
    pub idempotency_token: String,
    /// Tags of the recovery point, the set's among them.
    pub recovery_point_tags: Tags,
    /// When the recovery point expires; never when absent.
    pub delete_after_days: Option<u32>,
}

/// The jobs of one resource as AWS has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What is backed up.
    pub resource_arn: Arn,
    /// Its jobs, the newest first.
    pub jobs: Vec<Job>,
}

/// One job. How far it is changes by itself and is not observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// `CREATED`, `PENDING`, `RUNNING`, `ABORTING`, `COMPLETED`, `FAILED`, `ABORTED`, `EXPIRED`,
    /// `PARTIAL`.
    pub state: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// What came of it; trustworthy once it is `COMPLETED`.
    pub recovery_point_arn: Option<Arn>,
    /// Where the recovery point goes.
    pub vault: VaultName,
    /// What AWS says of it.
    pub message: Option<String>,
}

impl Job {
    /// True while AWS is working on it.
    pub fn is_running(&self) -> bool {
        matches!(
            self.state.as_str(),
            "CREATED" | "PENDING" | "RUNNING" | "ABORTING"
        )
    }
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `StartBackupJob`.
    Start(Box<Desired>),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Start(_) => "StartBackupJob",
        }
    }

    fn target(&self) -> String {
        BackupJobs::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Start(desired) => {
                format!(
                    "back up {} to vault {}",
                    desired.resource_arn, desired.vault
                )
            }
        }
    }
}

impl ResourceType for BackupJobs {
    const NAME: &'static str = "backup-jobs";
    const SERVICE: Service = Service::Backup;
    const LISTING: Listing = Listing::Single;
    type Id = Arn;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.resource_arn.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Start(desired) => desired.resource_arn.clone(),
        }
    }

    fn tags(_: &Observed) -> Option<&Tags> {
        None
    }

    fn in_transition(observed: &Observed) -> bool {
        observed.jobs.iter().any(Job::is_running)
    }
}
