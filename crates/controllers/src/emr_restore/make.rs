//! Database and files from the set, beside those that run, and whether both open.

use emr_api::{
    emr_instance::RestoredSet,
    emr_restore::{EmrRestoreStatus, RestorePhase},
};
use emr_model::{
    instance::{self, Part},
    openemr::progress,
    progress::Notice,
    restore,
};
use emr_runtime::{Next, ReconcileError};

use super::{
    Pass,
    candidate::{Candidate, on_stores, without},
};
use crate::{
    emr_instance::application::{apply, openemr::install::install},
    write,
};

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

/// Both stores.
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
    let files = world.files.as_ref().and_then(|of| of.status.as_ref());
    let parts = [
        Part::of_child("the database", database.map(|of| &*of.conditions)),
        Part::of_child("the file system", files.map(|of| &*of.conditions)),
    ];
    let missing: Vec<_> = parts.iter().filter(|part| !part.fact).collect();
    let Some(first) = missing.first() else {
        let status = EmrRestoreStatus {
            phase: RestorePhase::Verifying,
            ..status
        };
        let message = "database and files are made; both are looked at";
        return pass.turn_to(status, "Verifying", message).await;
    };
    let told: Vec<_> = missing.iter().map(|part| &*part.notice.message).collect();
    let notice = Notice::new(first.notice.reason.clone(), told.join("; "));
    let stalled = missing.iter().any(|part| part.stalled);
    pass.wait(notice, stalled).await
}

/// Restored files into their place, and one pod that opens both halves. From here on the stores are kept
/// as the instance's own are.
pub(super) async fn verify(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let status = pass.status();
    let candidate = match Box::pin(look(pass, &status)).await? {
        Ok(candidate) => candidate,
        Err(next) => return Ok(next),
    };
    let Some((workload, objects)) = candidate.application(pass).await? else {
        let message = "a store does not tell where it is";
        return pass
            .wait(Notice::new("WaitingForStores", message), false)
            .await;
    };
    apply(pass.context, &objects.storage).await?;
    let (found, failure) = install(pass.context, &workload, &objects, None, true, None).await?;
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
    let message = "both halves open; the pods stop now and come back on them";
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
