use emr_api::{
    EmrBackup, EmrDrill, EmrInstance,
    conditions::Verdict,
    emr_drill::{DrillPhase, EmrDrillStatus},
    emr_instance::Purpose,
    policy::{DeletionPolicy, Profile},
};
use jiff::Timestamp;
use kube::ResourceExt;
use serde_json::{Value, json};

use super::*;
use crate::{instance, progress::Progress};

fn riverside() -> EmrInstance {
    serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "riverside", "namespace": "clinics", "uid": "i"},
        "spec": {
            "hostname": "a.example.org", "profile": "Production",
            "openemr": {"version": "8.2.0"},
            "access": {"allowedCidrs": ["198.51.100.0/24"]},
            "backup": {"drills": {"schedule": "0 4 1 * *"}},
            "database": {"managed": {
                "engineVersion": "8.0.mysql_aurora.3.10.1", "readers": 2,
                "parameters": {"max_allowed_packet": "67108864"},
            }},
        },
    }))
    .unwrap()
}

fn backup(name: &str, phase: &str, taken: &str) -> EmrBackup {
    let set = json!({
        "id": name, "consistency": "Online",
        "database": {"snapshotArn": "arn:s", "takenAt": taken},
        "files": {"recoveryPointArn": "arn:p", "vault": "v", "startedAt": taken},
    });
    serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrBackup",
        "metadata": {"name": name, "namespace": "clinics", "uid": name},
        "spec": {"instanceRef": {"name": "riverside"}},
        "status": {"phase": phase, "set": (phase == "Complete").then_some(set)},
    }))
    .unwrap()
}

fn drill(spec: &Value, status: &Value) -> EmrDrill {
    let mut manifest = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrDrill",
        "metadata": {"name": "monthly", "namespace": "clinics", "uid": "d"},
        "spec": {"instanceRef": {"name": "riverside"}}, "status": status,
    });
    for (key, value) in spec.as_object().unwrap() {
        manifest["spec"][key] = value.clone();
    }
    serde_json::from_value(manifest).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn it_takes_the_newest_set_that_is_complete() {
    let with = |spec: Value, backups: Vec<EmrBackup>| {
        let moment = Moment {
            instance: Some(riverside()),
            another: None,
            backups,
        };
        match start(&drill(&spec, &json!({})), moment) {
            Start::With(backup) => backup.name_any(),
            Start::Later(not) => format!("later: {not}"),
            Start::Failed(why) => format!("failed: {why}"),
        }
    };
    let old = || backup("old", "Complete", "2026-11-21T00:00:00Z");
    let new = || backup("new", "Complete", "2026-11-22T00:00:00Z");
    let copying = || backup("next", "Copying", "");
    let failed = || backup("failed", "Failed", "");
    assert_eq!(
        with(json!({}), vec![old(), new(), failed(), copying()]),
        "new"
    );
    assert_eq!(
        with(json!({"backupRef": {"name": "old"}}), vec![old(), new()]),
        "old"
    );
    assert!(with(json!({}), vec![copying()]).starts_with("later: EmrBackup next"));
    let none = with(json!({}), vec![failed()]);
    assert!(
        none.starts_with("failed") && none.contains("spec.backup.sets"),
        "{none}"
    );
    let named = with(json!({"backupRef": {"name": "gone"}}), vec![new()]);
    assert!(
        named.contains("EmrBackup gone is not a complete set"),
        "{named}"
    );
}

#[test]
fn one_at_a_time_and_only_of_what_is_there() {
    let none = start(&drill(&json!({}), &json!({})), Moment::default());
    assert!(matches!(none, Start::Failed(_)), "{none:?}");
    let moment = Moment {
        instance: Some(riverside()),
        another: Some("other".into()),
        backups: vec![backup("new", "Complete", "2026-11-22T00:00:00Z")],
    };
    let later = start(&drill(&json!({}), &json!({})), moment);
    assert_eq!(later, Start::Later(NotYet::Another("other".into())));
}

