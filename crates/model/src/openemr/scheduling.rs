//! Where pods run.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Toleration, TopologySpreadConstraint};

use super::{
    labels::{self, Component},
    workload::Workload,
};
use crate::workload::scheduling;

/// The user's labels, and the processors.
pub(super) fn node_selector(workload: &Workload) -> BTreeMap<String, String> {
    scheduling::node_selector(&workload.node_selector, workload.architecture)
}

/// The user's tolerations; workers leave lost nodes soon.
pub(super) fn worker_tolerations(workload: &Workload) -> Vec<Toleration> {
    scheduling::serving_tolerations(&workload.tolerations)
}

/// Workers spread over zones, and inside a zone over nodes.
pub(super) fn spread(workload: &Workload) -> Vec<TopologySpreadConstraint> {
    let pods = labels::select(workload, Component::App);
    scheduling::spread(workload.profile, workload.zones, &pods)
}
