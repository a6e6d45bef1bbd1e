//! The workers.
//!
//! They know neither the master user nor any database password: the image reads the application's
//! from `sqlconf.php` on the shared files. `replicas` is omitted, the autoscaler owns it.

use std::collections::BTreeMap;

use emr_api::labels::CONFIG_HASH;
use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::{
            Container, ContainerPort, ExecAction, Lifecycle, LifecycleHandler, PodSpec,
            PodTemplateSpec, Probe, ResourceRequirements,
        },
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::{
    config::{self, Script},
    labels::{self, Component},
    meta,
    names::Part,
    pod::{self, Role},
    scheduling, volumes,
    workload::Workload,
};
use crate::workload::deployment;

/// The port of pods and Service.
pub(super) const HTTPS: i32 = 443;
/// Its name.
pub(super) const HTTPS_NAME: &str = "https";

/// 20 s until the load balancer has heard, 60 s for requests under way, and room.
const GRACE_SECONDS: i64 = 120;
/// A rollout that has not moved for this long is reported. Releases before 8.1 take 22 minutes to
/// start a pod.
const PROGRESS_DEADLINE_SECONDS: i32 = 3600;

/// The Deployment.
pub(super) fn deployment(workload: &Workload) -> Deployment {
    let annotations = BTreeMap::from([(CONFIG_HASH.to_owned(), config::hash(workload))]);
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels::all(workload, Component::App)),
            annotations: Some(annotations),
            ..Default::default()
        }),
        spec: Some(pod_spec(workload)),
    };
    deployment::deployment(
        meta::owned(workload, Part::App, Component::App),
        None,
        labels::select(workload, Component::App),
        template,
        PROGRESS_DEADLINE_SECONDS,
    )
}

/// 2 vCPU and 4 GiB where nothing is asked for.
pub(super) fn resources(workload: &Workload) -> ResourceRequirements {
    crate::workload::pod::resources(workload.resources.as_ref(), "2", "4Gi")
}

fn pod_spec(workload: &Workload) -> PodSpec {
    PodSpec {
        tolerations: Some(scheduling::worker_tolerations(workload)),
        topology_spread_constraints: Some(scheduling::spread(workload)),
        termination_grace_period_seconds: Some(GRACE_SECONDS),
        containers: vec![worker(workload)],
        ..pod::base(workload, Role::Worker)
    }
}

fn worker(workload: &Workload) -> Container {
    Container {
        env: Some(pod::environment(workload, Role::Worker)),
        ports: Some(vec![ContainerPort {
            name: Some(HTTPS_NAME.into()),
            container_port: HTTPS,
            protocol: Some("TCP".into()),
            ..Default::default()
        }]),
        volume_mounts: Some(volumes::for_image()),
        resources: Some(resources(workload)),
        // Half an hour for the slowest release.
        startup_probe: Some(probe(Script::Started, 180)),
        readiness_probe: Some(probe(Script::Ready, 3)),
        liveness_probe: Some(probe(Script::Alive, 6)),
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                exec: Some(exec(Script::Stop)),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..pod::container(workload, "openemr", Script::Start)
    }
}

/// Every ten seconds, `failures` times in a row. By exec: readyz tells the truth only in its body.
fn probe(script: Script, failures: i32) -> Probe {
    Probe {
        exec: Some(exec(script)),
        period_seconds: Some(10),
        timeout_seconds: Some(10),
        success_threshold: Some(1),
        failure_threshold: Some(failures),
        ..Default::default()
    }
}

fn exec(script: Script) -> ExecAction {
    ExecAction {
        command: Some(script.command()),
    }
}