#[test]
fn the_copy_opens_what_the_set_holds_and_is_never_let_out() {
    let drill = drill(&json!({}), &json!({}));
    let mut set = backup("new", "Complete", "2026-11-22T00:00:00Z");
    let source = json!({
        "platform": "default", "instanceUid": "i", "clusterId": "c", "fileSystemArn": "f",
        "vault": "v", "backupRoleArn": "r", "application": {"name": "openemr", "version": "8.1.0"},
        "placement": {"accountId": "1", "region": "us-east-1", "vpcId": "v", "kmsKeyArn": "k"},
    });
    set.status.as_mut().unwrap().source = Some(serde_json::from_value(source).unwrap());
    let mut made = copy(&drill, &riverside(), &set);
    assert!(made.validate_cel().is_ok());
    assert!(is_copy(&drill, &made) && !is_copy(&drill, &riverside()));
    let spec = &made.spec;
    assert_eq!(spec.openemr.as_ref().unwrap().version, "8.1.0");
    assert_eq!(spec.database.managed.parameters.len(), 1);
    assert_eq!(spec.database.managed.readers, None);
    assert_eq!(spec.restore_from.as_ref().unwrap().purpose, Purpose::Drill);
    assert_eq!(
        (spec.profile, spec.deletion_policy),
        (Profile::Development, DeletionPolicy::Delete)
    );
    assert!(spec.access.allowed_cidrs.is_empty() && spec.backup.drills.is_none());
    assert!(instance::validate(&made, []).is_ok());
    let word = instance::release_word(&made);
    made.annotations_mut()
        .insert("emrstack.dev/released".into(), word);
    assert!(instance::is_fenced(&made), "nobody lets it out");
}

#[test]
fn it_is_timed_and_what_would_have_been_lost_is_told() {
    let set = backup("new", "Complete", "2026-11-22T00:00:00Z");
    let mut held = drill(&json!({}), &json!({}));
    let begun = begin(&held, &set, at("2026-11-22T06:00:00Z"));
    assert_eq!(begun.data_age.as_deref(), Some("6h"));
    let told = "412 tables, 9 rows; 2 keys; 3 of 3 documents";
    let over = checked(begun, Some(told.into()), None, at("2026-11-22T06:14:00Z"));
    assert_eq!(over.phase, DrillPhase::Clearing);
    assert_eq!(over.recovery_time.as_deref(), Some("14m"));
    held.status = Some(EmrDrillStatus {
        phase: DrillPhase::Passed,
        ..over
    });
    let told = proven(std::slice::from_ref(&held)).unwrap();
    assert_eq!(told.verdict, Verdict::Yes);
    assert!(
        told.message.contains("in 14m (412 tables"),
        "{}",
        told.message
    );
    assert!(told.message.contains("it was 6h old"), "{}", told.message);
}

#[test]
fn the_last_word_is_that_of_the_newest_drill() {
    let of = |phase: &str, started: &str| {
        let status =
            json!({"phase": phase, "startedAt": started, "failure": "document 7 is missing"});
        drill(&json!({}), &status)
    };
    let verdict = |drills: &[EmrDrill]| proven(drills).map(|told| told.verdict);
    let (old, new) = ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
    assert_eq!(verdict(&[]), None);
    assert_eq!(verdict(&[of("Checking", new)]), None);
    assert_eq!(
        verdict(&[of("Failed", new), of("Passed", old)]),
        Some(Verdict::No)
    );
    assert_eq!(
        verdict(&[of("Failed", old), of("Passed", new)]),
        Some(Verdict::Yes)
    );
    let failed = of("Failed", new);
    let (progress, usable) = resting(&failed, failed.status.as_ref().unwrap());
    let Progress::Stalled(told) = progress else {
        panic!("{progress:?}");
    };
    assert!(
        told.message.contains("document 7 is missing"),
        "{}",
        told.message
    );
    assert_eq!(usable, None);
}

#[test]
fn it_does_not_wait_for_ever() {
    let status = json!({"phase": "Restoring", "startedAt": "2026-11-22T00:00:00Z"});
    let usual = drill(&json!({}), &status);
    assert_eq!(is_too_late(&usual, at("2026-11-22T06:00:00Z")), None);
    assert!(is_too_late(&usual, at("2026-11-22T06:00:01Z")).is_some());
    let short = drill(&json!({"timeLimit": "90m"}), &status);
    assert!(is_too_late(&short, at("2026-11-22T01:30:01Z")).is_some());
}
