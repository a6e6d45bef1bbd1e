//! What is made from the set, beside what runs, and whether it opens: database and files, or the database
//! alone where documents are in a bucket, which stays the same one.

use emr_api::{
    emr_instance::RestoredSet,
    emr_restore::{EmrRestoreStatus, RestorePhase},
};
use emr_model::{
    instance::{self, Part},
    progress::Notice,
    restore,
    workload::progress,
};
use emr_runtime::{Next, ReconcileError};

use super::{
    Pass,
    candidate::{Candidate, on_stores, without},
};
use crate::write;

/// Where the candidate is, and what it is made from.
pub(super) fn decided(status: &EmrRestoreStatus) -> Result<(String, RestoredSet), ReconcileError> {
    let (Some(stores), Some(set)) = (status.candidate.clone(), status.set.clone()) else {
        let message = "status.candidate or status.set was removed";
        return Err(ReconcileError::slow("InvalidObject", message));
    };
    Ok((stores, set))
}

/// The stores and the instance on them, or what was done because there are none to make.
async fn look(
    pass: &Pass<'_>,
    status: &EmrRestoreStatus,
) -> Result<Result<Candidate, Next>, ReconcileError> {
    let (stores, set) = decided(status)?;
    let candidate = match Box::pin(on_stores(pass, &stores, &set)).await? {
        Ok(candidate) => candidate,
        Err(none) => return without(pass, none).await.map(Err),
    };
    if candidate.live {
        return turn_to_switch(pass, status.clone()).await.map(Err);
    }
    Ok(Ok(candidate))
}

/// The stores.
pub(super) async fn make(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let status = pass.status();
    let candidate = match Box::pin(look(pass, &status)).await? {
        Ok(candidate) => candidate,
        Err(next) => return Ok(next),
    };
    let key = candidate.key();
    let (database, files) = restore::children(&candidate.instance, &candidate.validated, key);
    write::keep(pass.context, &database, false).await?;
    if let Some(files) = &files {
        write::keep(pass.context, files, false).await?;
    }
    let world = &candidate.world;
    let database = world.database.as_ref().and_then(|of| of.status.as_ref());
    let database = Part::of_child("the database", database.map(|of| &*of.conditions));
    let files = files.is_some().then(|| {
        let files = world.files.as_ref().and_then(|of| of.status.as_ref());
        Part::of_child("the file system", files.map(|of| &*of.conditions))
    });
    let parts = std::iter::once(database).chain(files);
    let missing: Vec<_> = parts.filter(|part| !part.fact).collect();
    let Some(first) = missing.first() else {
        let status = EmrRestoreStatus {
            phase: RestorePhase::Verifying,
            ..status
        };
        let message = "what the set holds is made, and looked at next";
        return pass.turn_to(status, "Verifying", message).await;
    };
    let told: Vec<_> = missing.iter().map(|part| &*part.notice.message).collect();
    let notice = Notice::new(first.notice.reason.clone(), told.join("; "));
    let stalled = missing.iter().any(|part| part.stalled);
    pass.wait(notice, stalled).await
}

/// Restored files into their place, and one pod that opens what was restored. From here on the stores are kept
/// as the instance's own are.
pub(super) async fn verify(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let status = pass.status();
    let candidate = match Box::pin(look(pass, &status)).await? {
        Ok(candidate) => candidate,
        Err(next) => return Ok(next),
    };
    let Some(application) = candidate.application(pass).await? else {
        let message = "a store does not tell where it is";
        return pass
            .wait(Notice::new("WaitingForStores", message), false)
            .await;
    };
    let (found, failure) = application.keep(pass.context).await?;
    if found.next == progress::Next::Person {
        return pass.fail(&found.message).await;
    }
    if !found.met {
        let next = pass
            .wait(Notice::new(found.reason, found.message), false)
            .await?;
        return failure.map_or(Ok(next), Err);
    }
    let key = candidate.key();
    let own = instance::children(&candidate.instance, &candidate.validated, key);
    write::keep(pass.context, &own.database, false).await?;
    if let Some(files) = &own.files {
        write::keep(pass.context, files, false).await?;
    }
    let message = "what was restored opens; the pods stop now and come back on it";
    pass.tell("Switching", message, false).await;
    turn_to_switch(pass, status).await
}

async fn turn_to_switch(pass: &Pass<'_>, status: EmrRestoreStatus) -> Result<Next, ReconcileError> {
    let now = pass.context.now().to_string();
    let status = EmrRestoreStatus {
        phase: RestorePhase::Switching,
        switched_at: status.switched_at.clone().or(Some(now)),
        ..status
    };
    let message = "the instance changes over to what was made";
    pass.turn_to(status, "Switching", message).await
}
