use k8s_openapi::api::{
    apps::v1::Deployment, autoscaling::v2::HorizontalPodAutoscaler, batch::v1::Job,
    core::v1::PersistentVolumeClaim,
};
use serde_json::{Value, json};

use super::super::{
    Instance, Schema, Version, check,
    install::EXIT_CODES,
    progress::{Finding, Next, checked, installed, placed, scaling, serving, volumes},
    restore,
};

fn instance() -> Instance {
    Instance {
        namespace: "clinics".into(),
        name: "riverside".into(),
        uid: "u".into(),
    }
}

fn find(recorded: Option<&str>, status: Option<Value>) -> Finding {
    let job = status.map(|status| {
        let job = json!({"metadata": {"name": "riverside-openemr-install"}, "status": status});
        serde_json::from_value::<Job>(job).unwrap()
    });
    let recorded = recorded.map(Version::from);
    installed(
        &instance(),
        &Schema::from("openemr"),
        recorded.as_ref(),
        job.as_ref(),
    )
}

fn failed(reason: &str, message: &str) -> Value {
    json!({"conditions": [
        {"type": "Failed", "status": "True", "reason": reason, "message": message}
    ]})
}

fn exit(container: &str, code: i32) -> Value {
    let message = format!(
        "Container {container} for pod clinics/riverside-openemr-install-x7 failed with exit code \
         {code} matching FailJob rule at index 0"
    );
    failed("PodFailurePolicy", &message)
}

#[test]
fn every_end_of_the_job_has_a_reason_and_a_next_step() {
    let crash = || {
        Some(failed(
            "BackoffLimitExceeded",
            "Job has reached the backoff limit",
        ))
    };
    let cases = [
        (None, None, "InstallPending", Next::Wait),
        (
            None,
            Some(json!({"active": 1, "ready": 0})),
            "Installing",
            Next::Wait,
        ),
        (
            None,
            Some(json!({"conditions": [{"type": "Complete", "status": "True"}]})),
            "Installed",
            Next::Done,
        ),
        (
            None,
            Some(exit("guard", 41)),
            "DatabaseUnreachable",
            Next::Retry,
        ),
        (
            None,
            Some(exit("guard", 42)),
            "KeysDatabaseMismatch",
            Next::Person,
        ),
        (
            None,
            Some(exit("guard", 43)),
            "InstallIncomplete",
            Next::Person,
        ),
        (
            None,
            Some(exit("prepare", 44)),
            "CacheUnreachable",
            Next::Retry,
        ),
        (
            None,
            Some(exit("guard", 45)),
            "VersionMismatch",
            Next::Person,
        ),
        (
            None,
            Some(exit("guard", 46)),
            "CredentialsUnsupported",
            Next::Person,
        ),
        (None, crash(), "InstallIncomplete", Next::Person),
        (
            None,
            Some(failed(
                "DeadlineExceeded",
                "active longer than the deadline",
            )),
            "InstallTimedOut",
            Next::Retry,
        ),
        (Some("8.2.0"), None, "Installed", Next::Done),
        (Some("8.2.0"), crash(), "Installed", Next::Done),
        (
            Some("8.2.0"),
            Some(exit("guard", 42)),
            "KeysDatabaseMismatch",
            Next::Person,
        ),
    ];
    let mut messages = Vec::new();
    for (recorded, status, reason, next) in cases {
        let finding = find(recorded, status);
        assert_eq!((finding.reason, finding.next), (reason, next));
        assert_eq!(finding.met, reason == "Installed");
        messages.push(format!("{reason}: {}", finding.message));
    }
    insta::assert_yaml_snapshot!("install_messages", messages);
}

#[test]
fn nobody_is_told_to_drop_what_was_once_installed() {
    for (container, code) in EXIT_CODES {
        let finding = find(Some("8.2.0"), Some(exit(container, code)));
        assert!(!finding.message.contains("DROP"), "{finding:?}");
    }
    assert!(
        find(None, Some(exit("guard", 43)))
            .message
            .contains("DROP DATABASE openemr")
    );
}

#[test]
fn the_install_waits_for_every_claim() {
    let claim = |phase: Option<&str>| -> PersistentVolumeClaim {
        let status = phase.map(|phase| json!({"phase": phase}));
        let spec = json!({"volumeName": "emr-clinics-riverside-sites"});
        serde_json::from_value(json!({"spec": spec, "status": status})).unwrap()
    };
    let bound = claim(Some("Bound"));
    let with = |second: Option<&PersistentVolumeClaim>| {
        volumes(
            &instance(),
            [("certificates", Some(&bound)), ("sites", second)],
        )
    };
    assert_eq!(with(Some(&bound)), None);
    let mut messages = Vec::new();
    for (phase, reason, next) in [
        (Some("Pending"), "WaitingForVolumes", Next::Wait),
        (None, "WaitingForVolumes", Next::Wait),
        (Some("Lost"), "VolumeLost", Next::Person),
    ] {
        let finding = with(Some(&claim(phase))).unwrap();
        assert_eq!(
            (finding.met, finding.reason, finding.next),
            (false, reason, next)
        );
        messages.push(format!("{reason}: {}", finding.message));
    }
    let absent = with(None).unwrap();
    assert_eq!(
        (absent.reason, absent.next),
        ("WaitingForVolumes", Next::Wait)
    );
    messages.push(format!("{}: {}", absent.reason, absent.message));
    insta::assert_yaml_snapshot!("volume_messages", messages);
}

