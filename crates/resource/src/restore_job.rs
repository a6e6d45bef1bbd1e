//! Restores of recovery points into a file system that is there: how the files' half of a set comes back.
//!
//! AWS Backup puts what it restores into a folder of its own, `aws-backup-restore_…` with the time, under
//! the file system's root: nothing that is there is overwritten. Source: AWS Backup developer guide,
//! "Restore an Amazon EFS file system".
//!
//! No list tells jobs apart by the token that they were started with, but the start does: sent again with
//! the same token it starts nothing and answers the job's id. So a job is known to the process that
//! started it, and to another one once that has asked again.

use std::time::Duration;

use crate::{
    Listing, Mutation, Refusal, ResourceType, Service, Step, Tags,
    ids::{Arn, FileSystemId, RestoreToken},
};

/// A file system of a small clinic; a large one takes hours.
const USUAL_RESTORE: Duration = Duration::from_hours(1);

/// The resource type.
#[derive(Debug)]
pub struct RestoreJob;

/// A restore as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Tells this restore from every other.
    pub token: RestoreToken,
    /// What is restored.
    pub recovery_point_arn: Arn,
    /// Where it goes.
    pub file_system_id: FileSystemId,
    /// The key of that file system.
    pub kms_key_arn: Arn,
    /// The role that AWS Backup works under.
    pub role_arn: Arn,
}

/// A restore as AWS has it. How far it is changes by itself and is not observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What it was started with.
    pub token: RestoreToken,
    /// AWS's id of the job.
    pub job_id: String,
    /// `PENDING`, `RUNNING`, `COMPLETED`, `ABORTED`, `FAILED`.
    pub state: String,
    /// What AWS says of it.
    pub message: Option<String>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `StartRestoreJob`.
    Start(Box<Desired>),
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        "StartRestoreJob"
    }

    fn target(&self) -> String {
        let Self::Start(desired) = self;
        desired.token.to_string()
    }

    fn describe(&self) -> String {
        let Self::Start(desired) = self;
        format!(
            "restore {} into file system {}",
            desired.recovery_point_arn, desired.file_system_id
        )
    }
}

impl ResourceType for RestoreJob {
    const NAME: &'static str = "restore-job";
    const SERVICE: Service = Service::Backup;
    const LISTING: Listing = Listing::Single;
    type Id = RestoreToken;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<RestoreToken> {
        Some(observed.token.clone())
    }

    fn changed(change: &Change) -> RestoreToken {
        let Change::Start(desired) = change;
        desired.token.clone()
    }

    fn tags(_: &Observed) -> Option<&Tags> {
        None
    }

    fn in_transition(observed: &Observed) -> bool {
        matches!(observed.state.as_str(), "PENDING" | "RUNNING")
    }
}

/// Starts the restore and waits for it. Refuses what failed: what it left in its folder is nobody's.
pub fn plan(desired: &Desired, observed: Option<&Observed>) -> Step<Change> {
    let Some(seen) = observed else {
        return Step::change(Change::Start(Box::new(desired.clone())));
    };
    let (job, state) = (&seen.job_id, seen.state.as_str());
    match state {
        "COMPLETED" => Step::Settled,
        "PENDING" | "RUNNING" => Step::wait_usually(
            "RestoringFiles",
            format!("restore job {job} is {state}"),
            USUAL_RESTORE,
        ),
        _ => Step::refuse(
            Refusal::RESOURCE_FAILED,
            format!(
                "restore job {job} is {state}: {}. Mend the cause, delete this object and make it again.",
                seen.message.as_deref().unwrap_or("AWS gives no reason")
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn started_once_and_waited_for() {
        let desired = Desired {
            token: "t".into(),
            recovery_point_arn: "arn:point".into(),
            file_system_id: "fs-1".into(),
            kms_key_arn: "arn:key".into(),
            role_arn: "arn:role".into(),
        };
        let seen = |state: &str| Observed {
            token: "t".into(),
            job_id: "j".into(),
            state: state.into(),
            message: Some("no access".into()),
        };
        assert!(matches!(plan(&desired, None), Step::Change(_)));
        for state in ["PENDING", "RUNNING"] {
            assert!(matches!(plan(&desired, Some(&seen(state))), Step::Wait(_)));
        }
        assert!(plan(&desired, Some(&seen("COMPLETED"))).is_settled());
        let Step::Refuse(refused) = plan(&desired, Some(&seen("FAILED"))) else {
            panic!("a failed restore is not tried again and again")
        };
        assert!(refused.message.contains("no access"));
    }
}
