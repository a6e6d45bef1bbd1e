//! A Job of one pod that is tried once: what goes wrong is decided by its exit code, never by trying
//! again over what it left.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        batch::v1::{
            Job, JobCondition, JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement,
            PodFailurePolicyRule,
        },
        core::v1::{PodSpec, PodTemplateSpec},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

/// The codes with which containers say why they stopped.
pub(crate) type ExitCodes = [(&'static str, i32)];

/// The Job. No time to live: its result is the record. `labels` are those of its pod.
pub(crate) fn once(
    metadata: ObjectMeta,
    labels: BTreeMap<String, String>,
    deadline_seconds: i64,
    codes: &ExitCodes,
    pod: PodSpec,
) -> Job {
    Job {
        metadata,
        spec: Some(JobSpec {
            parallelism: Some(1),
            completions: Some(1),
            backoff_limit: Some(0),
            active_deadline_seconds: Some(deadline_seconds),
            pod_replacement_policy: Some("Failed".into()),
            pod_failure_policy: Some(failure_policy(codes)),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels),
                    annotations: Some(undisturbed()),
                    ..Default::default()
                }),
                spec: Some(pod),
            },
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The condition of that type, where it is true.
pub(crate) fn condition<'a>(job: &'a Job, kind: &str) -> Option<&'a JobCondition> {
    let all = job.status.as_ref()?.conditions.as_ref()?;
    all.iter()
        .find(|of| of.type_ == kind && of.status == "True")
}

/// The code of a Job that failed by one. The Job controller writes: "Container guard for pod a/b failed with
/// exit code 42 matching `FailJob` rule at index 1".
pub(crate) fn exit_code(failed: &JobCondition) -> Option<i32> {
    let message = failed.message.as_deref()?;
    let (_, rest) = message.split_once("failed with exit code ")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// One rule a code, so that the Job's condition names it.
fn failure_policy(codes: &ExitCodes) -> PodFailurePolicy {
    let rule = |(container, code): &(&str, i32)| PodFailurePolicyRule {
        action: "FailJob".into(),
        on_exit_codes: Some(PodFailurePolicyOnExitCodesRequirement {
            container_name: Some((*container).into()),
            operator: "In".into(),
            values: vec![*code],
        }),
        ..Default::default()
    };
    PodFailurePolicy {
        rules: codes.iter().map(rule).collect(),
    }
}

/// Node autoscalers leave the pod alone: moving it would cut its work in half.
fn undisturbed() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("karpenter.sh/do-not-disrupt".into(), "true".into()),
        (
            "cluster-autoscaler.kubernetes.io/safe-to-evict".into(),
            "false".into(),
        ),
    ])
}
