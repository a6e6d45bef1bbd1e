use emr_api::{
    EmrBackup, EmrInstance, ManagedDatabase, SharedFileSystem,
    emr_backup::{BackupPhase, EmrBackupStatus},
};
use emr_resource::{
    Change, Mutation, Step, Tags,
    backup_job::{self, Job},
    cluster_snapshot, recovery_point,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::owner_of;

mod versions;

const BEGAN: &str = "2026-11-23T12:00:00Z";

fn at(minutes: i64) -> Timestamp {
    BEGAN.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn backup(spec: &Value) -> EmrBackup {
    let mut backup = json!({
        "apiVersion": "emrstack.dev/v1alpha1", "kind": "EmrBackup",
        "metadata": {"name": "nightly", "namespace": "clinics", "uid": "b-1"},
        "spec": spec,
    });
    backup["spec"]["instanceRef"] = json!({"name": "riverside"});
    serde_json::from_value(backup).unwrap()
}

fn placement() -> Value {
    json!({"accountId": "1", "region": "r", "vpcId": "v", "kmsKeyArn": "arn:key"})
}

fn moment() -> Moment {
    let object = |kind: &str, spec: Value, status: Value| {
        json!({
            "apiVersion": "emrstack.dev/v1alpha1", "kind": kind,
            "metadata": {"name": "riverside", "namespace": "clinics", "uid": "i-1"},
            "spec": spec, "status": status,
        })
    };
    let instance: EmrInstance = serde_json::from_value(object(
        "EmrInstance",
        json!({"hostname": "a.example.org", "openemr": {"version": "8.2.0"}}),
        json!({"version": "8.2.0"}),
    ))
    .unwrap();
    let database: ManagedDatabase = serde_json::from_value(object(
        "ManagedDatabase",
        json!({"auroraMysql": {}}),
        json!({"arn": "arn:aws:rds:r:1:cluster:emr-c", "placement": placement()}),
    ))
    .unwrap();
    let files: SharedFileSystem = serde_json::from_value(object(
        "SharedFileSystem",
        json!({}),
        json!({"arn": "arn:fs"}),
    ))
    .unwrap();
    Moment {
        instance: Some(instance),
        held: false,
        database: Some(database),
        files: Some(files),
        objects: None,
        another: None,
        vault: Some(("vault".into(), "arn:role".into())),
    }
}

fn stack() -> BackupStack {
    let backup = backup(&json!({}));
    let source = ready_to_begin(&backup, &moment(), "c").unwrap();
    let owner = owner_of(&backup, "c");
    desire(&owner, &backup, &source, at(0), &UserTags::default()).unwrap()
}

fn wanted(stack: &BackupStack) -> &backup_job::Desired {
    match &stack.files {
        FilesWanted::RecoveryPoint { job, .. } => job,
        FilesWanted::Versions(_) => panic!("no job"),
    }
}

fn job(id: &str, state: &str, minute: i64) -> Job {
    Job {
        id: id.into(),
        state: state.into(),
        created_at: at(minute),
        recovery_point_arn: Some(format!("arn:{id}").as_str().into()),
        vault: "vault".into(),
        message: None,
    }
}

fn point(id: &str, tags: &Tags) -> recovery_point::Observed {
    recovery_point::Observed {
        id: recovery_point::Id {
            vault: "vault".into(),
            arn: format!("arn:{id}").as_str().into(),
        },
        resource_arn: "arn:fs".into(),
        status: "COMPLETED".into(),
        created_at: at(1),
        completed_at: Some(at(5)),
        bytes: Some(3 << 30),
        tags: tags.clone(),
    }
}

fn snapshot(status: &str) -> cluster_snapshot::Observed {
    let DatabaseWanted::Cluster(desired) = stack().database else {
        panic!("no cluster");
    };
    cluster_snapshot::Observed {
        arn: "arn:snapshot".into(),
        cluster_id: desired.cluster_id,
        status: status.into(),
        taken_at: Some(at(2)),
        tags: desired.tags,
        id: desired.id,
    }
}

fn seen(
    snapshot: Option<cluster_snapshot::Observed>,
    jobs: &[Job],
    points: &[recovery_point::Observed],
) -> BackupSeen {
    BackupSeen {
        database: snapshot.map(DatabaseSeen::Cluster),
        jobs: Some(backup_job::Observed {
            resource_arn: "arn:fs".into(),
            jobs: jobs.to_vec(),
        }),
        points: points
            .iter()
            .map(|of| (of.id.clone(), of.clone()))
            .collect(),
    }
}

fn told(step: Step<Change>) -> String {
    match step {
        Step::Settled => "settled".into(),
        Step::Change(changes) => {
            let operations: Vec<_> = changes.iter().map(Mutation::operation).collect();
            operations.join(" ")
        }
        Step::Wait(wait) => wait.reason.into(),
        Step::Refuse(refusal) => refusal.message,
    }
}

#[test]
fn both_halves_side_by_side_and_ours_is_told_by_its_tags() {
    let (stack, others) = (stack(), Tags::default());
    let ours = &wanted(&stack).recovery_point_tags;
    let made = || Some(snapshot("available"));
    let linked = || {
        let mut linked = snapshot("available");
        linked
            .tags
            .insert("emrstack.dev/other-half".into(), "vault/arn:1".into());
        Some(linked)
    };
    for (seen, expected) in [
        (
            seen(None, &[], &[]),
            "CreateDBClusterSnapshot StartBackupJob",
        ),
        (
            seen(made(), &[job("1", "RUNNING", 0)], &[]),
            "TakingRecoveryPoint",
        ),
        // One that ended before this set began.
        (
            seen(made(), &[job("1", "COMPLETED", -1)], &[]),
            "StartBackupJob",
        ),
        // A plan's, which began meanwhile.
        (
            seen(made(), &[job("1", "COMPLETED", 1)], &[point("1", &others)]),
            "StartBackupJob",
        ),
        (
            seen(made(), &[job("1", "COMPLETED", 1)], &[]),
            "LookingForRecoveryPoint",
        ),
        (
            seen(made(), &[job("1", "COMPLETED", 1)], &[point("1", ours)]),
            "AddTagsToResource",
        ),
        (
            seen(linked(), &[job("1", "COMPLETED", 1)], &[point("1", ours)]),
            "settled",
        ),
        (
            seen(
                Some(snapshot("creating")),
                &[job("1", "COMPLETED", 1)],
                &[point("1", ours)],
            ),
            "TakingSnapshot",
        ),
        (
            seen(made(), &[job("1", "FAILED", 1)], &[]),
            "backup job 1 of arn:fs is FAILED: AWS gives no reason",
        ),
    ] {
        assert_eq!(told(plan(&stack, &seen)), expected, "{seen:?}");
    }
}

#[test]
fn a_retry_carries_the_same_token_and_another_job_another() {
    let token = |jobs: &[Job], points: &[recovery_point::Observed]| {
        let seen = seen(Some(snapshot("available")), jobs, points);
        match plan(&stack(), &seen) {
            Step::Change(changes) => match &changes[..] {
                [Change::BackupJobs(backup_job::Change::Start(desired))] => {
                    desired.idempotency_token.clone()
                }
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    let foreign = point("1", &Tags::default());
    assert_eq!(token(&[], &[]), token(&[], &[]));
    assert_ne!(
        token(&[], &[]),
        token(&[job("1", "COMPLETED", 1)], &[foreign])
    );
}

#[test]
fn the_files_half_goes_first_and_only_ours() {
    let stack = stack();
    let ours = point("1", &wanted(&stack).recovery_point_tags);
    let leaving = recovery_point::Observed {
        status: "DELETING".into(),
        ..ours.clone()
    };
    let made = || Some(snapshot("available"));
    let jobs = [job("1", "COMPLETED", 1)];
    for (seen, expected) in [
        (
            seen(made(), &[job("1", "RUNNING", 1)], &[]),
            "WaitingForJob",
        ),
        (seen(made(), &jobs, &[ours]), "DeleteRecoveryPoint"),
        (seen(made(), &jobs, &[leaving]), "RemovingRecoveryPoint"),
        (
            seen(made(), &jobs, &[point("1", &Tags::default())]),
            "DeleteDBClusterSnapshot",
        ),
        (
            seen(Some(snapshot("creating")), &jobs, &[]),
            "RemovingSnapshot",
        ),
        (seen(None, &jobs, &[]), "settled"),
    ] {
        assert_eq!(told(remove(&stack, &seen)), expected, "{seen:?}");
    }
}

#[test]
fn it_begins_only_with_something_whole_to_copy() {
    let backup = backup(&json!({"consistency": "Quiesced"}));
    let reason = |bend: fn(&mut Moment)| {
        let mut moment = moment();
        bend(&mut moment);
        ready_to_begin(&backup, &moment, "c").map_err(|not| not.reason())
    };
    assert!(reason(|_| {}).is_ok());
    for (bend, expected) in [
        (
            (|of| of.instance = None) as fn(&mut Moment),
            "InstanceNotFound",
        ),
        (
            |of| of.instance.as_mut().unwrap().status = None,
            "NotInstalled",
        ),
        (|of| of.held = true, "InstanceHeld"),
        (|of| of.another = Some("other".into()), "WaitingForBackup"),
        (|of| of.database = None, "WaitingForStores"),
        (|of| of.files = None, "WaitingForStores"),
        (|of| of.vault = None, "WaitingForStores"),
    ] {
        assert_eq!(reason(bend).unwrap_err(), expected);
    }
    let online = super::tests::backup(&json!({}));
    let held = Moment {
        held: true,
        ..moment()
    };
    assert!(
        ready_to_begin(&online, &held, "c").is_ok(),
        "nothing is stopped"
    );
}

#[test]
fn both_halves_carry_what_a_restore_must_know() {
    let stack = stack();
    assert_eq!(stack.database.tags(), &wanted(&stack).recovery_point_tags);
    for (key, value) in [
        ("emrstack.dev/set", "clinics/riverside"),
        ("emrstack.dev/set-id", "b-1"),
        ("emrstack.dev/instance-uid", "i-1"),
        ("emrstack.dev/application", "openemr/8.2.0"),
        ("emrstack.dev/kms-key", "arn:key"),
        ("emrstack.dev/consistency", "Online"),
        ("emrstack.dev/kind", "EmrBackup"),
    ] {
        assert_eq!(
            stack.database.tags().get(key).map(String::as_str),
            Some(value),
            "{key}"
        );
    }
    assert_eq!(
        wanted(&stack).delete_after_days,
        None,
        "AWS is not to remove one half by itself"
    );
}

#[test]
fn a_complete_set_says_how_long_it_is_kept_and_what_it_may_lack() {
    let point = point("1", &Tags::default());
    let status = |spec: &Value| {
        let old = EmrBackupStatus {
            quiesced_at: Some(at(1).to_string()),
            ..EmrBackupStatus::default()
        };
        let database = DatabaseSeen::Cluster(snapshot("available"));
        let files = Copied::RecoveryPoint(&point);
        complete(&backup(spec), &old, &database, files, at(6))
    };
    let exact = status(&json!({"consistency": "Quiesced", "keepDays": 2}));
    assert_eq!(exact.phase, BackupPhase::Complete);
    assert_eq!(exact.expires_at.as_deref(), Some("2026-11-25T12:06:00Z"));
    assert_eq!(exact.quiet_for.as_deref(), Some("5m"));
    assert_eq!(exact.size.as_deref(), Some("3.0 GiB"));
    assert_eq!(exact.set.as_ref().unwrap().may_lack, None);
    let wait = |minute| next_after(&exact, at(minute)).as_secs() / 60;
    assert_eq!(
        (wait(6), wait(2 * 24 * 60), wait(2 * 24 * 60 + 6)),
        (24 * 60, 6, 0)
    );
    let online = status(&json!({}));
    assert_eq!(online.expires_at, None);
    let lacks = online.set.unwrap().may_lack.unwrap();
    assert!(
        lacks.contains("from 2026-11-23T12:01:00Z to 2026-11-23T12:05:00Z"),
        "{lacks}"
    );
}

#[test]
fn sizes_are_told_as_people_read_them() {
    for (bytes, told) in [
        (0, "0 B"),
        (1023, "1023 B"),
        (6144, "6.0 KiB"),
        (5 << 40, "5.0 TiB"),
    ] {
        assert_eq!(size(bytes), told);
    }
}
