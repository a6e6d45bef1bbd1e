//! The API server and the worker pool: the same image, each with a configuration file of its own.
//!
//! **Probes.** `/healthcheck` asks database and cache, so it decides whether a pod is sent requests, never
//! whether it lives: a restart mends no database. A pod lives while its port answers. The port opens after
//! the migrations that a start brings, for which there is half an hour.
//!
//! **Rights.** None: no root, no capability, nothing writable but `/tmp`.

use std::collections::BTreeMap;

use emr_api::labels::CONFIG_HASH;
use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::{
            Container, ContainerPort, HTTPGetAction, KeyToPath, Lifecycle, LifecycleHandler,
            PodSpec, PodTemplateSpec, Probe, ResourceRequirements, SecretVolumeSource, SleepAction,
            TCPSocketAction, Volume, VolumeMount,
        },
    },
    apimachinery::pkg::{apis::meta::v1::ObjectMeta, util::intstr::IntOrString},
};

use super::{
    Part, Workload,
    config::Role,
    names::{Component, object, owned, select, subject},
    service::{API_PORT, HTTP},
    web,
};
use crate::workload::{deployment, pod};

/// Where the configuration is mounted.
const FOLDER: &str = "/etc/medplum";
/// How long the server finishes what it does once it was told to stop.
pub(super) const SHUTDOWN_SECONDS: i64 = 30;
/// How long a pod goes on as before until the load balancer has heard that it leaves.
pub(super) const DRAIN_SECONDS: i64 = 20;
/// Both, and room.
const GRACE_SECONDS: i64 = DRAIN_SECONDS + SHUTDOWN_SECONDS + 25;
/// A rollout that has not moved for this long is reported: longer than a start may take.
const PROGRESS_DEADLINE_SECONDS: i32 = 2400;
/// The user and group of the image.
pub(super) const SERVER_USER: i64 = 65532;

/// The API server. `replicas` is omitted, the autoscaler owns it.
pub(super) fn api(workload: &Workload) -> Deployment {
    deployed(workload, Part::Api, Role::Api)
}

/// The worker pool.
pub(super) fn workers(workload: &Workload) -> Deployment {
    deployed(workload, Part::Workers, Role::Workers)
}

/// 1 vCPU, which the server's one thread can use up, and 2 GiB where nothing is asked for. Whoever asks
/// for four would have an autoscaler that never sees 70 % of them used.
pub(super) fn resources(workload: &Workload) -> ResourceRequirements {
    pod::resources(workload.resources.as_ref(), "1", "2Gi")
}

/// Whether one thread, busy all the time, stays below the share of CPU at which pods are added.
pub(super) fn is_out_of_reach(workload: &Workload) -> bool {
    let requests = resources(workload).requests.unwrap_or_default();
    let cpu = requests.get("cpu").and_then(|cpu| millis(&cpu.0));
    cpu.is_some_and(|cpu| cpu * i64::from(workload.replicas.target_cpu) > 100_000)
}

/// Thousandths of a CPU: `1500m`, `2`.
fn millis(quantity: &str) -> Option<i64> {
    match quantity.strip_suffix('m') {
        Some(millis) => millis.parse().ok(),
        None => quantity
            .parse::<i64>()
            .ok()
            .map(|cpus| cpus.saturating_mul(1000)),
    }
}

fn deployed(workload: &Workload, part: Part, role: Role) -> Deployment {
    let component = Component::of(part);
    let revision = workload.revision.to_string();
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(subject(workload).labels(component.as_str())),
            annotations: Some(BTreeMap::from([(CONFIG_HASH.to_owned(), revision)])),
            ..Default::default()
        }),
        spec: Some(pod_spec(workload, component, role)),
    };
    deployment::deployment(
        owned(workload, part, component),
        None,
        select(workload, component),
        template,
        PROGRESS_DEADLINE_SECONDS,
    )
}

fn pod_spec(workload: &Workload, component: Component, role: Role) -> PodSpec {
    PodSpec {
        service_account_name: Some(object(&workload.instance, Part::Api)),
        image_pull_secrets: pod::pull_secrets(&workload.image),
        termination_grace_period_seconds: Some(GRACE_SECONDS),
        volumes: Some(vec![config_volume(workload, role), web::scratch("tmp")]),
        containers: vec![container(workload, role)],
        ..web::base(workload, component, SERVER_USER)
    }
}

fn container(workload: &Workload, role: Role) -> Container {
    // The server resolves the path against its own folder; an absolute one stays as it is.
    let config = format!("file:{FOLDER}/{}", role.file());
    Container {
        name: "medplum".into(),
        image: Some(pod::image(&workload.image, &workload.version)),
        image_pull_policy: Some("IfNotPresent".into()),
        args: Some(vec![config]),
        ports: Some(vec![ContainerPort {
            name: Some(HTTP.into()),
            container_port: API_PORT,
            protocol: Some("TCP".into()),
            ..Default::default()
        }]),
        resources: Some(resources(workload)),
        startup_probe: Some(port_answers(180)),
        liveness_probe: Some(port_answers(6)),
        readiness_probe: Some(Probe {
            http_get: Some(HTTPGetAction {
                path: Some("/healthcheck".into()),
                port: IntOrString::String(HTTP.into()),
                ..Default::default()
            }),
            timeout_seconds: Some(5),
            ..probe(3)
        }),
        // By Kubernetes itself: the image has no shell.
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                sleep: Some(SleepAction {
                    seconds: DRAIN_SECONDS,
                }),
                ..Default::default()
            }),
            ..Default::default()
        }),
        security_context: Some(web::powerless()),
        volume_mounts: Some(vec![
            VolumeMount {
                read_only: Some(true),
                ..web::mount("config", FOLDER)
            },
            web::mount("tmp", "/tmp"),
        ]),
        ..Default::default()
    }
}

fn config_volume(workload: &Workload, role: Role) -> Volume {
    Volume {
        name: "config".into(),
        secret: Some(SecretVolumeSource {
            secret_name: Some(object(&workload.instance, Part::Config)),
            items: Some(vec![KeyToPath {
                key: role.file().into(),
                path: role.file().into(),
                ..Default::default()
            }]),
            default_mode: Some(0o440),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn port_answers(failures: i32) -> Probe {
    Probe {
        tcp_socket: Some(TCPSocketAction {
            port: IntOrString::String(HTTP.into()),
            ..Default::default()
        }),
        ..probe(failures)
    }
}

/// Every ten seconds, `failures` times in a row.
fn probe(failures: i32) -> Probe {
    Probe {
        period_seconds: Some(10),
        timeout_seconds: Some(3),
        success_threshold: Some(1),
        failure_threshold: Some(failures),
        ..Default::default()
    }
}
