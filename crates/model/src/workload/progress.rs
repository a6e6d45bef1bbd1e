//! How far pods have come, from their Deployment and autoscaler as the API server shows them.

use emr_api::labels::APP_VERSION;
use k8s_openapi::api::{apps::v1::Deployment, autoscaling::v2::HorizontalPodAutoscaler};

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
    /// A finding.
    pub(crate) fn new(
        met: bool,
        reason: &'static str,
        message: impl Into<String>,
        next: Next,
    ) -> Self {
        Self {
            met,
            reason,
            message: message.into(),
            next,
        }
    }
}

/// Whether every pod is of the template of this version, and available, and none of another is left.
pub fn is_rolled_out(deployment: &Deployment, version: &str) -> bool {
    let (Some(spec), Some(status)) = (&deployment.spec, &deployment.status) else {
        return false;
    };
    let labels = spec
        .template
        .metadata
        .as_ref()
        .and_then(|of| of.labels.as_ref());
    let of_version = labels.and_then(|labels| labels.get(APP_VERSION));
    let replicas = status.replicas.unwrap_or_default();
    of_version.map(String::as_str) == Some(version)
        && status.observed_generation >= deployment.metadata.generation
        && status.updated_replicas.unwrap_or_default() == replicas
        && status.available_replicas.unwrap_or_default() == replicas
}

/// Whether enough pods are available. `min` is the least number of them; `absent` is said while there
/// is no Deployment.
pub(crate) fn serving(min: i32, deployment: Option<&Deployment>, absent: &str) -> Finding {
    let Some(deployment) = deployment else {
        return Finding::new(false, "NotStarted", absent, Next::Wait);
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

/// Whether the number of pods follows the load.
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
