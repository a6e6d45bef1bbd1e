//! The web app: files behind nginx, into which it writes its settings when it starts.
//!
//! The image's script edits the files in place, and the root file system is read-only. So an init container
//! copies them into a volume, which lies over the image's own folder afterwards.

use emr_api::policy::Profile;
use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::{
            Capabilities, Container, ContainerPort, EmptyDirVolumeSource, EnvVar, HTTPGetAction,
            Lifecycle, LifecycleHandler, PodSecurityContext, PodSpec, PodTemplateSpec, Probe,
            SeccompProfile, SecurityContext, SleepAction, TCPSocketAction, Volume, VolumeMount,
        },
    },
    apimachinery::pkg::{apis::meta::v1::ObjectMeta, util::intstr::IntOrString},
};

use super::{
    Part, Web, Workload, config,
    names::{Component, object, owned, select, subject},
    server::DRAIN_SECONDS,
    service::{HTTP, WEB_PORT},
};
use crate::workload::{deployment, pod, scheduling};

/// Where the image keeps its files.
const HTML: &str = "/usr/share/nginx/html";
/// The user `nginx` of the image.
const WEB_USER: i64 = 101;
/// A rollout that has not moved for this long is reported.
const PROGRESS_DEADLINE_SECONDS: i32 = 600;

/// The Deployment. Its pods hand out files, so their number is fixed.
pub(super) fn deployment(workload: &Workload, web: &Web) -> Deployment {
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(subject(workload).labels(Component::Web.as_str())),
            ..Default::default()
        }),
        spec: Some(pod_spec(workload, web)),
    };
    deployment::deployment(
        owned(workload, Part::Web, Component::Web),
        Some(web.replicas),
        select(workload, Component::Web),
        template,
        PROGRESS_DEADLINE_SECONDS,
    )
}

/// What pods of every component have in common.
pub(super) fn base(workload: &Workload, component: Component, user: i64) -> PodSpec {
    let pods = select(workload, component);
    // A pool beside the API need not hold up a zone for its balance.
    let profile = match component {
        Component::App => workload.profile,
        _ => Profile::Staging,
    };
    PodSpec {
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        node_selector: Some(scheduling::node_selector(
            &workload.node_selector,
            workload.architecture,
        )),
        tolerations: Some(scheduling::serving_tolerations(&workload.tolerations)),
        topology_spread_constraints: Some(scheduling::spread(profile, workload.zones, &pods)),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: Some(user),
            run_as_group: Some(user),
            fs_group: Some(user),
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".into(),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Nothing that a container could do beyond its own process.
pub(super) fn powerless() -> SecurityContext {
    SecurityContext {
        privileged: Some(false),
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        run_as_non_root: Some(true),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".into()]),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A folder that goes with the pod.
pub(super) fn scratch(name: &str) -> Volume {
    Volume {
        name: name.into(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Default::default()
    }
}

/// A volume at a path.
pub(super) fn mount(volume: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: volume.into(),
        mount_path: path.into(),
        ..Default::default()
    }
}

fn pod_spec(workload: &Workload, web: &Web) -> PodSpec {
    PodSpec {
        service_account_name: Some(object(&workload.instance, Part::Web)),
        image_pull_secrets: pod::pull_secrets(&web.image),
        volumes: Some(["html", "tmp", "cache", "run"].map(scratch).to_vec()),
        init_containers: Some(vec![Container {
            command: Some(
                ["cp", "-R", &format!("{HTML}/."), "/html"]
                    .map(String::from)
                    .to_vec(),
            ),
            volume_mounts: Some(vec![mount("html", "/html")]),
            ..container(workload, web, "files")
        }]),
        containers: vec![Container {
            env: Some(environment(workload)),
            ports: Some(vec![ContainerPort {
                name: Some(HTTP.into()),
                container_port: WEB_PORT,
                protocol: Some("TCP".into()),
                ..Default::default()
            }]),
            readiness_probe: Some(Probe {
                http_get: Some(HTTPGetAction {
                    path: Some("/".into()),
                    port: IntOrString::String(HTTP.into()),
                    ..Default::default()
                }),
                ..probe()
            }),
            liveness_probe: Some(Probe {
                tcp_socket: Some(TCPSocketAction {
                    port: IntOrString::String(HTTP.into()),
                    ..Default::default()
                }),
                failure_threshold: Some(6),
                ..probe()
            }),
            lifecycle: Some(Lifecycle {
                pre_stop: Some(LifecycleHandler {
                    sleep: Some(SleepAction {
                        seconds: DRAIN_SECONDS,
                    }),
                    ..Default::default()
                }),
                ..Default::default()
            }),
            volume_mounts: Some(vec![
                mount("html", HTML),
                mount("tmp", "/tmp"),
                mount("cache", "/var/cache/nginx"),
                mount("run", "/run"),
            ]),
            ..container(workload, web, "web")
        }],
        termination_grace_period_seconds: Some(DRAIN_SECONDS + 20),
        ..base(workload, Component::Web, WEB_USER)
    }
}

fn container(workload: &Workload, web: &Web, name: &str) -> Container {
    Container {
        name: name.into(),
        image: Some(pod::image(&web.image, &workload.version)),
        image_pull_policy: Some("IfNotPresent".into()),
        resources: Some(pod::resources(None, "50m", "128Mi")),
        security_context: Some(powerless()),
        ..Default::default()
    }
}

/// What the image's script writes into the files: nothing of it is secret.
fn environment(workload: &Workload) -> Vec<EnvVar> {
    let variable = |name: &str, value: String| EnvVar {
        name: name.into(),
        value: Some(value),
        ..Default::default()
    };
    let extra = |name: &str, key: &str| {
        let value = workload.config.extra.get(key)?.as_str()?;
        Some(variable(name, value.to_owned()))
    };
    let register = workload.config.register_enabled.to_string();
    let mut all = vec![
        variable("MEDPLUM_BASE_URL", config::base_url(workload)),
        variable("MEDPLUM_REGISTER_ENABLED", register),
        // It needs rights of its own, which the instance's role does not have.
        variable("MEDPLUM_AWS_TEXTRACT_ENABLED", "false".into()),
    ];
    all.extend(extra("GOOGLE_CLIENT_ID", "googleClientId"));
    all.extend(extra("RECAPTCHA_SITE_KEY", "recaptchaSiteKey"));
    all
}

fn probe() -> Probe {
    Probe {
        period_seconds: Some(10),
        timeout_seconds: Some(3),
        success_threshold: Some(1),
        failure_threshold: Some(3),
        ..Default::default()
    }
}
