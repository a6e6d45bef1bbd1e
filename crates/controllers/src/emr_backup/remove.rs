//! Both halves away: of a set that failed, expired, or is deleted.

use emr_api::emr_backup::{BackupPhase, BackupSource, EmrBackupStatus};
use emr_runtime::{Next, ReconcileError};

use super::{
    Pass,
    stack::{Aim, drive_set, landing},
};
use crate::report::Outcome;

/// One pass towards nothing being left; `None` once it is so.
pub(super) async fn remove(
    pass: &Pass<'_>,
    status: &EmrBackupStatus,
    source: &BackupSource,
) -> Result<Option<Outcome>, ReconcileError> {
    let (context, object) = (pass.context, pass.object);
    let landing = match landing(context, object, source).await {
        Ok(landing) => landing,
        Err(not) => return Ok(Some(not.into())),
    };
    let (_, driven) = drive_set(context, object, &landing, status, source, Aim::Remove).await?;
    let gone = driven.progress.is_settled() && driven.failure.is_none();
    Ok((!gone).then(|| Outcome::from(driven)))
}

/// What failed or expired is removed, and then it rests.
pub(super) async fn clear(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let status = pass.status();
    if let Some(source) = &status.source
        && let Some(outcome) = remove(pass, &status, source).await?
    {
        return pass.conclude(status, outcome).await;
    }
    let phase = match status.phase {
        BackupPhase::Expiring => BackupPhase::Expired,
        _ => BackupPhase::Failed,
    };
    pass.come_to_rest(EmrBackupStatus { phase, ..status }).await
}
