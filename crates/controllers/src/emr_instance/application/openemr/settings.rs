//! OpenEMR's settings: a Job for what the spec says, remembered by the Job's name once it is complete.

use emr_api::{
    EmrInstance,
    conditions::{self, Beside, SETTINGS_APPLIED, Verdict},
};
use emr_model::{
    openemr::{
        self, Workload,
        progress::{self, Finding, Next},
    },
    progress::Held,
};
use emr_runtime::ReconcileError;
use k8s_openapi::api::batch::v1::Job;

use super::{
    super::{apply, read, said},
    install::retry,
};
use crate::Context;

/// Puts them in place, and tells whether they are. Once they are nothing is read any more until the spec
/// says something else.
pub(super) async fn keep(
    context: &Context,
    object: &EmrInstance,
    workload: &Workload,
    hold: Option<Held>,
) -> Result<(Beside, Option<ReconcileError>), ReconcileError> {
    let wanted = openemr::settings_job(workload);
    let name = wanted.name();
    if let Some(told) = remembered(object, name) {
        return Ok((told, None));
    }
    if hold.is_none() {
        apply(context, std::slice::from_ref(&wanted)).await?;
    }
    let namespace = workload.instance.namespace.as_str();
    let job: Option<Job> = read(&context.client, namespace, Some(name), "Job").await?;
    let mut found = progress::configured(job.as_ref(), None);
    if found.met || found.next == Next::Retry {
        let said = said(context, namespace, name).await?;
        found = progress::configured(job.as_ref(), said.as_deref());
    }
    let failure = match found.next {
        Next::Retry => retry(context, namespace, job.as_ref(), &found).await?,
        _ => None,
    };
    Ok((told(&found, name), failure))
}

/// The condition, where it says that this Job is done.
fn remembered(object: &EmrInstance, job: &str) -> Option<Beside> {
    let status = object.status.as_ref()?;
    let told = Beside::of(SETTINGS_APPLIED, &status.conditions)?;
    let applied = conditions::find(&status.conditions, SETTINGS_APPLIED)?.status == "True";
    (applied && told.message.contains(job)).then_some(told)
}

fn told(found: &Finding, job: &str) -> Beside {
    let message = if found.met {
        format!("{} (Job {job})", found.message)
    } else {
        found.message.clone()
    };
    Beside {
        kind: SETTINGS_APPLIED,
        verdict: Verdict::from_bool(found.met),
        reason: found.reason.to_owned(),
        message,
    }
}
