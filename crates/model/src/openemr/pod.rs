//! What the pods of the install Job and of the workers have in common.
//!
//! **Rights.** The image starts as root: its script writes below `/etc` and `/root` and changes
//! owners on the shared files, Apache opens ports below 1024 and drops to uid 1000. It keeps
//! the few capabilities that takes, of which `KILL` lets Apache's parent end its children.
//! Nothing in it gains privileges by executing a file (`su-exec` is run by root), so
//! `allowPrivilegeEscalation` is off. The root file system stays writable for the same script.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{
        Capabilities, Container, EnvVar, EnvVarSource, PodSecurityContext, PodSpec,
        ResourceRequirements, SeccompProfile, SecretKeySelector, SecurityContext,
    },
    apimachinery::pkg::api::resource::Quantity,
};

use super::{
    config::Script,
    names::{self, Part},
    scheduling, volumes,
    workload::Workload,
};
use crate::workload::{SecretName, pod};

/// Which of the image's roles a pod has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Configures, then exits.
    Admin,
    /// Upgrades, then exits. No part of a swarm, or the image would leave the data as it is.
    Upgrade,
    /// Serves.
    Worker,
}

/// The fields of a pod of the install Job and of the workers.
pub(super) fn base(workload: &Workload, role: Role) -> PodSpec {
    PodSpec {
        init_containers: Some(vec![prepare(workload, role)]),
        volumes: Some(volumes::all(workload)),
        ..bare(workload)
    }
}

/// The fields of a pod that every pod of the instance shares.
pub(super) fn bare(workload: &Workload) -> PodSpec {
    PodSpec {
        service_account_name: Some(names::object(&workload.instance, Part::App)),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        node_selector: Some(scheduling::node_selector(workload)),
        image_pull_secrets: pod::pull_secrets(&workload.image),
        security_context: Some(PodSecurityContext {
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".into(),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A container of the image that runs one of our scripts.
pub(super) fn container(workload: &Workload, name: &str, script: Script) -> Container {
    Container {
        name: name.into(),
        image: Some(pod::image(&workload.image, &workload.version)),
        image_pull_policy: Some("IfNotPresent".into()),
        command: Some(script.command()),
        // Only what our scripts write. The log's tail may hold more than status should.
        termination_message_policy: Some("File".into()),
        security_context: Some(security_context()),
        ..Default::default()
    }
}

/// What steers the image in its role, and the cache.
pub(super) fn environment(workload: &Workload, role: Role) -> Vec<EnvVar> {
    let cache = &workload.secrets.cache.name;
    let swarm = (role != Role::Upgrade).then(|| plain("SWARM_MODE", "yes"));
    let mut all = vec![plain(
        "K8S",
        match role {
            Role::Admin | Role::Upgrade => "admin",
            Role::Worker => "worker",
        },
    )];
    all.extend(swarm);
    all.extend([
        plain(
            "REDIS_SERVER",
            format!("{}:{}", workload.cache.host, workload.cache.port),
        ),
        plain("REDIS_TLS", "yes"),
        secret("REDIS_USERNAME", cache, "username"),
        secret("REDIS_PASSWORD", cache, "password"),
    ]);
    all
}

/// A variable with a value.
pub(super) fn plain(name: &str, value: impl Into<String>) -> EnvVar {
    EnvVar {
        name: name.into(),
        value: Some(value.into()),
        ..Default::default()
    }
}

/// A variable from a Secret.
pub(super) fn secret(name: &str, from: &SecretName, key: &str) -> EnvVar {
    EnvVar {
        name: name.into(),
        value_from: Some(EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: from.to_string(),
                key: key.into(),
                optional: Some(false),
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// Requests and limits of the short scripts.
pub(super) fn small() -> ResourceRequirements {
    let of = |cpu: &str, memory: &str| {
        BTreeMap::from([
            ("cpu".to_owned(), Quantity(cpu.into())),
            ("memory".to_owned(), Quantity(memory.into())),
        ])
    };
    let mut limits = of("", "256Mi");
    limits.remove("cpu");
    ResourceRequirements {
        requests: Some(of("100m", "256Mi")),
        limits: Some(limits),
        ..Default::default()
    }
}

fn prepare(workload: &Workload, role: Role) -> Container {
    Container {
        env: Some(environment(workload, role)),
        volume_mounts: Some(volumes::for_prepare()),
        resources: Some(small()),
        ..container(workload, "prepare", Script::Prepare)
    }
}

fn security_context() -> SecurityContext {
    let kept = [
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "KILL",
        "NET_BIND_SERVICE",
        "SETGID",
        "SETUID",
    ];
    SecurityContext {
        run_as_user: Some(0),
        run_as_group: Some(0),
        privileged: Some(false),
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".into()]),
            add: Some(kept.map(String::from).to_vec()),
        }),
        ..Default::default()
    }
}
