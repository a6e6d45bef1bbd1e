//! A Job of one pod that is tried once: what goes wrong is decided by its exit code, never by trying
//! again over what it left.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        batch::v1::{
            Job, JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement,
            PodFailurePolicyRule,
        },
        core::v1::{PodSpec, PodTemplateSpec},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::{
    labels::{self, Component},
    meta,
    workload::Workload,
};

/// The codes with which containers say why they stopped.
pub(super) type ExitCodes = [(&'static str, i32)];

/// The Job. No time to live: its result is the record.
pub(super) fn once(
    workload: &Workload,
    name: String,
    component: Component,
    deadline_seconds: i64,
    codes: &ExitCodes,
    pod: PodSpec,
) -> Job {
    Job {
        metadata: meta::owned_as(workload, name, component),
        spec: Some(JobSpec {
            parallelism: Some(1),
            completions: Some(1),
            backoff_limit: Some(0),
            active_deadline_seconds: Some(deadline_seconds),
            pod_replacement_policy: Some("Failed".into()),
            pod_failure_policy: Some(failure_policy(codes)),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels::all(workload, component)),
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
