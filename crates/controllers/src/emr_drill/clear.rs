//! The copy goes, whatever came out: it holds a clinic's records.

use emr_api::{
    EmrInstance,
    emr_drill::{DrillPhase, EmrDrillStatus},
};
use emr_model::{drill, progress::Notice};
use emr_runtime::{Error, Next, ReconcileError};
use kube::Api;

use super::{KIND, Pass};
use crate::{deletion, emr_instance::teardown::children::drop};

/// One pass towards nothing being left, and then the verdict.
pub(super) async fn clear(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    if let Some(left) = wipe(pass).await? {
        return pass.wait(left).await;
    }
    let old = pass.status();
    let status = EmrDrillStatus {
        phase: if old.failure.is_none() {
            DrillPhase::Passed
        } else {
            DrillPhase::Failed
        },
        ..old
    };
    pass.announce(&status).await?;
    pass.rest(status).await?;
    Ok(Next::AwaitChange)
}

/// A drill that is deleted takes its copy along.
pub(super) async fn leave(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    if let Some(left) = wipe(pass).await? {
        return pass.wait(left).await;
    }
    deletion::release(pass.context, pass.api, pass.object, KIND).await
}

/// Deletes the copy. What is waited for, while it is there.
async fn wipe(pass: &Pass<'_>) -> Result<Option<Notice>, ReconcileError> {
    let name = drill::copy_name(pass.object);
    let namespace = pass
        .object
        .metadata
        .namespace
        .as_deref()
        .unwrap_or_default();
    let instances = Api::<EmrInstance>::namespaced(pass.context.client.clone(), namespace);
    let copy = instances.get_opt(&name).await;
    let copy = copy.map_err(|error| Error::request("get", "EmrInstance", &name, error))?;
    let Some(copy) = copy.filter(|copy| drill::is_copy(pass.object, copy)) else {
        return Ok(None);
    };
    let gone = drop(&instances, &copy, true).await?;
    let message = format!("waiting for {gone}, the copy, to go");
    Ok(Some(Notice::new("WipingCopy", message)))
}
