//! How many workers a node drain may take at once.

use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::{
    labels::{self, Component},
    meta,
    names::Part,
    workload::Workload,
};
use crate::workload::disruption;

/// One at a time.
pub(super) fn budget(workload: &Workload) -> PodDisruptionBudget {
    disruption::budget(
        meta::owned(workload, Part::App, Component::App),
        labels::select(workload, Component::App),
    )
}
