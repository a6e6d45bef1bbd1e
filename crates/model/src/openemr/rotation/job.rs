//! The Jobs of a rotation. The one that switches has two containers, the second after the first: the master
//! user makes the database accept the new password (`scripts/grant.sh`), and who knows no more than that
//! password writes it into `sqlconf.php` once it was seen to open the database (`scripts/write.sh`). The
//! one that retires locks the former user, unless the file or a connection still has it
//! (`scripts/retire.sh`).

use emr_api::emr_instance::UserRotation;
use emr_resource::names::hash;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{Container, EnvVar, PodSpec},
};

use super::super::{
    config::Script,
    job::{self, ExitCodes},
    labels::Component,
    names, pod, volumes,
    workload::Workload,
};
use crate::workload::{
    Object, SecretName,
    job::{condition, exit_code},
    progress::{Finding, Next},
};

/// A few statements; a new node and the image's pull take longer.
const DEADLINE_SECONDS: i64 = 1800;
/// The codes with which the scripts say why they stopped.
const SWITCHING: [(&str, i32); 6] = [
    ("grant", 71),
    ("grant", 72),
    ("grant", 73),
    ("write", 71),
    ("write", 72),
    ("write", 74),
];
const RETIRING: [(&str, i32); 4] = [
    ("retire", 71),
    ("retire", 72),
    ("retire", 73),
    ("retire", 75),
];

/// A rotation, and the Secret of the user that its Job deals with.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// The rotation.
    pub rotation: &'a UserRotation,
    /// The Secret of the user.
    pub user: &'a SecretName,
}

/// Makes the database accept the user, and `sqlconf.php` name it.
pub fn switch(workload: &Workload, turn: Turn<'_>) -> Object {
    let grant = Container {
        env: Some(as_master(workload, turn.user, &["username", "password"])),
        volume_mounts: Some(volumes::for_all()),
        resources: Some(pod::small()),
        ..pod::container(workload, "grant", Script::Grant)
    };
    let write = Container {
        env: Some(signing_in(workload, turn.user, &["username", "password"])),
        volume_mounts: Some(volumes::for_all()),
        resources: Some(pod::small()),
        ..pod::container(workload, "write", Script::Write)
    };
    let spec = PodSpec {
        init_containers: Some(vec![grant]),
        containers: vec![write],
        ..pod_spec(workload)
    };
    once(workload, turn, "switch", &SWITCHING, spec).into()
}

/// Locks the user.
pub fn retire(workload: &Workload, turn: Turn<'_>) -> Object {
    let retire = Container {
        env: Some(as_master(workload, turn.user, &["username"])),
        volume_mounts: Some(volumes::for_all()),
        resources: Some(pod::small()),
        ..pod::container(workload, "retire", Script::Retire)
    };
    let spec = PodSpec {
        containers: vec![retire],
        ..pod_spec(workload)
    };
    once(workload, turn, "retire", &RETIRING, spec).into()
}

/// One for each rotation and file system: restored data has users of its own.
fn once(
    workload: &Workload,
    turn: Turn<'_>,
    purpose: &str,
    codes: &ExitCodes,
    spec: PodSpec,
) -> Job {
    let began = turn.rotation.began.0.to_string();
    let claimed = names::claim(workload, purpose, None);
    let name = names::user_job(workload, purpose, &hash(&[&began, &claimed]));
    job::once(
        workload,
        name,
        Component::User,
        DEADLINE_SECONDS,
        codes,
        spec,
    )
}

fn pod_spec(workload: &Workload) -> PodSpec {
    let tolerations = workload.tolerations.clone();
    PodSpec {
        restart_policy: Some("Never".into()),
        tolerations: (!tolerations.is_empty()).then_some(tolerations),
        volumes: Some(volumes::all(workload)),
        ..pod::bare(workload)
    }
}

/// What the user signs in with: keys of its Secret.
fn signing_in(workload: &Workload, user: &SecretName, keys: &[&str]) -> Vec<EnvVar> {
    let plain = [
        pod::plain("MYSQL_HOST", workload.database.host.as_str()),
        pod::plain("MYSQL_PORT", workload.database.port.to_string()),
        pod::plain("MYSQL_DATABASE", workload.schema.as_str()),
    ];
    let of = |key: &&str| match *key {
        "username" => pod::secret("MYSQL_USER", user, key),
        _ => pod::secret("MYSQL_PASS", user, key),
    };
    plain.into_iter().chain(keys.iter().map(of)).collect()
}

/// The master user's credentials beside it.
fn as_master(workload: &Workload, user: &SecretName, keys: &[&str]) -> Vec<EnvVar> {
    let master = &workload.secrets.master;
    let mut all = signing_in(workload, user, keys);
    all.extend([
        pod::secret("MYSQL_ROOT_USER", master, "username"),
        pod::secret("MYSQL_ROOT_PASS", master, "password"),
    ]);
    all
}

/// What became of either Job, with what its pod said last, and whether it refused because `sqlconf.php` names
/// the user that should be idle.
pub fn told(job: Option<&Job>, said: Option<&str>) -> (Finding, bool) {
    let failed = job.and_then(|of| condition(of, "Failed"));
    let Some(failed) = failed else {
        let complete = job.is_some_and(|of| condition(of, "Complete").is_some());
        let finding = if complete {
            let said = said.unwrap_or("the step is done");
            Finding::new(true, "Done", said, Next::Done)
        } else {
            let message = "the database user of the pods is being replaced by the other one";
            Finding::new(false, "RotatingDatabaseUser", message, Next::Wait)
        };
        return (finding, false);
    };
    let code = exit_code(failed);
    let reason = match code {
        Some(71) => "DatabaseUnreachable",
        Some(72) => "UserRefused",
        Some(73) => "UserInUse",
        Some(74) => "ConfigurationUnknown",
        Some(75) => "UserConnected",
        _ => "RotationInterrupted",
    };
    let detail = failed.message.clone().unwrap_or_default();
    let why = said.map_or(&*detail, |said| {
        said.split_once(": ").map_or(said, |(_, told)| told)
    });
    let message = format!(
        "the database user of the pods is not replaced yet, and it is tried again by itself; pods are \
         served as before: {why}"
    );
    let finding = Finding::new(false, reason, message, Next::Retry);
    (finding, code == Some(73))
}
