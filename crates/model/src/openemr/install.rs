//! The install Job: one pod, once. Restored data it does not install over: it takes it over, with the
//! names and passwords of this instance's own database user.
//!
//! Its init containers bring certificates, wait for the cache and decide whether this database and
//! these files may be installed into (`scripts/guard.sh`); only then runs the image's script. A
//! failure is never followed by another try of the same Job: the installer can't go on over a
//! half-made schema. A new Job, once the old one and its pod are gone, is safe at any time, since
//! its guard looks first.
//!
//! Exit codes carry the reason: `podFailurePolicy` puts them into the Job's own condition, where
//! [`progress::installed`](super::progress::installed) reads them without looking at pods.

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Container, EnvVar, PodSpec},
};

use super::{
    config::Script,
    deployment, job,
    labels::Component,
    names,
    pod::{self, Role},
    volumes,
    workload::Workload,
};

/// Time for the whole Job, a new node and the image's pull included. Releases before 8.1 take 22
/// minutes.
const DEADLINE_SECONDS: i64 = 3600;

/// The image hands leadership over after this long without a heartbeat; it beats only between
/// steps, so longer than the Job may last.
const LEADER_TIMEOUT_SECONDS: i64 = 2 * DEADLINE_SECONDS;

/// The codes with which the scripts before the image's own say why they stopped.
pub(super) const EXIT_CODES: [(&str, i32); 7] = [
    ("guard", 41),
    ("guard", 42),
    ("guard", 43),
    ("prepare", 44),
    ("guard", 45),
    ("guard", 46),
    ("guard", 48),
];

/// The Job.
pub(super) fn job(workload: &Workload) -> Job {
    job::once(
        workload,
        names::install_job(workload),
        Component::Install,
        DEADLINE_SECONDS,
        &EXIT_CODES,
        pod_spec(workload),
    )
}

fn pod_spec(workload: &Workload) -> PodSpec {
    let mut spec = pod::base(workload, Role::Admin);
    let tolerations = workload.tolerations.clone();
    spec.restart_policy = Some("Never".into());
    spec.tolerations = (!tolerations.is_empty()).then_some(tolerations);
    spec.init_containers
        .get_or_insert_default()
        .push(Container {
            env: Some(environment(workload)),
            volume_mounts: Some(volumes::for_all()),
            resources: Some(pod::small()),
            ..pod::container(workload, "guard", Script::Guard)
        });
    spec.containers = vec![Container {
        env: Some(environment(workload)),
        volume_mounts: Some(volumes::for_image()),
        resources: Some(deployment::resources(workload)),
        ..pod::container(workload, "install", Script::Start)
    }];
    spec
}

/// The only place where the master user's credentials go.
fn environment(workload: &Workload) -> Vec<EnvVar> {
    let secrets = &workload.secrets;
    let mut all = pod::environment(workload, Role::Admin);
    all.extend([
        pod::plain("MYSQL_HOST", workload.database.host.as_str()),
        pod::plain("MYSQL_PORT", workload.database.port.to_string()),
        pod::plain("MYSQL_DATABASE", workload.schema.as_str()),
        pod::secret("MYSQL_ROOT_USER", &secrets.master, "username"),
        pod::secret("MYSQL_ROOT_PASS", &secrets.master, "password"),
        pod::secret("MYSQL_USER", &secrets.app_user, "username"),
        pod::secret("MYSQL_PASS", &secrets.app_user, "password"),
        pod::plain("FORCE_DATABASE_SSL_CONNECT", "1"),
    ]);
    if let Some(admin) = &secrets.admin {
        all.push(pod::secret("OE_USER", admin, "username"));
        all.push(pod::secret("OE_PASS", admin, "password"));
    }
    if workload.restored.is_some() {
        all.push(pod::plain("RESTORED", "yes"));
    }
    all.push(pod::plain(
        "LEADER_TIMEOUT",
        LEADER_TIMEOUT_SECONDS.to_string(),
    ));
    all
}
