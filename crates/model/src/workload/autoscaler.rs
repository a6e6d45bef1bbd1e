//! How the number of pods follows the load: up fast, down slowly.

use k8s_openapi::{
    api::autoscaling::v2::{
        CrossVersionObjectReference, HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler,
        HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
        ResourceMetricSource,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::identity::Replicas;

/// The seconds over which a policy counts.
const PERIOD_SECONDS: i32 = 60;

/// The autoscaler of a Deployment. `up` and `down` are the seconds that it looks back before it adds or
/// takes away pods.
pub(crate) fn autoscaler(
    metadata: ObjectMeta,
    deployment: String,
    replicas: Replicas,
    up: i32,
    down: i32,
) -> HorizontalPodAutoscaler {
    HorizontalPodAutoscaler {
        metadata,
        spec: Some(HorizontalPodAutoscalerSpec {
            scale_target_ref: CrossVersionObjectReference {
                api_version: Some("apps/v1".into()),
                kind: "Deployment".into(),
                name: deployment,
            },
            min_replicas: Some(replicas.min),
            max_replicas: replicas.max,
            metrics: Some(vec![
                metric("cpu", replicas.target_cpu),
                metric("memory", replicas.target_memory),
            ]),
            behavior: Some(HorizontalPodAutoscalerBehavior {
                scale_up: Some(rules(up, "Max", 100, 4)),
                scale_down: Some(rules(down, "Min", 50, 2)),
            }),
        }),
        ..Default::default()
    }
}

fn metric(name: &str, percent: i32) -> MetricSpec {
    MetricSpec {
        type_: "Resource".into(),
        resource: Some(ResourceMetricSource {
            name: name.into(),
            target: MetricTarget {
                type_: "Utilization".into(),
                average_utilization: Some(percent),
                ..Default::default()
            },
        }),
        ..Default::default()
    }
}

fn rules(window: i32, select: &str, percent: i32, pods: i32) -> HPAScalingRules {
    let policy = |kind: &str, value| HPAScalingPolicy {
        type_: kind.into(),
        value,
        period_seconds: PERIOD_SECONDS,
    };
    HPAScalingRules {
        stabilization_window_seconds: Some(window),
        select_policy: Some(select.into()),
        policies: Some(vec![policy("Percent", percent), policy("Pods", pods)]),
        ..Default::default()
    }
}
