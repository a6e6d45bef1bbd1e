//! SharedFileSystem: a store in EFS.
//!
//! What is special about it: it holds data, so what it remembers of its file system guards against
//! a lost one; it is mounted, so it hands out no credentials.

mod stack;
mod teardown;

use async_trait::async_trait;
use emr_api::{
    ManagedDatabase, SharedFileSystem,
    references::{Placement, SecretRef},
    shared_file_system::SharedFileSystemStatus,
};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    files::{self, FilesSeen, FilesStack},
    owner_of,
    progress::Notice,
};
use emr_resource::{Change, Step, ids::FileSystemId};
use emr_runtime::controller::Watched;

use crate::{
    landing::Landing,
    store::{Store, Terms, of_the_same_set},
};

#[async_trait]
impl Store for SharedFileSystem {
    const KIND: &'static str = "SharedFileSystem";
    type Stack = FilesStack;
    type Seen = FilesSeen;

    fn terms(&self) -> Terms<'_> {
        Terms {
            platform: &self.spec.platform_ref.name,
            placed: self.status.as_ref().and_then(|s| s.placement.as_ref()),
            kms_key_arn: self.spec.kms_key_arn.as_deref(),
            deletion: self.spec.deletion_policy,
            management: self.spec.management_policy,
        }
    }

    fn desire(&self, landing: &Landing, key: &str) -> Result<FilesStack, Notice> {
        let (vault, role) = (
            landing.status.backup_vault.as_deref(),
            landing.status.backup_role_arn.as_deref(),
        );
        let parts = files::Landing {
            network: &landing.network,
            kms_key_arn: key,
            vault: vault.unwrap_or_default(),
            backup_role_arn: role.unwrap_or_default(),
            tags: &landing.spec.tags,
        };
        let owner = owner_of(self, landing.cluster());
        let mut stack = files::desire(&owner, &self.spec, &parts);
        // Read once: a restore that was complete is not asked for again.
        let status = self.status.as_ref();
        if status.is_some_and(|status| status.restored_from.is_some()) {
            stack.restore = None;
        }
        Ok(stack)
    }

    async fn observe(
        &self,
        stack: &FilesStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<FilesSeen, CloudError> {
        stack::observe(stack, recorded(self).is_some(), account, watcher).await
    }

    fn plan(&self, stack: &FilesStack, seen: &FilesSeen) -> Step<Change> {
        files::plan(stack, recorded(self).as_ref(), seen)
    }

    fn usable(stack: &FilesStack, seen: &FilesSeen) -> Option<String> {
        files::usable(stack, seen)
    }

    fn told(
        &self,
        stack: &FilesStack,
        seen: &FilesSeen,
        placement: &Placement,
        _: Option<SecretRef>,
    ) -> SharedFileSystemStatus {
        let old = self.status.clone().unwrap_or_default();
        files::status(&old, stack, seen, placement, None)
    }

    /// The database of its set: its copy is waited for in deletion.
    fn watched() -> Vec<Watched> {
        vec![of_the_same_set::<ManagedDatabase>()]
    }
}

/// The file system that holds its data, once there was one.
fn recorded(files: &SharedFileSystem) -> Option<FileSystemId> {
    let id = files.status.as_ref()?.file_system_id.as_deref()?;
    Some(FileSystemId::from(id))
}
