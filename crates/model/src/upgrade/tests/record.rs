//! What status remembers of an upgrade, and what pods follow from it.

use emr_api::{
    EmrInstance,
    emr_instance::{EmrInstanceStatus, UpgradePhase},
    labels,
};
use serde_json::{Value, json};

use super::{super::*, at};

const PHASES: [UpgradePhase; 6] = [
    UpgradePhase::Stopping,
    UpgradePhase::Securing,
    UpgradePhase::Rolling,
    UpgradePhase::Verifying,
    UpgradePhase::Migrating,
    UpgradePhase::Failed,
];

fn instance(phase: Option<UpgradePhase>, annotations: &Value) -> EmrInstance {
    let upgrade = phase.map(|phase| {
        json!({
            "from": "8.2.0", "to": "8.4.0", "step": "8.4.0", "irreversible": true,
            "began": "2026-11-23T12:00:00Z", "phase": phase, "since": "2026-11-23T12:05:00Z",
            "attempt": 1, "set": "s", "failedIn": "Migrating", "failedAtRequest": "monday",
            "message": "m",
        })
    });
    serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "riverside", "annotations": annotations},
        "spec": {"hostname": "a.example.org", "openemr": {"version": "8.4.0"}},
        "status": {"version": "8.2.0", "upgrade": upgrade},
    }))
    .unwrap()
}

fn status(phase: Option<UpgradePhase>) -> Option<EmrInstanceStatus> {
    instance(phase, &json!({})).status
}

#[test]
fn pods_are_those_of_the_step_only_from_the_phase_on_that_replaces_them() {
    let told = |procedure: &Procedure| {
        PHASES.map(|phase| {
            let target = target(status(Some(phase)).as_ref(), procedure, "9.9.9");
            (target.version, target.stopped, target.may_be_copied)
        })
    };
    let (old, new) = ("8.2.0".to_owned(), "8.4.0".to_owned());
    let runs = |version: &String| (version.clone(), false, true);
    let stopped = |copied| (old.clone(), true, copied);
    assert_eq!(
        told(&Procedure::medplum()),
        [
            runs(&old),
            runs(&old),
            runs(&new),
            runs(&new),
            runs(&new),
            runs(&new)
        ]
    );
    assert_eq!(
        told(&Procedure::openemr()),
        [
            stopped(true),
            stopped(true),
            runs(&new),
            stopped(false),
            stopped(false),
            stopped(true)
        ]
    );
}

#[test]
fn the_spec_holds_for_the_install_alone() {
    let wanted = |status: Option<&EmrInstanceStatus>| {
        let target = target(status, &Procedure::openemr(), "8.4.0");
        (target.version, concerns(status, "8.4.0"))
    };
    assert_eq!(wanted(None), ("8.4.0".into(), false));
    let empty = EmrInstanceStatus::default();
    assert_eq!(wanted(Some(&empty)), ("8.4.0".into(), false));
    assert_eq!(wanted(status(None).as_ref()), ("8.2.0".into(), true));
    assert!(concerns(
        status(Some(UpgradePhase::Failed)).as_ref(),
        "8.2.0"
    ));
}

#[test]
fn what_is_remembered_is_read_again() {
    for phase in PHASES {
        let instance = instance(Some(phase), &json!({}));
        let read = recorded(instance.status.as_ref()).unwrap().upgrade.unwrap();
        let again = remember(&instance, &read);
        let before = instance.status.unwrap().upgrade.unwrap();
        let failed_at_request = before
            .failed_at_request
            .clone()
            .filter(|_| phase == UpgradePhase::Failed);
        let expected = emr_api::emr_instance::UpgradeStatus {
            failed_at_request,
            ..before
        };
        assert_eq!(again, expected);
    }
    let mut broken = status(Some(UpgradePhase::Rolling)).unwrap();
    broken.version = Some("latest".into());
    let told = recorded(Some(&broken)).unwrap_err().to_string();
    assert!(told.contains("\"latest\" is not a version"), "{told}");
}

#[test]
fn only_a_later_request_has_it_tried_again() {
    let asks = |phase, word: &str| {
        let annotations = json!({labels::RECONCILE_REQUESTED_AT: word});
        wish(&instance(Some(phase), &annotations), false)
    };
    assert_eq!(asks(UpgradePhase::Failed, "monday"), Wish::None);
    assert_eq!(asks(UpgradePhase::Failed, "tuesday"), Wish::Retry);
    assert_eq!(asks(UpgradePhase::Rolling, "tuesday"), Wish::None);
    let silent = instance(Some(UpgradePhase::Failed), &json!({}));
    assert_eq!(wish(&silent, false), Wish::None);
    assert_eq!(wish(&silent, true), Wish::Pause);
    // The request of the moment is the one that it failed at.
    let annotations = json!({labels::RECONCILE_REQUESTED_AT: "tuesday"});
    let rolling = instance(Some(UpgradePhase::Rolling), &annotations);
    let read = recorded(rolling.status.as_ref()).unwrap().upgrade.unwrap();
    let failed = Upgrade {
        phase: UpgradePhase::Failed,
        ..read
    };
    let kept = remember(&rolling, &failed).failed_at_request;
    assert_eq!(kept.as_deref(), Some("tuesday"));
}

#[test]
fn what_lasts_long_is_looked_at_seldom() {
    let seconds = |minute| look_again(at(0), at(minute)).as_secs();
    assert_eq!([0, 1, 4, 60 * 48].map(seconds), [2, 7, 30, 60]);
}
