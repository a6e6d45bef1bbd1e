//! OpenEMR's upgrades: what of them is its own. No pod runs while the Job migrates, and what the Job says of
//! the data's level proves that it did.

use emr_model::{
    openemr::{self, Workload, upgrade as job},
    progress::Notice,
    upgrade::{Observed, State, Work},
    workload::progress::is_rolled_out,
};
use emr_runtime::ReconcileError;
use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job};

use super::{
    super::{BroughtUp, apply, read, said, upgrade::Walk},
    rotation,
};

/// Goes one step on.
pub(super) async fn go_on(
    walk: &Walk<'_>,
    workload: &Workload,
    workers: Option<&Deployment>,
    up: &mut BroughtUp,
) -> Result<(), ReconcileError> {
    let rotating = rotation::is_under_way(walk.object).then(|| {
        let message = "another database user is taking its place in the pods";
        Notice::new("WaitingForRotation", message)
    });
    if walk.waits(workload.is_fenced(), rotating, up) {
        return Ok(());
    }
    let (mut seen, _) = walk.look("app").await?;
    seen.rolled = workers.is_some_and(|of| is_rolled_out(of, workload.version.as_str()));
    let job = of_step(walk, workload);
    if let Some(job) = &job {
        migrated(walk, workload, job, &mut seen).await?;
    }
    let work = walk.go_on(&seen, up).await?;
    if let (Some(Work::Migrate), Some(job), None) = (work, job, walk.hold) {
        apply(walk.context, std::slice::from_ref(&job)).await?;
    }
    Ok(())
}

/// The Job of the step under way, from the phase on in which it may have been made.
fn of_step(walk: &Walk<'_>, workload: &Workload) -> Option<openemr::Object> {
    let step = walk.under_way()?;
    let set = step.set.as_deref()?;
    let there = Workload {
        version: openemr::Version::new(&step.step),
        ..workload.clone()
    };
    Some(job::job(&there, set))
}

/// What the Job has come to.
async fn migrated(
    walk: &Walk<'_>,
    workload: &Workload,
    job: &openemr::Object,
    seen: &mut Observed,
) -> Result<(), ReconcileError> {
    let namespace = workload.instance.namespace.as_str();
    let name = job.name();
    let found: Option<Job> = read(&walk.context.client, namespace, Some(name), "Job").await?;
    let said = match &found {
        Some(found) if job::is_over(found) => said(walk.context, namespace, name).await?,
        _ => None,
    };
    seen.migrations = found.as_ref().map_or(State::Absent, |found| {
        job::state(&workload.instance, found, said.as_deref())
    });
    seen.level = said.as_deref().and_then(job::level);
    Ok(())
}
