//! An install that failed before it wrote anything is tried again.

use emr_model::openemr::progress;
use emr_runtime::{Error, ReconcileError};
use k8s_openapi::api::batch::v1::Job;
use kube::{Api, ResourceExt, api::DeleteParams};

use crate::Context;

/// How long a failed install Job stays before it is made again.
const INSTALL_AGAIN_SECONDS: i64 = 60;

/// Deletes a Job that failed before it wrote anything, so that it is made again; the back-off of
/// the error makes that slow.
pub(super) async fn retry_install(
    context: &Context,
    namespace: &str,
    job: Option<&Job>,
    finding: &progress::Finding,
) -> Result<Option<ReconcileError>, ReconcileError> {
    let Some(job) = job else { return Ok(None) };
    let name = job.name_any();
    let failed_at = job
        .status
        .as_ref()
        .and_then(|status| status.conditions.as_ref())
        .and_then(|all| all.iter().find(|condition| condition.type_ == "Failed"))
        .and_then(|failed| failed.last_transition_time.as_ref())
        .map(|time| time.0);
    let rested = failed_at
        .is_none_or(|at| context.now().duration_since(at).as_secs() >= INSTALL_AGAIN_SECONDS);
    if rested && job.metadata.deletion_timestamp.is_none() {
        let api = Api::<Job>::namespaced(context.client.clone(), namespace);
        api.delete(&name, &DeleteParams::foreground())
            .await
            .map_err(|error| Error::request("delete", "Job", &name, error))?;
    }
    Ok(Some(ReconcileError::soon(
        finding.reason,
        finding.message.clone(),
    )))
}
