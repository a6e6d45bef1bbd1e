//! How far an instance has come, from its Job, Deployment and autoscaler as the API server shows
//! them.

use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    batch::v1::{Job, JobCondition},
};

use super::workload::{Instance, Schema, Version};

mod failure;
mod volumes;

pub use volumes::volumes;

/// A condition's content, and what comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// True when it holds.
    pub met: bool,
    /// For programs, in camel case.
    pub reason: &'static str,
    /// For people.
    pub message: String,
    /// What comes next.
    pub next: Next,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    Done,
    /// It moves by itself.
    Wait,
    /// Delete the Job in the foreground, see it and its pod gone, and create it anew: its guard
    /// looks before it writes. Slowly.
    Retry,
    /// A person must act.
    Person,
}

impl Finding {
    fn new(met: bool, reason: &'static str, message: impl Into<String>, next: Next) -> Self {
        Self {
            met,
            reason,
            message: message.into(),
            next,
        }
    }
}

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

/// Whether enough workers are available. `min` is the least number of pods.
pub fn serving(min: i32, deployment: Option<&Deployment>) -> Finding {
    let Some(deployment) = deployment else {
        let message = "the workers start once OpenEMR is installed";
        return Finding::new(false, "NotStarted", message, Next::Wait);
    };
    let status = deployment.status.clone().unwrap_or_default();
    let available = status.available_replicas.unwrap_or_default();
    let wanted = status.replicas.unwrap_or_default().max(min);
    let counted = format!("{available} of {wanted} pods are available, at least {min} are needed");
    if available >= min {
        let rolling = status.updated_replicas.unwrap_or_default() < status.replicas.unwrap_or(0)
            || status.observed_generation < deployment.metadata.generation;
        let reason = if rolling { "RollingOut" } else { "Available" };
        return Finding::new(true, reason, counted, Next::Done);
    }
    let trouble = status
        .conditions
        .unwrap_or_default()
        .into_iter()
        .find(|condition| {
            (condition.type_ == "ReplicaFailure" && condition.status == "True")
                || (condition.type_ == "Progressing" && condition.status == "False")
        });
    match trouble {
        Some(condition) => {
            let why = condition.message.unwrap_or_default();
            let message = format!("{counted}; the rollout does not move: {why}");
            Finding::new(false, "PodsNotAvailable", message, Next::Person)
        }
        None => Finding::new(false, "Starting", counted, Next::Wait),
    }
}

/// Whether the number of workers follows the load.
pub fn scaling(autoscaler: Option<&HorizontalPodAutoscaler>) -> Finding {
    let status = autoscaler.and_then(|autoscaler| autoscaler.status.as_ref());
    let Some(status) = status else {
        return Finding::new(
            false,
            "Starting",
            "the autoscaler has not looked yet",
            Next::Wait,
        );
    };
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let blocked = conditions.iter().find(|condition| {
        condition.status == "False" && ["AbleToScale", "ScalingActive"].contains(&&*condition.type_)
    });
    if let Some(condition) = blocked {
        let why = condition.message.clone().unwrap_or_default();
        let message = format!("the autoscaler is blind (is metrics-server installed?): {why}");
        return Finding::new(false, "ScalingInactive", message, Next::Wait);
    }
    let (current, wanted) = (
        status.current_replicas.unwrap_or_default(),
        status.desired_replicas,
    );
    Finding::new(
        true,
        "ScalingActive",
        format!("{current} pods, {wanted} wanted"),
        Next::Done,
    )
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

fn condition<'a>(job: &'a Job, kind: &str) -> Option<&'a JobCondition> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    conditions
        .iter()
        .find(|condition| condition.type_ == kind && condition.status == "True")
}
