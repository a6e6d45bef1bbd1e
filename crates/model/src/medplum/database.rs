//! The database Job: makes the database inside the cluster, the role that owns it and the user that the
//! server signs in with (`scripts/database.js`), before the server's first start.
//!
//! It is the only pod that holds the master user (safety.md 7), and it may be made anew at any time: it
//! leaves what is there as it is. A restored database it only takes over: one that is not there it does not make. It says how it ended by its exit code.

use std::collections::BTreeMap;

use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{
        ConfigMap, ConfigMapVolumeSource, Container, EnvVar, EnvVarSource, PodSpec,
        SecretKeySelector, Volume, VolumeMount,
    },
};

use super::{
    Part, Workload,
    names::{Component, database_job, object, owned, subject},
    server::SERVER_USER,
    web,
};
use crate::workload::{
    SecretName, job, pod,
    progress::{Finding, Next},
};

/// Where script and authorities are mounted.
const FOLDER: &str = "/opt/emr-operator";
/// The script's name there.
const SCRIPT: &str = "database.js";
/// The authorities' name there.
const AUTHORITIES: &str = "database-ca.pem";
/// A few statements; a new node and the image's pull take longer.
const DEADLINE_SECONDS: i64 = 1800;
/// The codes with which the script says why it stopped.
const EXIT_CODES: [(&str, i32); 4] = [
    ("database", 41),
    ("database", 47),
    ("database", 49),
    ("database", 51),
];

/// The role that owns everything in the database, whichever user made it.
const OWNER: &str = "medplum";

/// Script and authorities.
pub(super) fn config_map(workload: &Workload) -> ConfigMap {
    ConfigMap {
        metadata: owned(workload, Part::Database, Component::Database),
        data: Some(BTreeMap::from([
            (SCRIPT.into(), include_str!("scripts/database.js").into()),
            (AUTHORITIES.into(), workload.authorities.database.clone()),
        ])),
        ..Default::default()
    }
}

/// The Job.
pub(super) fn job(workload: &Workload) -> Job {
    let labels = subject(workload).labels(Component::Database.as_str());
    let metadata = subject(workload).owned(database_job(workload), Component::Database.as_str());
    job::once(
        metadata,
        labels,
        DEADLINE_SECONDS,
        &EXIT_CODES,
        pod_spec(workload),
    )
}

fn pod_spec(workload: &Workload) -> PodSpec {
    PodSpec {
        restart_policy: Some("Never".into()),
        image_pull_secrets: pod::pull_secrets(&workload.image),
        topology_spread_constraints: None,
        volumes: Some(vec![
            Volume {
                name: "database".into(),
                config_map: Some(ConfigMapVolumeSource {
                    name: object(&workload.instance, Part::Database),
                    default_mode: Some(0o444),
                    ..Default::default()
                }),
                ..Default::default()
            },
            web::scratch("tmp"),
        ]),
        containers: vec![Container {
            name: "database".into(),
            image: Some(pod::image(&workload.image, &workload.version)),
            image_pull_policy: Some("IfNotPresent".into()),
            command: Some(vec!["node".into(), format!("{FOLDER}/{SCRIPT}")]),
            env: Some(environment(workload)),
            resources: Some(pod::resources(None, "100m", "256Mi")),
            // Only what the script writes: a log may hold more than status should.
            termination_message_policy: Some("File".into()),
            security_context: Some(web::powerless()),
            volume_mounts: Some(vec![
                VolumeMount {
                    read_only: Some(true),
                    ..web::mount("database", FOLDER)
                },
                web::mount("tmp", "/tmp"),
            ]),
            ..Default::default()
        }],
        ..web::base(workload, Component::Database, SERVER_USER)
    }
}

/// The only place where the master user's credentials go.
fn environment(workload: &Workload) -> Vec<EnvVar> {
    let plain = |name: &str, value: String| EnvVar {
        name: name.into(),
        value: Some(value),
        ..Default::default()
    };
    let secret = |name: &str, from: &SecretName, key: &str| EnvVar {
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
    };
    let (master, app) = (&workload.secrets.master, &workload.secrets.app);
    // A restored database is taken over, never made: an empty one must not stand for it.
    let taken_over = workload
        .restored
        .map(|_| plain("TAKEN_OVER", "true".into()));
    let mut all = vec![
        plain("PGHOST", workload.database.host.clone()),
        plain("PGPORT", workload.database.port.to_string()),
        secret("PGUSER", master, "username"),
        secret("PGPASSWORD", master, "password"),
        plain("CA_FILE", format!("{FOLDER}/{AUTHORITIES}")),
        plain("DATABASE", workload.schema.to_string()),
        plain("OWNER", OWNER.into()),
        secret("APP_USER", app, "username"),
        secret("APP_PASSWORD", app, "password"),
    ];
    all.extend(taken_over);
    all
}

/// What the Job came to, with what its pod said last. `recorded` says that the application is installed,
/// which needs no Job any more.
pub fn made(recorded: bool, job: Option<&Job>, said: Option<&str>) -> Finding {
    let failed = job.and_then(|of| job::condition(of, "Failed"));
    let complete = job.and_then(|of| job::condition(of, "Complete"));
    match (recorded, failed, complete) {
        (true, ..) | (_, None, Some(_)) => Finding::new(
            true,
            "DatabaseMade",
            "the database and its user are there",
            Next::Done,
        ),
        (_, Some(failed), _) => {
            let detail = failed.message.clone().unwrap_or_default();
            let reason = match job::exit_code(failed) {
                Some(41) => "DatabaseUnreachable",
                Some(47) => "MasterRefused",
                Some(49) => "DatabaseRefused",
                Some(51) => "DatabaseMissing",
                _ => "DatabaseJobInterrupted",
            };
            let told = said.map_or(&*detail, |said| {
                said.split_once(": ").map_or(said, |(_, told)| told)
            });
            if reason == "DatabaseMissing" {
                let message = format!("the restored database was not taken over: {told}");
                return Finding::new(false, reason, message, Next::Person);
            }
            let message = format!(
                "Medplum's database could not be made, and it is tried again by itself: {told}"
            );
            Finding::new(false, reason, message, Next::Retry)
        }
        _ => Finding::new(
            false,
            "MakingDatabase",
            "the database and its user are being made",
            Next::Wait,
        ),
    }
}
