//! The restore Job: what AWS Backup restored, brought to where the pods look for it.
//!
//! AWS Backup never restores to the path that a file had, and an access point's path can't be
//! changed (safety.md 14), so the folders are moved instead: by one pod, which alone sees the root
//! of the file system, before any other mounts a part of it. What it does is safe to repeat at any
//! point (`scripts/restore.sh`).

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Container, PersistentVolumeClaimVolumeSource, PodSpec, Volume, VolumeMount},
};

use super::{
    config::{self, Script},
    job,
    labels::Component,
    names, pod, storage, volumes,
    workload::Workload,
};

/// Moving folders takes no time; a new node and the image's pull do.
const DEADLINE_SECONDS: i64 = 1800;
/// Where the pod sees the root of the file system.
const ROOT: &str = "/mnt/files";

/// The codes with which the script says why it stopped.
pub(super) const EXIT_CODES: [(&str, i32); 3] = [("restore", 51), ("restore", 52), ("restore", 53)];

/// The Job.
pub(super) fn job(workload: &Workload) -> Job {
    job::once(
        workload,
        names::restore_job(workload),
        Component::Restore,
        DEADLINE_SECONDS,
        &EXIT_CODES,
        pod_spec(workload),
    )
}

fn pod_spec(workload: &Workload) -> PodSpec {
    let tolerations = workload.tolerations.clone();
    let mount = |name: &str, path: &str, read_only| VolumeMount {
        name: name.into(),
        mount_path: path.into(),
        read_only,
        ..Default::default()
    };
    PodSpec {
        restart_policy: Some("Never".into()),
        tolerations: (!tolerations.is_empty()).then_some(tolerations),
        volumes: Some(vec![
            Volume {
                name: "root".into(),
                persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                    claim_name: storage::root_claim(workload),
                    ..Default::default()
                }),
                ..Default::default()
            },
            volumes::scripts(workload),
        ]),
        containers: vec![Container {
            volume_mounts: Some(vec![
                mount("root", ROOT, None),
                mount("config", config::FOLDER, Some(true)),
            ]),
            resources: Some(pod::small()),
            ..pod::container(workload, "restore", Script::Restore)
        }],
        ..pod::bare(workload)
    }
}
