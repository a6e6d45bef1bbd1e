use serde_json::{Value, json};

use super::*;

fn backup(fields: &Value) -> EmrBackup {
    let mut backup = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrBackup",
        "metadata": {"name": "nightly", "namespace": "clinics"}, "spec": fields,
    });
    backup["spec"]["instanceRef"] = json!({"name": "riverside"});
    serde_json::from_value(backup).unwrap()
}

#[test]
fn a_set_is_taken_once() {
    let before = backup(&json!({}));
    assert!(before.validate_cel_update(&before).is_ok());
    let told = backup(&json!({"keepDays": 7})).validate_cel_update(&before);
    assert!(
        format!("{told:?}").contains("make another EmrBackup"),
        "{told:?}"
    );
}

#[test]
fn the_limit_belongs_to_what_stands_still() {
    for (fields, wrong) in [
        (
            json!({"consistency": "Quiesced", "quietLimit": "45m"}),
            None,
        ),
        (
            json!({"quietLimit": "45m"}),
            Some("belongs to consistency Quiesced"),
        ),
        (
            json!({"consistency": "Quiesced", "quietLimit": "30s"}),
            Some("between 1m and 24h"),
        ),
        (
            json!({"consistency": "Quiesced", "quietLimit": "25h"}),
            Some("between 1m and 24h"),
        ),
    ] {
        let told = backup(&fields).validate_cel();
        assert_eq!(told.is_err(), wrong.is_some(), "{fields}: {told:?}");
        assert!(
            format!("{told:?}").contains(wrong.unwrap_or_default()),
            "{told:?}"
        );
    }
}

#[test]
fn what_earlier_versions_stored_is_read_and_written_as_it_was() {
    let stored = json!({
        "observedGeneration": 1, "phase": "Complete",
        "source": {
            "platform": "p", "instanceUid": "i", "clusterId": "emr-c", "fileSystemArn": "arn:fs",
            "vault": "v", "backupRoleArn": "arn:role",
            "placement": {"accountId": "1", "region": "r", "vpcId": "v", "kmsKeyArn": "arn:key"},
            "application": {"name": "openemr", "version": "8.2.0"},
        },
        "set": {
            "id": "b", "consistency": "Online", "database": {"snapshotArn": "arn:s"},
            "files": {"recoveryPointArn": "arn:p", "vault": "v", "startedAt": "2026-11-23T12:00:00Z"},
        },
    });
    let read: EmrBackupStatus = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), stored);
}
