//! How the number of workers follows the load.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;

use super::{
    labels::Component,
    meta,
    names::{self, Part},
    workload::Workload,
};
use crate::workload::autoscaler;

/// The autoscaler: more after a minute, fewer after five.
pub(super) fn autoscaler(workload: &Workload) -> HorizontalPodAutoscaler {
    autoscaler::autoscaler(
        meta::owned(workload, Part::App, Component::App),
        names::object(&workload.instance, Part::App),
        workload.replicas,
        60,
        300,
    )
}
