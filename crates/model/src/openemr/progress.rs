//! How far an instance has come, from its Job, Deployment and autoscaler as the API server shows
//! them.

use crate::workload::job::condition;
use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job};

pub use crate::workload::progress::{Finding, Next, scaling};
use crate::workload::{Instance, Schema, Version, progress};

mod failure;
mod volumes;

pub use volumes::volumes;

/// Whether the application is installed. `recorded` is the version that status remembers.
pub fn installed(
    instance: &Instance,
    schema: &Schema,
    recorded: Option<&Version>,
    job: Option<&Job>,
) -> Finding {
    let failed = job.and_then(|job| Some((job, condition(job, "Failed")?)));
    match (recorded, job, failed) {
        (None, _, Some((job, failed))) => failure::first(instance, schema, job, failed),
        (Some(version), _, Some((job, failed))) => failure::later(instance, version, job, failed),
        (Some(version), ..) => Finding::new(
            true,
            "Installed",
            format!("OpenEMR {version} is installed"),
            Next::Done,
        ),
        (None, Some(job), None) if condition(job, "Complete").is_some() => {
            Finding::new(true, "Installed", "the install Job is complete", Next::Done)
        }
        (None, Some(job), None) => Finding::new(false, "Installing", running(job), Next::Wait),
        (None, None, None) => Finding::new(
            false,
            "InstallPending",
            "the install Job starts once database, cache and files are ready",
            Next::Wait,
        ),
    }
}

/// Whether restored files are where the pods look for them.
pub fn placed(instance: &Instance, job: Option<&Job>) -> Finding {
    match job {
        Some(job) if condition(job, "Complete").is_some() => Finding::new(
            true,
            "FilesInPlace",
            "the restored files are in place",
            Next::Done,
        ),
        Some(job) => match condition(job, "Failed") {
            Some(failed) => failure::restore(instance, job, failed),
            None => Finding::new(
                false,
                "PlacingFiles",
                "the restored files are being brought into place",
                Next::Wait,
            ),
        },
        None => Finding::new(
            false,
            "PlacingFiles",
            "the restored files are brought into place next",
            Next::Wait,
        ),
    }
}

/// What the check of a restored copy came to, with what its pod said last.
pub fn checked(job: Option<&Job>, said: Option<&str>) -> Finding {
    let failed = job.and_then(|job| condition(job, "Failed"));
    match (job, failed) {
        (_, Some(failed)) => failure::check(failed, said),
        (Some(job), None) if condition(job, "Complete").is_some() => {
            let said = said.unwrap_or_default();
            Finding::new(true, "Checked", said, Next::Done)
        }
        _ => Finding::new(
            false,
            "Checking",
            "tables, keys and documents of the copy are read",
            Next::Wait,
        ),
    }
}

/// Whether the settings are in place, with what the Job's pod said last.
pub fn configured(job: Option<&Job>, said: Option<&str>) -> Finding {
    match (job, job.and_then(|job| condition(job, "Failed"))) {
        (_, Some(failed)) => failure::settings(failed, said),
        (Some(job), None) if condition(job, "Complete").is_some() => {
            let said = said.unwrap_or("the settings are in place");
            Finding::new(true, "Applied", said, Next::Done)
        }
        _ => Finding::new(
            false,
            "Applying",
            "OpenEMR's settings are put into its database",
            Next::Wait,
        ),
    }
}

/// Whether the rollout of this template is over as far as the Deployment tells: what is there is of it, and
/// available. With the configuration that its pods are started with.
pub fn rolled_out(deployment: &Deployment) -> Option<&str> {
    let (spec, status) = (deployment.spec.as_ref()?, deployment.status.as_ref()?);
    let replicas = status.replicas.unwrap_or_default();
    let settled = status.observed_generation >= deployment.metadata.generation
        && status.updated_replicas.unwrap_or_default() == replicas
        && status.available_replicas.unwrap_or_default() == replicas;
    let template = spec.template.metadata.as_ref()?.annotations.as_ref()?;
    let hash = template.get(emr_api::labels::CONFIG_HASH)?;
    settled.then_some(hash)
}

/// Whether enough workers are available. `min` is the least number of pods.
pub fn serving(min: i32, deployment: Option<&Deployment>) -> Finding {
    let absent = "the workers start once OpenEMR is installed";
    progress::serving(min, deployment, absent)
}

fn running(job: &Job) -> String {
    let ready = job
        .status
        .as_ref()
        .and_then(|status| status.ready)
        .unwrap_or_default();
    if ready > 0 {
        "OpenEMR is being installed; usually done within 25 min".into()
    } else {
        "the install Job's pod is starting: waiting for a node, the image, database and cache"
            .into()
    }
}
