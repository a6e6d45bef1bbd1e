//! How the number of workers follows the load: up fast, down slowly.

use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
    ResourceMetricSource,
};

use super::{
    labels::Component,
    meta,
    names::{self, Part},
    workload::Workload,
};

/// The seconds over which a policy counts.
const PERIOD_SECONDS: i32 = 60;

/// The autoscaler.
pub(super) fn autoscaler(workload: &Workload) -> HorizontalPodAutoscaler {
    let replicas = workload.replicas;
    HorizontalPodAutoscaler {
        metadata: meta::owned(workload, Part::App, Component::App),
        spec: Some(HorizontalPodAutoscalerSpec {
            scale_target_ref: CrossVersionObjectReference {
                api_version: Some("apps/v1".into()),
                kind: "Deployment".into(),
                name: names::object(&workload.instance, Part::App),
            },
            min_replicas: Some(replicas.min),
            max_replicas: replicas.max,
            metrics: Some(vec![
                metric("cpu", replicas.target_cpu),
                metric("memory", replicas.target_memory),
            ]),
            behavior: Some(HorizontalPodAutoscalerBehavior {
                scale_up: Some(rules(60, "Max", 100, 4)),
                scale_down: Some(rules(300, "Min", 50, 2)),
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
