//! Sets whose files are in a bucket: Medplum's.

use emr_api::ObjectStore;
use emr_resource::db_snapshot;

use super::*;

fn medplum(database_arn: &str, keeps: u32) -> Moment {
    let mut moment = moment();
    let instance = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrInstance",
        "metadata": {"name": "riverside", "namespace": "clinics", "uid": "i-1"},
        "spec": {"hostname": "a.example.org", "medplum": {"version": "4.3.15"}},
        "status": {"version": "4.3.15"},
    });
    let objects: ObjectStore = serde_json::from_value(json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "ObjectStore",
        "metadata": {"name": "riverside", "namespace": "clinics", "uid": "o-1"},
        "spec": {"lifecycle": {"noncurrentExpireAfterDays": keeps}},
        "status": {"arn": "arn:aws:s3:::emr-b"},
    }))
    .unwrap();
    moment.instance = Some(serde_json::from_value(instance).unwrap());
    let database = moment.database.as_mut().unwrap();
    database.status.as_mut().unwrap().arn = Some(database_arn.into());
    // It needs neither a file system nor a vault.
    (moment.files, moment.vault) = (None, None);
    moment.objects = Some(objects);
    moment
}

fn stack_of(moment: &Moment) -> BackupStack {
    let backup = backup(&json!({}));
    let source = ready_to_begin(&backup, moment, "c").unwrap();
    let owner = owner_of(&backup, "c");
    desire(&owner, &backup, &source, at(0), &UserTags::default()).unwrap()
}

const ALONE: &str = "arn:aws:rds:r:1:db:emr-d";

fn taken(status: &str) -> BackupSeen {
    let DatabaseWanted::Instance(desired) = stack_of(&medplum(ALONE, 0)).database else {
        panic!("not of an instance");
    };
    BackupSeen {
        database: Some(DatabaseSeen::Instance(db_snapshot::Observed {
            id: desired.id,
            arn: "arn:snapshot".into(),
            instance_id: desired.instance_id,
            engine: "postgres".into(),
            engine_version: "16.11".into(),
            kms_key_arn: None,
            status: status.into(),
            taken_at: Some(at(2)),
            tags: desired.tags,
        })),
        ..BackupSeen::default()
    }
}

#[test]
fn only_the_snapshot_is_taken_and_only_it_goes() {
    let stack = stack_of(&medplum(ALONE, 0));
    let cluster = stack_of(&medplum("arn:aws:rds:r:1:cluster:emr-c", 0));
    let none = BackupSeen::default();
    for (stack, seen, expected) in [
        (&stack, &none, "CreateDBSnapshot"),
        (&cluster, &none, "CreateDBClusterSnapshot"),
        (&stack, &taken("creating"), "TakingSnapshot"),
        (&stack, &taken("available"), "settled"),
    ] {
        assert_eq!(told(plan(stack, seen)), expected);
    }
    assert_eq!(
        told(remove(&stack, &taken("available"))),
        "DeleteDBSnapshot"
    );
    assert_eq!(told(remove(&stack, &none)), "settled");
}

#[test]
fn the_snapshot_leads_to_the_bucket_from_the_beginning() {
    let stack = stack_of(&medplum(ALONE, 0));
    for (key, value) in [
        ("emrstack.dev/other-half", "arn:aws:s3:::emr-b"),
        ("emrstack.dev/application", "medplum/4.3.15"),
    ] {
        let tag = stack.database.tags().get(key);
        assert_eq!(tag.map(String::as_str), Some(value));
    }
}

#[test]
fn it_begins_once_database_and_bucket_tell_where_they_are() {
    let begins = |bend: fn(&mut Moment)| {
        let mut moment = medplum(ALONE, 0);
        bend(&mut moment);
        ready_to_begin(&backup(&json!({})), &moment, "c").map_err(|not| not.reason())
    };
    let source = begins(|_| {}).unwrap();
    assert_eq!(source.db_instance_id.as_deref(), Some("emr-d"));
    assert_eq!((source.cluster_id, source.file_system_arn), (None, None));
    assert_eq!(source.secrets.len(), 3);
    for bend in [
        (|of| of.database = None) as fn(&mut Moment),
        |of| of.objects = None,
        |of| of.objects.as_mut().unwrap().status = None,
    ] {
        assert_eq!(begins(bend).unwrap_err(), "WaitingForStores");
    }
}

#[test]
fn a_complete_set_names_the_time_of_its_versions_and_when_they_may_go() {
    let status = |spec: &Value, keeps: u32| {
        let stack = stack_of(&medplum(ALONE, keeps));
        let seen = taken("available");
        let files = copied(&stack, &seen).unwrap();
        let database = seen.database.as_ref().unwrap();
        let old = EmrBackupStatus::default();
        complete(&backup(spec), &old, database, files, at(6))
    };
    let quiesced = json!({"consistency": "Quiesced"});
    let exact = status(&quiesced, 0);
    let set = exact.set.unwrap();
    assert_eq!((exact.size, set.may_lack), (None, None));
    assert_eq!(set.files.bucket_arn.as_deref(), Some("arn:aws:s3:::emr-b"));
    assert_eq!(set.files.recovery_point_arn, None);
    assert_eq!(set.files.started_at, "2026-11-23T12:02:00Z");
    assert_eq!(
        set.files.completed_at.as_deref(),
        Some("2026-11-23T12:06:00Z")
    );
    let lacks = |spec, keeps| status(spec, keeps).set.unwrap().may_lack.unwrap();
    let goes = lacks(&quiesced, 30);
    assert!(goes.contains("from 2026-12-23T12:06:00Z on"), "{goes}");
    assert!(!goes.contains("stored or removed"), "{goes}");
    let plain = json!({});
    let online = lacks(&plain, 0);
    assert!(
        online.contains("from 2026-11-23T12:02:00Z to 2026-11-23T12:06:00Z"),
        "{online}"
    );
    let both = lacks(&plain, 30);
    assert!(
        both.contains("stored or removed") && both.contains("for good"),
        "{both}"
    );
}
