//! The Jobs of a rotation: who holds which credentials, and that each rotation has Jobs of its own.

use emr_api::{
    emr_instance::{RotationPhase, UserRotation},
    policy::Profile,
};
use k8s_openapi::{
    api::{
        batch::v1::{Job, JobCondition, JobStatus},
        core::v1::Container,
    },
    apimachinery::pkg::apis::meta::v1::Time,
    jiff::Timestamp,
};

use super::{
    super::{
        rotation::{Turn, retire, switch, told},
        *,
    },
    fixture,
};

fn began(second: i64) -> UserRotation {
    UserRotation {
        request: Some("spring".into()),
        phase: RotationPhase::Switching,
        began: Time(Timestamp::from_second(second).unwrap()),
    }
}

fn job(object: &Object) -> Job {
    serde_json::from_value(serde_json::to_value(object).unwrap()).unwrap()
}

fn containers(job: &Job) -> (Vec<Container>, Vec<Container>) {
    let pod = job.spec.clone().unwrap().template.spec.unwrap();
    (pod.init_containers.unwrap_or_default(), pod.containers)
}

/// Every variable that comes from a Secret, as `VARIABLE=secret/key`.
fn credentials(container: &Container) -> Vec<String> {
    let all = container.env.iter().flatten();
    all.filter_map(|variable| {
        let from = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
        Some(format!("{}={}/{}", variable.name, from.name, from.key))
    })
    .collect()
}

#[test]
fn the_master_user_is_where_it_is_needed_and_the_password_too() {
    let workload = fixture::sample(Profile::Production);
    let rotation = began(1_800_000_000);
    let user = SecretName::from("riverside-app-b");
    let turn = Turn {
        rotation: &rotation,
        user: &user,
    };
    let (first, then) = containers(&job(&switch(&workload, turn)));
    assert_eq!((first.len(), then.len()), (1, 1));
    let own = [
        "MYSQL_USER=riverside-app-b/username",
        "MYSQL_PASS=riverside-app-b/password",
    ];
    let master = [
        "MYSQL_ROOT_USER=riverside-database-master/username",
        "MYSQL_ROOT_PASS=riverside-database-master/password",
    ];
    assert_eq!(credentials(&first[0]), [own, master].concat());
    assert_eq!(credentials(&then[0]), own);
    let (first, then) = containers(&job(&retire(&workload, turn)));
    assert_eq!(first, []);
    // Who is locked is told, and no password of theirs.
    assert_eq!(credentials(&then[0]), [own[0], master[0], master[1]]);
}

#[test]
fn each_rotation_has_jobs_of_its_own() {
    let workload = fixture::sample(Profile::Production);
    let user = SecretName::from("riverside-app-b");
    let restored = Workload {
        files: Mounts {
            file_system: "fs-0other".into(),
            ..workload.files.clone()
        },
        ..workload.clone()
    };
    let mut names = Vec::new();
    for (workload, second) in [(&workload, 1), (&workload, 2), (&restored, 2)] {
        let rotation = began(second);
        let turn = Turn {
            rotation: &rotation,
            user: &user,
        };
        names.push(switch(workload, turn).name().to_owned());
        names.push(retire(workload, turn).name().to_owned());
    }
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
    assert!(
        names[0].starts_with("riverside-openemr-retire-"),
        "{names:?}"
    );
}

#[test]
fn a_job_that_failed_says_why_and_is_made_again() {
    let ended = |kind: &str, code: i32| Job {
        status: Some(JobStatus {
            conditions: Some(vec![JobCondition {
                type_: kind.into(),
                status: "True".into(),
                message: Some(format!(
                    "Container grant for pod a/b failed with exit code {code} matching FailJob rule at index 0"
                )),
                ..Default::default()
            }]),
            ..Default::default()
        }),
        ..Default::default()
    };
    let cases = [
        (71, "DatabaseUnreachable"),
        (72, "UserRefused"),
        (73, "UserInUse"),
        (74, "ConfigurationUnknown"),
        (75, "UserConnected"),
        (137, "RotationInterrupted"),
    ];
    for (code, reason) in cases {
        let (finding, in_use) = told(Some(&ended("Failed", code)), Some("Reason: why it stopped"));
        assert_eq!((finding.reason, in_use), (reason, code == 73));
        assert!(!finding.met && finding.next == progress::Next::Retry);
        assert!(
            finding.message.ends_with(": why it stopped"),
            "{}",
            finding.message
        );
    }
    let (finding, _) = told(Some(&ended("Complete", 0)), Some("openemr_b can sign in"));
    assert!(finding.met);
    let (finding, _) = told(Some(&Job::default()), None);
    assert_eq!(finding.next, progress::Next::Wait);
}
