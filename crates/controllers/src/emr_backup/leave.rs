//! How a backup goes: a complete set stays unless its deletion is asked for and confirmed; what is not
//! complete is no set, and nothing of it stays.

use emr_api::{
    emr_backup::{BackupPhase, SetDeletionPolicy},
    labels,
};
use emr_model::{Progress, progress::Notice};
use emr_runtime::{Next, ReconcileError};
use kube::ResourceExt;

use super::{IN_USE, KIND, Pass, remove::remove};
use crate::deletion;

pub(super) async fn leave(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let object = pass.object;
    let held = |finalizer: &String| finalizer == labels::FINALIZER;
    if !object.finalizers().iter().any(held) {
        return Ok(Next::AwaitChange);
    }
    let status = pass.status();
    let complete = status.phase == BackupPhase::Complete;
    let stays = match status.phase {
        BackupPhase::Pending | BackupPhase::Failed | BackupPhase::Expired => true,
        BackupPhase::Complete => object.spec.deletion_policy == SetDeletionPolicy::Retain,
        _ => false,
    };
    let name = object.name_any();
    if complete && !stays && object.annotations().get(labels::CONFIRM_DELETE) != Some(&name) {
        let message = format!(
            "deletionPolicy Delete removes both halves of this set: confirm with kubectl annotate \
             emrbackup {name} {}={name}",
            labels::CONFIRM_DELETE
        );
        let notice = Notice::new("ConfirmationRequired", message);
        return pass.conclude(status, Progress::Stalled(notice)).await;
    }
    if !stays && let Some(by) = pass.restored_by().await? {
        let message = format!("{by} is being made from this set, so it stays until that is done");
        let waits = Progress::Working(Notice::new("InUse", message));
        pass.conclude(status, waits).await?;
        return Ok(Next::After(IN_USE));
    }
    if !stays
        && let Some(source) = &status.source
        && let Some(outcome) = remove(pass, &status, source).await?
    {
        return pass.conclude(status, outcome).await;
    }
    deletion::release(pass.context, pass.api, object, KIND).await
}
