//! The Jobs that come before the workers: restored files into place, then the install. One that failed
//! before it wrote anything is tried again.

use emr_model::{
    openemr::{
        Object, Objects, Version, Workload,
        progress::{self, Finding, Next},
    },
    progress::Held,
};
use emr_runtime::{Error, ReconcileError};
use k8s_openapi::api::batch::v1::Job;
use kube::{Api, ResourceExt, api::DeleteParams};

use super::{
    super::{apply, read},
    volumes,
};
use crate::Context;

/// How long a failed install Job stays before it is made again.
const INSTALL_AGAIN_SECONDS: i64 = 60;

/// How far the install has come, and what went wrong. `recorded` is the version that status remembers:
/// nothing is begun any more then.
pub(crate) async fn install(
    context: &Context,
    workload: &Workload,
    objects: &Objects,
    recorded: Option<&Version>,
    stores_ready: bool,
    hold: Option<Held>,
) -> Result<(Finding, Option<ReconcileError>), ReconcileError> {
    let namespace = workload.instance.namespace.as_str();
    let mut earlier = None;
    if stores_ready && recorded.is_none() {
        earlier = before_install(context, workload, objects, hold).await?;
        if earlier.is_none() && hold.is_none() {
            apply(context, objects.install.as_slice()).await?;
        }
    }
    let name = objects.install.as_ref().map(Object::name);
    let job: Option<Job> = read(&context.client, namespace, name, "Job").await?;
    let (found, job) = match (earlier, job) {
        (Some(earlier), None) => earlier,
        (_, job) => {
            let (instance, schema) = (&workload.instance, &workload.schema);
            let found = progress::installed(instance, schema, recorded, job.as_ref());
            (found, job)
        }
    };
    let failure = match found.next {
        Next::Retry => retry(context, namespace, job.as_ref(), &found).await?,
        _ => None,
    };
    Ok((found, failure))
}

/// What comes before the install Job: claims that are bound, and restored files in their place. With
/// the Job that is at it, if one is; `None` once all of that holds.
async fn before_install(
    context: &Context,
    workload: &Workload,
    objects: &Objects,
    hold: Option<Held>,
) -> Result<Option<(Finding, Option<Job>)>, ReconcileError> {
    let client = &context.client;
    if let Some(unbound) = volumes::unbound(client, &workload.instance, objects).await? {
        return Ok(Some((unbound, None)));
    }
    let Some(restore) = &objects.restore else {
        return Ok(None);
    };
    if hold.is_none() {
        apply(context, std::slice::from_ref(restore)).await?;
    }
    let namespace = workload.instance.namespace.as_str();
    let job: Option<Job> = read(client, namespace, Some(restore.name()), "Job").await?;
    let placed = progress::placed(&workload.instance, job.as_ref());
    Ok((!placed.met).then_some((placed, job)))
}

/// Deletes a Job that failed before it wrote anything, so that it is made again; the back-off of
/// the error makes that slow.
pub(in crate::emr_instance::application) async fn retry(
    context: &Context,
    namespace: &str,
    job: Option<&Job>,
    finding: &Finding,
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
