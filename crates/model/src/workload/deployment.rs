//! Pods that serve: replaced one after the other, never fewer than there should be.

use k8s_openapi::{
    api::{
        apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment},
        core::v1::PodTemplateSpec,
    },
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, ObjectMeta},
        util::intstr::IntOrString,
    },
};

/// The Deployment. `replicas` is `None` where an autoscaler owns it. A rollout that has not moved for
/// `deadline` seconds is reported.
pub(crate) fn deployment(
    metadata: ObjectMeta,
    replicas: Option<i32>,
    pods: LabelSelector,
    template: PodTemplateSpec,
    deadline: i32,
) -> Deployment {
    Deployment {
        metadata,
        spec: Some(DeploymentSpec {
            replicas,
            revision_history_limit: Some(3),
            progress_deadline_seconds: Some(deadline),
            selector: pods,
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".into()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_surge: Some(IntOrString::String("25%".into())),
                    max_unavailable: Some(IntOrString::Int(0)),
                }),
            }),
            template,
            ..Default::default()
        }),
        ..Default::default()
    }
}