#[test]
fn serving_needs_the_least_number_of_pods() {
    let of = |status: Value| {
        let deployment: Deployment =
            serde_json::from_value(json!({"metadata": {"generation": 2}, "status": status}))
                .unwrap();
        serving(2, Some(&deployment))
    };
    let settled = json!({
        "replicas": 3, "updatedReplicas": 3, "availableReplicas": 2, "observedGeneration": 2
    });
    assert_eq!(
        (of(settled.clone()).met, of(settled).reason),
        (true, "Available")
    );
    let rolling = of(json!({
        "replicas": 3, "updatedReplicas": 1, "availableReplicas": 3, "observedGeneration": 2
    }));
    assert_eq!((rolling.met, rolling.reason), (true, "RollingOut"));
    let starting = of(json!({"replicas": 2, "availableReplicas": 1}));
    assert_eq!(
        (starting.met, starting.reason, starting.next),
        (false, "Starting", Next::Wait)
    );
    let stuck = of(json!({"replicas": 2, "conditions": [
        {"type": "Progressing", "status": "False", "message": "timed out"}
    ]}));
    assert_eq!(
        (stuck.met, stuck.reason, stuck.next),
        (false, "PodsNotAvailable", Next::Person)
    );
    assert_eq!(serving(2, None).reason, "NotStarted");
}

#[test]
fn a_blind_autoscaler_is_told() {
    let of = |conditions: Value| {
        let autoscaler: HorizontalPodAutoscaler = serde_json::from_value(json!({
            "status": {"currentReplicas": 2, "desiredReplicas": 4, "conditions": conditions}
        }))
        .unwrap();
        scaling(Some(&autoscaler))
    };
    assert_eq!(
        of(json!([{"type": "ScalingActive", "status": "True"}])).message,
        "2 pods, 4 wanted"
    );
    let blind = of(json!([{"type": "ScalingActive", "status": "False", "message": "no metrics"}]));
    assert_eq!((blind.met, blind.reason), (false, "ScalingInactive"));
}

#[test]
fn every_end_of_the_restore_job_has_a_reason_and_a_next_step() {
    let find = |status: Option<Value>| {
        let job = status.map(|status| {
            let job =
                json!({"metadata": {"name": "riverside-openemr-restore-x"}, "status": status});
            serde_json::from_value::<Job>(job).unwrap()
        });
        placed(&instance(), job.as_ref())
    };
    let complete = json!({"conditions": [{"type": "Complete", "status": "True"}]});
    assert!(find(Some(complete)).met);
    for status in [None, Some(json!({"active": 1}))] {
        assert_eq!(find(status).next, Next::Wait);
    }
    for (container, code) in restore::EXIT_CODES {
        let found = find(Some(exit(container, code)));
        assert_eq!((found.met, found.next), (false, Next::Person), "{code}");
        let step = ["restore another", "begin the restore", "delete"];
        assert!(
            step.iter().any(|step| found.message.contains(step)),
            "{}",
            found.message
        );
    }
    let lost = find(Some(failed("BackoffLimitExceeded", "its pod was lost")));
    assert_eq!(
        (lost.reason, lost.next),
        ("RestoreInterrupted", Next::Retry)
    );
}

#[test]
fn a_check_is_over_only_when_it_says_something_of_the_data() {
    let find = |status: Value, said| {
        let job = json!({"metadata": {"name": "copy-openemr-check-x"}, "status": status});
        checked(Some(&serde_json::from_value::<Job>(job).unwrap()), said)
    };
    let complete = json!({"conditions": [{"type": "Complete", "status": "True"}]});
    let told = "6 tables, 9 rows; 2 keys; 2 of 2 documents";
    assert_eq!(find(complete, Some(told)).message, told);
    assert_eq!(find(json!({"active": 1}), None).next, Next::Wait);
    for (container, code) in check::EXIT_CODES {
        let found = find(exit(container, code), None);
        let next = if code == 66 {
            Next::Retry
        } else {
            Next::Person
        };
        assert_eq!((found.met, found.next), (false, next), "{code}");
    }
    let said = "DocumentsDamaged: document 17 is missing (of 3 documents)";
    let damaged = find(exit("check", 63), Some(said));
    assert_eq!(
        (damaged.reason, &*damaged.message),
        (
            "DocumentsDamaged",
            "document 17 is missing (of 3 documents)"
        )
    );
    let lost = find(failed("BackoffLimitExceeded", "its pod was lost"), None);
    assert_eq!((lost.reason, lost.next), ("CheckInterrupted", Next::Retry));
}
