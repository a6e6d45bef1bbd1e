//! How a file system is looked at.

use std::collections::BTreeMap;

use emr_cloud::{Account, CloudError, Watcher};
use emr_model::files::{FilesSeen, FilesStack};
use emr_resource::{
    access_point::AccessPoint,
    backup_job::BackupJobs,
    file_system::FileSystem,
    recovery_point::{self, RecoveryPoint},
    restore_job::RestoreJob,
    security_group::SecurityGroup,
};

use crate::drive::owned;

/// What AWS has of it. One that is `recorded` holds data.
pub(super) async fn observe(
    stack: &FilesStack,
    recorded: bool,
    account: &Account,
    watcher: &Watcher,
) -> Result<FilesSeen, CloudError> {
    let group = account
        .get::<SecurityGroup>(&stack.security_group.name, watcher)
        .await?;
    let token = &stack.file_system.token;
    let mut system = account.get::<FileSystem>(token, watcher).await?;
    let mut access_points = BTreeMap::new();
    for point in &stack.access_points {
        if let Some(seen) = account.get::<AccessPoint>(&point.token, watcher).await? {
            access_points.insert(point.token.clone(), (*seen).clone());
        }
    }
    if system.is_none() && recorded {
        // Gone is said only after a single read (architecture.md, the shared view).
        system = account.confirm::<FileSystem>(token).await?;
    }
    let restore_job = match &stack.restore {
        Some(restore) => account.get::<RestoreJob>(&restore.token, watcher).await?,
        None => None,
    };
    let wanted = stack.restore.as_ref().filter(|_| restore_job.is_none());
    let source = match wanted {
        Some(restore) => {
            let id = recovery_point::Id {
                vault: stack.vault.clone(),
                arn: restore.recovery_point_arn.clone(),
            };
            let point = account.confirm::<RecoveryPoint>(&id).await?;
            point.map(|point| point.tags.clone())
        }
        None => None,
    };
    Ok(FilesSeen {
        source,
        restore_job: owned(restore_job),
        security_group: owned(group),
        file_system: owned(system),
        access_points,
        backup_jobs: None,
    })
}

/// What AWS has of one that leaves: the backups that are made of it belong to the picture, and
/// nothing is recorded that must not be lost.
pub(super) async fn observe_leaving(
    stack: &FilesStack,
    account: &Account,
    watcher: &Watcher,
) -> Result<FilesSeen, CloudError> {
    let mut seen = observe(stack, false, account, watcher).await?;
    if let Some(system) = &seen.file_system {
        let jobs = account.get::<BackupJobs>(&system.arn, watcher).await?;
        seen.backup_jobs = owned(jobs);
    }
    Ok(seen)
}
