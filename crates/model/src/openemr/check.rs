//! The check Job: a restored copy, read to its last table and document (`scripts/check.sh`). It writes
//! nothing, so it may be made anew at any time.

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Container, PodSpec},
};

use super::{
    config::Script,
    job,
    labels::Component,
    names,
    pod::{self, Role},
    volumes,
    workload::Workload,
};

/// Reading a large database to its last page takes hours; a drill's own limit is shorter where that
/// matters.
const DEADLINE_SECONDS: i64 = 72 * 3600;

/// The codes with which the scripts say why they stopped.
pub(super) const EXIT_CODES: [(&str, i32); 4] =
    [("check", 61), ("check", 63), ("check", 64), ("check", 66)];

/// The Job.
pub(super) fn job(workload: &Workload) -> Job {
    job::once(
        workload,
        names::check_job(workload),
        Component::Check,
        DEADLINE_SECONDS,
        &EXIT_CODES,
        pod_spec(workload),
    )
}

fn pod_spec(workload: &Workload) -> PodSpec {
    let tolerations = workload.tolerations.clone();
    PodSpec {
        restart_policy: Some("Never".into()),
        tolerations: (!tolerations.is_empty()).then_some(tolerations),
        containers: vec![Container {
            volume_mounts: Some(volumes::for_all()),
            resources: Some(pod::small()),
            ..pod::container(workload, "check", Script::Check)
        }],
        ..pod::base(workload, Role::Worker)
    }
}
