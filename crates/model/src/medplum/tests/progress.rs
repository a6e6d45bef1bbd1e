use emr_api::policy::Profile;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::json;

use super::{
    super::progress::{Next, Seen, installed, serving},
    fixture::sample,
};

fn deployment(wanted: i32, updated: i32, available: i32) -> Deployment {
    serde_json::from_value(json!({
        "metadata": {"generation": 2},
        "status": {
            "observedGeneration": 2, "replicas": wanted, "updatedReplicas": updated,
            "availableReplicas": available,
        },
    }))
    .unwrap()
}

#[test]
fn it_is_installed_once_a_pod_has_answered_and_stays_so() {
    let (none, one) = (deployment(2, 2, 0), deployment(2, 2, 1));
    let reason = |recorded: Option<&str>, seen| {
        let recorded = recorded.map(crate::workload::Version::from);
        let found = installed(recorded.as_ref(), seen);
        (found.met, found.reason)
    };
    assert_eq!(reason(None, None), (false, "InstallPending"));
    assert_eq!(reason(None, Some(&none)), (false, "Installing"));
    assert_eq!(reason(None, Some(&one)), (true, "Installed"));
    assert_eq!(reason(Some("4.3.15"), Some(&none)), (true, "Installed"));
    assert_eq!(reason(Some("4.3.15"), None), (true, "Installed"));
    let stuck: Deployment =
        serde_json::from_value(json!({"status": {"replicas": 2, "conditions": [
            {"type": "Progressing", "status": "False", "message": "no image"},
        ]}}))
        .unwrap();
    let found = installed(None, Some(&stuck));
    assert_eq!(found.next, Next::Person);
    assert!(found.message.contains("no image"), "{}", found.message);
}

#[test]
fn it_serves_once_every_kind_of_pod_does() {
    let workload = sample(Profile::Production);
    let (full, rolling, none) = (
        deployment(2, 2, 2),
        deployment(2, 1, 2),
        deployment(2, 2, 0),
    );
    let told = |api, web, workers| {
        let found = serving(&workload, Seen { api, web, workers });
        (found.met, found.reason, found.message)
    };
    let of = |api, web, workers| {
        let (met, reason, _) = told(api, web, workers);
        (met, reason)
    };
    assert_eq!(of(None, None, None), (false, "NotStarted"));
    assert_eq!(
        of(Some(&none), Some(&full), Some(&full)),
        (false, "Starting")
    );
    assert_eq!(of(Some(&full), None, Some(&full)), (false, "NotStarted"));
    assert_eq!(
        of(Some(&full), Some(&full), Some(&none)),
        (false, "Starting")
    );
    assert_eq!(
        of(Some(&full), Some(&full), Some(&rolling)),
        (true, "RollingOut")
    );
    assert_eq!(
        of(Some(&full), Some(&full), Some(&full)),
        (true, "Available")
    );
    let (_, _, message) = told(Some(&full), Some(&none), Some(&full));
    assert!(message.starts_with("web app: 0 of 2 pods"), "{message}");
    // Where there is no pool and no web app, none is waited for.
    let mut alone = sample(Profile::Development);
    alone.web = None;
    let seen = Seen {
        api: Some(&full),
        ..Seen::default()
    };
    assert!(serving(&alone, seen).met);
}
