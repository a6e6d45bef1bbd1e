//! How many workers a node drain may take at once.

use k8s_openapi::{
    api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{
    labels::{self, Component},
    meta,
    names::Part,
    workload::Workload,
};

/// One at a time, in every profile. `minAvailable: 1` would block every drain of a Development
/// instance with its single pod for ever. A pod that is not ready serves nobody and may always go.
pub(super) fn budget(workload: &Workload) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: meta::owned(workload, Part::App, Component::App),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(labels::select(workload, Component::App)),
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".into()),
            ..Default::default()
        }),
        ..Default::default()
    }
}
