//! What was made for a restore that failed or was cancelled goes: Jobs, volumes, stores. They are copies;
//! the set that they were made from stays.

use emr_api::emr_restore::{EmrRestoreStatus, RestorePhase};
use emr_model::progress::Notice;
use emr_runtime::{Error, Next, ReconcileError};
use k8s_openapi::api::batch::v1::Job;
use kube::{Api, ResourceExt, api::DeleteParams};

use super::{KIND, Pass, candidate::application_on, make::decided, switch::drop_stores};
use crate::deletion;

/// One pass towards nothing being left.
pub(super) async fn clear(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    if let Some(left) = Box::pin(remove(pass)).await? {
        return pass.wait(left, false).await;
    }
    let status = EmrRestoreStatus {
        phase: RestorePhase::Failed,
        ..pass.status()
    };
    pass.rest(status).await?;
    Ok(Next::AwaitChange)
}

/// A restore that is deleted before its switch is cancelled; one that is complete leaves everything as
/// it is.
pub(super) async fn leave(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let phase = pass.status().phase;
    let began = pass.status().candidate.is_some();
    if phase.can_be_cancelled()
        && began
        && let Some(left) = Box::pin(remove(pass)).await?
    {
        return pass.wait(left, false).await;
    }
    deletion::release(pass.context, pass.api, pass.object, KIND).await
}

/// Takes away what was made. What is left of it, in words.
async fn remove(pass: &Pass<'_>) -> Result<Option<Notice>, ReconcileError> {
    let (stores, _) = decided(&pass.status())?;
    let current = pass.instance().await?.map(|instance| instance.stores());
    if current.as_ref() == Some(&stores) {
        // The instance changed over at the last moment: these are its own.
        return Ok(None);
    }
    let application = match Box::pin(application_on(pass, &stores)).await? {
        Ok(application) => application,
        Err(waits) => return Ok(Some(waits)),
    };
    let namespace = pass.object.namespace().unwrap_or_default();
    let jobs = Api::<Job>::namespaced(pass.context.client.clone(), &namespace);
    if let Some(application) = &application {
        let mut running = Vec::new();
        for name in application.jobs() {
            let failed = |verb| move |error| Error::request(verb, "Job", name, error);
            let Some(live) = jobs.get_opt(name).await.map_err(failed("get"))? else {
                continue;
            };
            running.push(name.to_owned());
            if live.metadata.deletion_timestamp.is_none() {
                let gently = DeleteParams::foreground();
                jobs.delete(&live.name_any(), &gently)
                    .await
                    .map_err(failed("delete"))?;
            }
        }
        if !running.is_empty() {
            let message = format!("waiting for {} to go", running.join(", "));
            return Ok(Some(Notice::new("StoppingPods", message)));
        }
    }
    drop_stores(pass, &stores, application.as_ref(), true).await
}
