//! How a SharedFileSystem goes: its database's copy and its own are complete first, and its own
//! was begun after the last file was written.

use async_trait::async_trait;
use emr_api::{
    SharedFileSystem, references::Placement, shared_file_system::SharedFileSystemStatus,
};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    Progress,
    files::{self, Circumstances, FilesSeen, FilesStack},
};
use emr_resource::{Change, Step};
use emr_runtime::{ReconcileError, status::patch_status_if_changed};
use k8s_openapi::jiff::Timestamp;
use kube::{Api, ResourceExt};

use super::stack;
use crate::{Context, children, store::Departing};

#[async_trait]
impl Departing for SharedFileSystem {
    type Circumstances = Circumstances;

    async fn objection(&self, context: &Context) -> Result<Option<Progress>, ReconcileError> {
        children::unconfirmed_loss(&context.client, self, self.spec.deletion_policy).await
    }

    /// The time of quiet is remembered before the backup starts: only a backup begun later holds
    /// everything.
    async fn circumstances(
        &self,
        context: &Context,
    ) -> Result<Option<Circumstances>, ReconcileError> {
        let mut status = self.status.clone().unwrap_or_default();
        let quiesced_at = status.quiesced_at.as_deref();
        let Some(quiesced_at) = quiesced_at.and_then(|at| at.parse::<Timestamp>().ok()) else {
            let namespace = self.namespace().unwrap_or_default();
            let api = Api::namespaced(context.client.clone(), &namespace);
            status.quiesced_at = Some(to_the_second(context.now()).to_string());
            patch_status_if_changed(&api, self, &status).await?;
            return Ok(None);
        };
        Ok(Some(Circumstances {
            policy: self.spec.deletion_policy,
            quiesced_at,
            other_half_incomplete: children::database_incomplete(&context.client, self).await?,
        }))
    }

    async fn observe_leaving(
        stack: &FilesStack,
        account: &Account,
        watcher: &Watcher,
    ) -> Result<FilesSeen, CloudError> {
        stack::observe_leaving(stack, account, watcher).await
    }

    fn tear_down(
        stack: &FilesStack,
        circumstances: &Circumstances,
        seen: &FilesSeen,
    ) -> Step<Change> {
        files::teardown(stack, circumstances, seen)
    }

    fn told_leaving(
        &self,
        stack: &FilesStack,
        seen: &FilesSeen,
        placement: &Placement,
        circumstances: &Circumstances,
    ) -> SharedFileSystemStatus {
        let old = self.status.clone().unwrap_or_default();
        let quiesced_at = Some(circumstances.quiesced_at);
        files::status(&old, stack, seen, placement, quiesced_at)
    }
}

/// AWS Backup tells times to the second.
fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
