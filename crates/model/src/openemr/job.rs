//! Jobs of an instance: one pod, tried once.

use k8s_openapi::api::{batch::v1::Job, core::v1::PodSpec};

use super::{
    labels::{self, Component},
    meta,
    workload::Workload,
};
use crate::workload::job;
pub(super) use crate::workload::job::ExitCodes;

/// The Job. No time to live: its result is the record.
pub(super) fn once(
    workload: &Workload,
    name: String,
    component: Component,
    deadline_seconds: i64,
    codes: &ExitCodes,
    pod: PodSpec,
) -> Job {
    let metadata = meta::owned_as(workload, name, component);
    let labels = labels::all(workload, component);
    job::once(metadata, labels, deadline_seconds, codes, pod)
}
