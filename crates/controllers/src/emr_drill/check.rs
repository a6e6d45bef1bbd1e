//! The copy, read to its last table and document by a Job in it.

use emr_api::EmrInstance;
use emr_model::{
    instance,
    openemr::{self, Object, progress},
    progress::Notice,
};
use emr_runtime::{Error, Next, ReconcileError};
use k8s_openapi::api::batch::v1::Job;
use kube::{Api, ResourceExt, api::DeleteParams};

use super::Pass;
use crate::emr_instance::{
    application::{apply, openemr::for_jobs, read, said},
    gather::gather,
};

/// One look at the check, which is begun where none runs.
pub(super) async fn check(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let Some(copy) = pass
        .copy()
        .await?
        .filter(|copy| copy.metadata.deletion_timestamp.is_none())
    else {
        let why = "the copy was deleted while it was looked at";
        return pass.judged(None, Some(why.to_owned())).await;
    };
    let wanted = match Box::pin(job_in(pass, &copy)).await? {
        Ok(job) => job,
        Err(waits) => return pass.wait(waits).await,
    };
    let client = &pass.context.client;
    let namespace = copy.namespace().unwrap_or_default();
    let name = wanted.name().to_owned();
    let job: Option<Job> = read(client, &namespace, Some(&name), "Job").await?;
    let leaves = |job: &Job| job.metadata.deletion_timestamp.is_some();
    if job.as_ref().is_none_or(leaves) {
        if job.is_none() {
            apply(pass.context, &[wanted]).await?;
        }
        let message = "tables, keys and documents of the copy are read next";
        return pass.wait(Notice::new("Checking", message)).await;
    }
    let said = said(pass.context, &namespace, &name).await?;
    let found = progress::checked(job.as_ref(), said.as_deref());
    match found.next {
        progress::Next::Done => pass.judged(said, None).await,
        progress::Next::Person => {
            let failure = format!("{}: {}", found.reason, found.message);
            pass.judged(said, Some(failure)).await
        }
        progress::Next::Wait => pass.wait(Notice::new(found.reason, found.message)).await,
        progress::Next::Retry => {
            let jobs = Api::<Job>::namespaced(client.clone(), &namespace);
            let gently = DeleteParams::foreground();
            let gone = jobs.delete(&name, &gently).await;
            gone.map_err(|error| Error::request("delete", "Job", &name, error))?;
            pass.wait(Notice::new(found.reason, found.message)).await
        }
    }
}

/// The Job in the copy, or what is waited for.
async fn job_in(
    pass: &Pass<'_>,
    copy: &EmrInstance,
) -> Result<Result<Object, Notice>, ReconcileError> {
    let world = match gather(pass.context, copy).await? {
        Ok(world) => world,
        Err(not) => return not.waits().map(Err),
    };
    let validated = instance::validate(copy, &world.neighbours)
        .map_err(|error| ReconcileError::slow(error.reason(), error.to_string()))?;
    let built = for_jobs(pass.context, copy, &world, &validated).await?;
    Ok(match built {
        Some(workload) => Ok(openemr::check_job(&workload)),
        None => Err(Notice::new(
            "WaitingForStores",
            "a store of the copy does not tell where it is",
        )),
    })
}
