//! From which set, and for whom.

use emr_api::{EmrBackup, emr_backup::BackupPhase};
use emr_resource::{cluster_snapshot, ownership, recovery_point};
use serde_json::json;

use super::*;

const SNAPSHOT: &str = "arn:aws:rds:us-east-1:111122223333:cluster-snapshot:emr-set";
const POINT: &str = "arn:aws:backup:us-east-1:111122223333:recovery-point:p";

fn restoring() -> EmrInstance {
    instance(
        "copy",
        "9",
        "2026-02-01T00:00:00Z",
        &format!(r#", "restoreFrom": {{"snapshotArn": "{SNAPSHOT}"}}"#),
    )
}

fn tags(namespace: &str, id: &str) -> Tags {
    let owner = Owner {
        cluster: "c".into(),
        kind: "EmrBackup".into(),
        namespace: namespace.into(),
        name: "nightly".into(),
        uid: "5".into(),
    };
    let mut tags = owner.tags(&Tags::new());
    tags.insert(ownership::SET.into(), format!("{namespace}/riverside"));
    tags.insert(ownership::SET_ID.into(), id.into());
    tags.insert(ownership::APPLICATION.into(), "openemr/8.2.0".into());
    tags.insert(ownership::OTHER_HALF.into(), format!("vault/{POINT}"));
    tags
}

fn halves(ours: Tags, theirs: Tags) -> (cluster_snapshot::Observed, recovery_point::Observed) {
    let snapshot = cluster_snapshot::Observed {
        id: "emr-set".into(),
        arn: SNAPSHOT.into(),
        cluster_id: "emr-c".into(),
        status: "available".into(),
        taken_at: None,
        tags: ours,
    };
    let point = recovery_point::Observed {
        id: recovery_point::Id {
            vault: "vault".into(),
            arn: POINT.into(),
        },
        resource_arn: "arn:fs".into(),
        status: "COMPLETED".into(),
        created_at: Timestamp::UNIX_EPOCH,
        completed_at: None,
        bytes: None,
        tags: theirs,
    };
    (snapshot, point)
}

#[test]
fn both_halves_are_of_one_set_complete_and_this_namespaces() {
    let of = |(snapshot, point): &(cluster_snapshot::Observed, recovery_point::Observed)| {
        set_of_halves(&restoring(), "c", snapshot, point).map_err(|error| error.reason())
    };
    let whole = halves(tags("clinics", "1"), tags("clinics", "1"));
    let set = of(&whole).unwrap();
    assert_eq!(set.version.as_deref(), Some("8.2.0"));
    assert_eq!(
        (set.snapshot_arn.as_deref(), set.vault.as_deref()),
        (Some(SNAPSHOT), Some("vault"))
    );
    let source = restoring().spec.restore_from.unwrap();
    let other = other_half(&source, "platforms", &whole.0).unwrap();
    assert_eq!(other, whole.1.id, "as the tags say");

    let two = halves(tags("clinics", "1"), tags("clinics", "2"));
    assert_eq!(of(&two), Err("SetMismatch"));
    let mut running = whole.clone();
    running.1.status = "CREATING".into();
    assert_eq!(of(&running), Err("SetNotFound"));

    let foreign = halves(tags("others", "1"), tags("others", "1"));
    assert_eq!(of(&foreign), Err("SetNotShared"));
    let share = |mut tags: Tags| {
        tags.insert(ownership::SHARED_WITH.into(), "clinics".into());
        tags
    };
    let half_shared = halves(share(tags("others", "1")), tags("others", "1"));
    assert_eq!(of(&half_shared), Err("SetNotShared"), "both have to be");
    let shared = halves(share(tags("others", "1")), share(tags("others", "1")));
    assert!(of(&shared).is_ok());
    let unmarked = halves(Tags::new(), Tags::new());
    assert_eq!(of(&unmarked), Err("SetNotShared"));

    let mut older = tags("clinics", "1");
    older.insert(ownership::APPLICATION.into(), "openemr/8.1.0".into());
    assert_eq!(of(&halves(older.clone(), older)), Err("VersionMismatch"));
}

#[test]
fn a_backup_is_restored_from_only_while_it_is_complete() {
    let backup = |phase: &str, set: bool| -> EmrBackup {
        serde_json::from_value(json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrBackup",
            "metadata": {"name": "nightly", "namespace": "clinics"},
            "spec": {"instanceRef": {"name": "riverside"}},
            "status": {"phase": phase, "set": set.then(|| json!({
                "id": "5", "consistency": "Online", "mayLack": "some documents",
                "database": {"snapshotArn": SNAPSHOT},
                "files": {"recoveryPointArn": POINT, "vault": "vault", "startedAt": ""},
            }))},
        }))
        .unwrap()
    };
    let of = |backup: Option<&EmrBackup>| {
        set_of_backup(&restoring(), "nightly", backup, None).map_err(|error| error.reason())
    };
    assert_eq!(of(None), Err("BackupNotFound"));
    for (phase, reason) in [
        (BackupPhase::Pending, "WaitingForBackup"),
        (BackupPhase::Copying, "WaitingForBackup"),
        (BackupPhase::Failed, "BackupOver"),
        (BackupPhase::Expiring, "BackupOver"),
    ] {
        let told = backup(phase.as_str(), phase == BackupPhase::Expiring);
        assert_eq!(of(Some(&told)), Err(reason));
    }
    let set = of(Some(&backup("Complete", true))).unwrap();
    assert_eq!(set.may_lack.as_deref(), Some("some documents"));
    let mut leaving = backup("Complete", true);
    leaving.metadata.deletion_timestamp = Some(
        k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(Timestamp::UNIX_EPOCH),
    );
    assert_eq!(of(Some(&leaving)), Err("BackupOver"));
}

