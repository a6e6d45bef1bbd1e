//! The change over, which the instance's own controller makes, and what becomes of what it ran on.

use emr_api::{
    ManagedDatabase, SharedFileSystem,
    emr_restore::{EmrRestoreStatus, RestorePhase},
};
use emr_model::{backup::elapsed, progress::Notice, restore};
use emr_runtime::{Error, Next, ReconcileError};
use kube::{Api, ResourceExt};

use super::{Pass, candidate::application_on, make::decided};
use crate::{
    emr_instance::{
        application::TakeOver,
        teardown::{children::drop, objects::drop_storage},
    },
    report::hold,
};

/// Waits until the instance is Ready on the stores of the set.
pub(super) async fn switch(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let status = pass.status();
    let (stores, _) = decided(&status)?;
    let Some(instance) = pass.instance().await? else {
        // It takes all stores along, each as its policy says: they may be its own already.
        let status = EmrRestoreStatus {
            phase: RestorePhase::Failed,
            failure: Some("the instance was deleted while it changed over".to_owned()),
            ..status
        };
        pass.rest(status).await?;
        return Ok(Next::AwaitChange);
    };
    let held = hold(&instance, instance.spec.management_policy).is_some();
    if held && instance.stores() != stores {
        let message = format!(
            "EmrInstance {} is paused or only observed: it changes over once that is lifted",
            instance.name_any()
        );
        return pass.wait(Notice::new("InstanceHeld", message), true).await;
    }
    if !restore::runs_on(&instance, &stores) {
        let told = instance.status.as_ref().and_then(|of| of.phase.clone());
        let message = format!(
            "EmrInstance {} is {}",
            instance.name_any(),
            told.unwrap_or_default()
        );
        return pass.wait(Notice::new("Switching", message), false).await;
    }
    let now = pass.context.now();
    let status = EmrRestoreStatus {
        phase: RestorePhase::Complete,
        completed_at: Some(now.to_string()),
        quiet_for: elapsed(status.switched_at.as_deref(), now),
        ..status
    };
    let quiet = status.quiet_for.as_deref().unwrap_or("no time");
    let note = format!("the instance runs on the set after {quiet} of quiet");
    pass.tell("RestoreComplete", &note, false).await;
    pass.rest(status).await?;
    Ok(Next::AwaitChange)
}

/// Somebody said that what the instance ran on before may go.
pub(super) async fn confirmed(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let status = EmrRestoreStatus {
        phase: RestorePhase::Discarding,
        ..pass.status()
    };
    let message = "what the instance ran on before goes, as its deletionPolicy says";
    pass.turn_to(status, "Discarding", message).await
}

/// Volumes, then the stores: under `Snapshot` a last set of them is taken on the way.
pub(super) async fn discard(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let status = pass.status();
    let previous = status.previous.clone().unwrap_or_default();
    let current = pass.instance().await?.map(|instance| instance.stores());
    if current.as_ref() == Some(&previous) {
        let message = format!("the instance runs on {previous} again, so that stays");
        return pass.wait(Notice::new("InUse", message), true).await;
    }
    let application = match Box::pin(application_on(pass, &previous)).await? {
        Ok(application) => application,
        Err(waits) => return pass.wait(waits, false).await,
    };
    if let Some(left) = drop_stores(pass, &previous, application.as_ref(), false).await? {
        return pass.wait(left, false).await;
    }
    let status = EmrRestoreStatus {
        phase: RestorePhase::Discarded,
        ..status
    };
    pass.rest(status).await?;
    Ok(Next::AwaitChange)
}

/// The volumes on these stores, and the stores. What is left of them, in words.
pub(super) async fn drop_stores(
    pass: &Pass<'_>,
    stores: &str,
    application: Option<&TakeOver>,
    confirmed: bool,
) -> Result<Option<Notice>, ReconcileError> {
    let namespace = pass.object.namespace().unwrap_or_default();
    if let Some(application) = application {
        let storage = &application.objects.storage;
        Box::pin(drop_storage(pass.context, &namespace, storage)).await?;
    }
    let client = &pass.context.client;
    let mut left = Vec::new();
    let databases = Api::<ManagedDatabase>::namespaced(client.clone(), &namespace);
    let database = databases.get_opt(stores).await;
    if let Some(database) =
        database.map_err(|error| Error::request("get", "ManagedDatabase", stores, error))?
    {
        left.push(drop(&databases, &database, confirmed).await?);
    }
    let systems = Api::<SharedFileSystem>::namespaced(client.clone(), &namespace);
    let files = systems.get_opt(stores).await;
    if let Some(files) =
        files.map_err(|error| Error::request("get", "SharedFileSystem", stores, error))?
    {
        left.push(drop(&systems, &files, confirmed).await?);
    }
    let message = format!("waiting for {} to go", left.join(", "));
    Ok((!left.is_empty()).then(|| Notice::new("DeletingStores", message)))
}
