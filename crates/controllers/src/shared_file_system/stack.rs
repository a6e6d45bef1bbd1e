//! How a file system is looked at.

use std::collections::BTreeMap;

use async_trait::async_trait;
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::files::{self, Circumstances, FilesSeen, FilesStack};
use emr_resource::{
    Change, Step, access_point::AccessPoint, backup_job::BackupJobs, file_system::FileSystem,
    ids::FileSystemId, security_group::SecurityGroup,
};

use crate::drive::{Stack, owned};

/// A file system on its way up.
pub(super) struct FilesPass<'a> {
    pub(super) stack: &'a FilesStack,
    pub(super) recorded: Option<FileSystemId>,
    pub(super) watcher: Watcher,
}

#[async_trait]
impl Stack for FilesPass<'_> {
    type Seen = FilesSeen;

    async fn observe(&self, account: &Account) -> Result<FilesSeen, CloudError> {
        let mut seen = observe(account, self.stack, &self.watcher).await?;
        if seen.file_system.is_none() && self.recorded.is_some() {
            // Gone is said only after a single read (architecture.md, the shared view).
            let found = account
                .confirm::<FileSystem>(&self.stack.file_system.token)
                .await?;
            seen.file_system = owned(found);
        }
        Ok(seen)
    }

    fn plan(&self, seen: &FilesSeen) -> Step<Change> {
        files::plan(self.stack, self.recorded.as_ref(), seen)
    }
}

/// A file system on its way out.
pub(super) struct FilesExit<'a> {
    pub(super) stack: &'a FilesStack,
    pub(super) circumstances: Circumstances,
    pub(super) watcher: Watcher,
}

#[async_trait]
impl Stack for FilesExit<'_> {
    type Seen = FilesSeen;

    async fn observe(&self, account: &Account) -> Result<FilesSeen, CloudError> {
        let mut seen = observe(account, self.stack, &self.watcher).await?;
        if let Some(system) = &seen.file_system {
            let jobs = account
                .get::<BackupJobs>(&system.arn, &self.watcher)
                .await?;
            seen.backup_jobs = owned(jobs);
        }
        Ok(seen)
    }

    fn plan(&self, seen: &FilesSeen) -> Step<Change> {
        files::teardown(self.stack, &self.circumstances, seen)
    }
}

async fn observe(
    account: &Account,
    stack: &FilesStack,
    watcher: &Watcher,
) -> Result<FilesSeen, CloudError> {
    let group = account
        .get::<SecurityGroup>(&stack.security_group.name, watcher)
        .await?;
    let system = account
        .get::<FileSystem>(&stack.file_system.token, watcher)
        .await?;
    let mut access_points = BTreeMap::new();
    for point in &stack.access_points {
        if let Some(seen) = account.get::<AccessPoint>(&point.token, watcher).await? {
            access_points.insert(point.token.clone(), (*seen).clone());
        }
    }
    Ok(FilesSeen {
        security_group: owned(group),
        file_system: owned(system),
        access_points,
        backup_jobs: None,
    })
}