#[test]
fn a_set_in_a_bucket_is_put_back_only_into_the_instance_that_runs_with_it() {
    const BUCKET: &str = "arn:aws:s3:::emr-b";
    let medplum: EmrInstance = serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "riverside", "namespace": "clinics", "uid": "1"},
        "spec": {"hostname": "a.example.org", "medplum": {"version": "4.3.15"}},
    }))
    .unwrap();
    let backup = |application: &str, version: &str, files: serde_json::Value| -> EmrBackup {
        serde_json::from_value(json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrBackup",
            "metadata": {"name": "nightly", "namespace": "clinics"},
            "spec": {"instanceRef": {"name": "riverside"}},
            "status": {
                "phase": "Complete",
                "source": {
                    "application": {"name": application, "version": version},
                    "platform": "a", "instanceUid": "1",
                    "placement": {"accountId": "1", "region": "a", "vpcId": "a", "kmsKeyArn": "a"},
                },
                "set": {
                    "id": "5", "consistency": "Quiesced",
                    "database": {"snapshotArn": SNAPSHOT}, "files": files,
                },
            },
        }))
        .unwrap()
    };
    let in_bucket = || json!({"bucketArn": BUCKET, "startedAt": ""});
    let copied = || json!({"recoveryPointArn": POINT, "vault": "vault", "startedAt": ""});
    let of = |backup: &EmrBackup, bucket| set_of_backup(&medplum, "nightly", Some(backup), bucket);
    let nightly = backup("medplum", "4.3.15", in_bucket());
    let set = of(&nightly, Some(BUCKET)).unwrap();
    assert_eq!(set.bucket_arn.as_deref(), Some(BUCKET));
    assert_eq!(set.snapshot_arn.as_deref(), Some(SNAPSHOT));
    assert_eq!((set.recovery_point_arn, set.vault), (None, None));
    for bucket in [None, Some("arn:aws:s3:::emr-other")] {
        let refused = of(&nightly, bucket).unwrap_err();
        assert_eq!(refused.reason(), "SetOfBucket");
        assert!(refused.to_string().contains(BUCKET), "{refused}");
    }
    let older = of(&backup("medplum", "4.2.0", in_bucket()), Some(BUCKET)).unwrap_err();
    assert_eq!(
        older.to_string(),
        "the set was taken of Medplum 4.2.0 and spec.medplum.version is 4.3.15: a restore does not upgrade; \
         set the version to 4.2.0"
    );
    let other = backup("openemr", "8.2.0", copied());
    let other = of(&other, Some(BUCKET)).unwrap_err();
    assert_eq!(other.reason(), "ApplicationMismatch");
    // One without recovery point and without bucket is nobody's.
    let lacking = backup("medplum", "4.3.15", json!({"startedAt": ""}));
    assert_eq!(of(&lacking, None).unwrap_err().reason(), "SetOfBucket");
    let openemr = set_of_backup(
        &restoring(),
        "nightly",
        Some(&backup("openemr", "8.2.0", in_bucket())),
        Some(BUCKET),
    );
    assert_eq!(openemr.unwrap_err().reason(), "SetOfBucket");
}

#[test]
fn a_status_of_an_older_operator_is_still_read() {
    let set: emr_api::emr_instance::RestoredSet = serde_json::from_value(json!({
        "setId": "5", "snapshotArn": SNAPSHOT, "recoveryPointArn": POINT, "vault": "vault",
    }))
    .unwrap();
    assert_eq!(set.recovery_point_arn.as_deref(), Some(POINT));
    assert_eq!(set.vault.as_deref(), Some("vault"));
    assert_eq!((set.bucket_arn, set.cache_database), (None, None));
}

#[test]
fn a_copy_is_let_out_once_and_stays_so() {
    let report = |instance: &EmrInstance, found| {
        let findings = Findings {
            restored: found,
            ..Findings::default()
        };
        let parts = Parts::unknown(&Notice::new("a", "b"));
        let now = Timestamp::UNIX_EPOCH;
        super::super::report(instance, &Progress::Settled, &parts, findings, now)
    };
    let (snapshot, point) = halves(tags("clinics", "1"), tags("clinics", "1"));
    let set = set_of_halves(&restoring(), "c", &snapshot, &point).unwrap();
    let mut copy = restoring();
    copy.status = Some(report(&copy, Some(set.clone())));
    assert_eq!(copy.status.as_ref().unwrap().restored, Some(set));
    assert!(is_fenced(&copy));
    let annotate = |copy: &mut EmrInstance, value: &str| {
        copy.metadata.annotations =
            Some([("emrstack.dev/released".to_owned(), value.to_owned())].into());
    };
    annotate(&mut copy, "riverside");
    assert!(is_fenced(&copy), "another's name");
    annotate(&mut copy, "copy");
    assert!(!is_fenced(&copy));
    copy.status = Some(report(&copy, None));
    copy.metadata.annotations = None;
    assert!(!is_fenced(&copy), "what was sent is sent");
    let children = children(&copy, &validate(&copy, []).unwrap(), "arn:key");
    let source = children.database.spec.restore_from.unwrap();
    assert_eq!(source.snapshot_arn.as_deref(), Some(SNAPSHOT));
    let source = children.files.unwrap().spec.restore_from.unwrap();
    assert_eq!(source.recovery_point_arn, POINT);
}

#[test]
fn one_that_is_put_back_keeps_its_load_balancer_closed() {
    let platform = serde_json::from_value(json!({
        "eks": {"clusterName": "c"}, "tls": {"certificateArn": "arn:aws:acm:us-east-1:1:certificate/a"},
    }))
    .unwrap();
    let of = |restore: Option<&str>, released: bool| {
        let access = r#", "access": {"allowedCidrs": ["198.51.100.0/24"]}"#;
        let mut one = instance("copy", "9", "2026-02-01T00:00:00Z", access);
        one.status = Some(emr_api::emr_instance::EmrInstanceStatus {
            restored: Some(emr_api::emr_instance::RestoredSet {
                restore: restore.map(str::to_owned),
                released_at: released.then(|| "now".to_owned()),
                ..Default::default()
            }),
            ..Default::default()
        });
        let validated = validate(&one, []).unwrap();
        let open = matches!(exposure(&one, &validated, &platform), Exposure::Open { .. });
        (open, load_balancer(&one, &validated, &platform).is_some())
    };
    assert_eq!(of(None, false), (false, false), "a copy has none yet");
    assert_eq!(of(Some("back"), false), (false, true));
    assert_eq!(of(Some("back"), true), (true, true));
    assert_eq!(of(None, true), (true, true));
}
