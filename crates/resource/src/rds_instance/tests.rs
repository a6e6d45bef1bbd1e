use super::*;
use crate::{
    Mutation, Owner, Refusal, Step,
    db_cluster::{Recorded, Removal},
};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

fn settings() -> Settings {
    Settings {
        class: "db.r6g.large".into(),
        multi_az: true,
        storage: Storage {
            allocated_gb: 100,
            max_allocated_gb: 1000,
            iops: None,
            throughput: None,
        },
        parameter_group: "emr-p".into(),
        security_groups: ["sg-1".into()].into(),
        backup_retention_days: 30,
        backup_window: "03:00-04:00".into(),
        maintenance_window: "sun:04:00-sun:05:00".into(),
        log_exports: ["postgresql".to_owned()].into(),
        performance_insights_key: Some("arn:key".into()),
        deletion_protection: true,
        copy_tags_to_snapshot: true,
        auto_minor_version_upgrade: false,
        publicly_accessible: false,
        iam_authentication: false,
        certificate_authority: CERTIFICATE_AUTHORITY.into(),
    }
}

fn desired() -> Desired {
    Desired {
        id: "emr-a-b".into(),
        engine_version: "16.11".into(),
        master_username: "emradmin".into(),
        master_secret: "emrstack/master".into(),
        subnet_group: "subnets".into(),
        kms_key_arn: "arn:key".into(),
        settings: settings(),
        origin: Origin::Empty,
        tags: owner().tags(&Tags::new()),
    }
}

fn replica() -> Desired {
    let mut replica = desired();
    replica.id = "emr-a-b-reader-1".into();
    replica.origin = Origin::Replica("emr-a-b".into());
    replica.settings.multi_az = false;
    replica.settings.deletion_protection = false;
    replica
}

fn restored() -> Desired {
    Desired {
        origin: Origin::Restored(Source::Snapshot("arn:snapshot".into())),
        ..desired()
    }
}

/// With the baseline of its storage, which AWS tells.
fn seen(status: &str) -> Observed {
    let mut settings = settings();
    settings.storage.iops = Some(3000);
    settings.storage.throughput = Some(125);
    Observed {
        id: "emr-a-b".into(),
        arn: "arn:instance".into(),
        resource_id: "db-1".into(),
        status: status.into(),
        engine: ENGINE.into(),
        engine_version: "16.11".into(),
        endpoint: Some("h".into()),
        port: Some(PORT),
        master_username: "emradmin".into(),
        subnet_group: "subnets".into(),
        kms_key_arn: Some("arn:key".into()),
        settings,
        pending: Vec::new(),
        parameter_status: "in-sync".into(),
        replica_of: None,
        tags: owner().tags(&Tags::new()),
    }
}

fn recorded(arn: &str) -> Recorded {
    Recorded {
        arn: arn.into(),
        resource_id: Some("db-1".into()),
    }
}

/// What a step comes to, in a word each.
fn told(step: Step<Change>) -> Vec<String> {
    match step {
        Step::Settled => Vec::new(),
        Step::Change(changes) => changes.iter().map(Mutation::describe).collect(),
        Step::Wait(wait) => vec![wait.reason.to_owned()],
        Step::Refuse(refusal) => vec![refusal.reason.to_owned()],
    }
}

fn next(desired: &Desired, seen: &Observed) -> Vec<String> {
    told(plan(desired, None, Some(seen), &owner()))
}

#[test]
fn made_once_by_the_call_of_its_origin_and_never_over_a_loss() {
    let past = Source::PointInTime {
        of: Past::Retained("db-2".into()),
        at: None,
    };
    for (origin, call) in [
        (Origin::Empty, "CreateDBInstance"),
        (restored().origin, "RestoreDBInstanceFromDBSnapshot"),
        (Origin::Restored(past), "RestoreDBInstanceToPointInTime"),
        (replica().origin, "CreateDBInstanceReadReplica"),
    ] {
        let desired = Desired {
            origin,
            ..desired()
        };
        let Step::Change(made) = plan(&desired, None, None, &owner()) else {
            panic!("expected {call}")
        };
        assert_eq!(made[0].operation(), call);
        let lost = plan(&desired, Some(&recorded("arn:instance")), None, &owner());
        assert_eq!(told(lost), [Refusal::DATA_RESOURCE_MISSING]);
    }
    let elsewhere = plan(
        &desired(),
        Some(&recorded("arn:other")),
        Some(&seen("available")),
        &owner(),
    );
    assert_eq!(told(elsewhere), [Refusal::DATA_RESOURCE_MISSING]);
}

#[test]
fn settled_as_it_should_be_and_repaired_otherwise() {
    assert!(next(&desired(), &seen("available")).is_empty());
    let mut drifted = seen("available");
    drifted.settings.publicly_accessible = true;
    drifted.settings.backup_retention_days = 1;
    assert_eq!(
        next(&desired(), &drifted),
        ["change DB instance emr-a-b: backup retention 1 -> 30, public access true -> false"]
    );
    drifted.status = "backing-up".into();
    assert_eq!(next(&desired(), &drifted), ["ModifyingDatabase"]);
}

#[test]
fn storage_grows_and_what_aws_grew_is_no_drift() {
    let mut grown = seen("available");
    grown.settings.storage.allocated_gb = 300;
    assert!(next(&desired(), &grown).is_empty());
    let mut larger = desired();
    larger.settings.storage.allocated_gb = 500;
    larger.settings.storage.max_allocated_gb = 5000;
    assert_eq!(
        next(&larger, &grown),
        [
            "change DB instance emr-a-b: storage 300 -> 500, greatest storage 1000 -> 5000, storage IOPS \
             Some(3000) -> Some(12000), storage throughput Some(125) -> Some(500)"
        ]
    );
    // Less room to grow than AWS takes.
    let mut tight = desired();
    tight.settings.storage.max_allocated_gb = 320;
    let Step::Refuse(refused) = plan(&tight, None, Some(&grown), &owner()) else {
        panic!("expected a refusal")
    };
    assert!(
        refused.message.contains("maxAllocatedGb to 330"),
        "{}",
        refused.message
    );
    tight.settings.storage.max_allocated_gb = 330;
    assert_eq!(next(&tight, &grown).len(), 1);
}

#[test]
fn storage_that_is_being_arranged_waits_alone() {
    let mut wanted = desired();
    wanted.settings.storage.allocated_gb = 200;
    assert_eq!(
        next(&wanted, &seen("storage-optimization")),
        ["OptimizingStorage"]
    );
    wanted.settings.class = "db.r6g.xlarge".into();
    let now = next(&wanted, &seen("storage-optimization"));
    assert_eq!(
        now,
        ["change DB instance emr-a-b: class \"db.r6g.large\" -> \"db.r6g.xlarge\""]
    );
    assert_eq!(
        next(&desired(), &seen("storage-full")),
        [Refusal::RESOURCE_FAILED]
    );
    wanted.settings.class = "db.r6g.large".into();
    assert_eq!(next(&wanted, &seen("storage-full")).len(), 1);
}

#[test]
fn what_is_pending_is_waited_for_and_not_sent_again() {
    let mut accepted = seen("available");
    accepted.pending = vec!["class".to_owned()];
    assert_eq!(next(&desired(), &accepted), ["PendingModification"]);
    let mut wanted = desired();
    wanted.settings.multi_az = false;
    assert!(next(&wanted, &accepted)[0].starts_with("change DB instance"));
}

#[test]
fn what_would_replace_the_database_is_refused() {
    let cases: [fn(&mut Observed); 6] = [
        |of| of.engine = "mysql".into(),
        |of| of.kms_key_arn = None,
        |of| of.subnet_group = "other".into(),
        |of| of.master_username = "other".into(),
        |of| of.engine_version = "15.4".into(),
        |of| of.replica_of = Some("another".into()),
    ];
    for change in cases {
        let mut other = seen("available");
        change(&mut other);
        assert_eq!(
            next(&desired(), &other),
            [Refusal::REPLACEMENT_REFUSED],
            "{other:?}"
        );
    }
}

#[test]
fn failures_are_told_apart() {
    for (status, reason) in [
        ("inaccessible-encryption-credentials", Refusal::KEY_UNUSABLE),
        ("incompatible-parameters", Refusal::RESOURCE_FAILED),
        ("creating", "CreatingDatabase"),
        ("configuring-enhanced-monitoring", "ModifyingDatabase"),
    ] {
        assert_eq!(next(&desired(), &seen(status)), [reason]);
    }
    assert_eq!(
        next(&desired(), &seen("stopped")),
        ["start DB instance emr-a-b"]
    );
}

#[test]
fn a_restored_one_is_taken_over_in_one_call() {
    let mut made = seen("available");
    made.settings.deletion_protection = false;
    assert!(next(&restored(), &made).is_empty(), "not protected before");
    assert_eq!(
        told(take_over(&restored(), Some(&made))),
        ["give restored DB instance emr-a-b its own master password and protect it"]
    );
    assert!(take_over(&restored(), Some(&seen("available"))).is_settled());
    assert!(take_over(&desired(), Some(&made)).is_settled());
    assert_eq!(next(&desired(), &made).len(), 1, "protection is put back");
}

/// One thing, changed.
type Edit = fn(&mut Found);

#[test]
fn a_source_must_fit_before_anything_is_made() {
    let found = Found {
        tags: owner().tags(&Tags::new()),
        engine: ENGINE.into(),
        engine_version: "16.11".into(),
        kms_key_arn: Some("arn:key".into()),
    };
    let judged = |found: Option<&Found>| told(usable_source(&restored(), found, &owner()));
    assert!(judged(Some(&found)).is_empty());
    assert_eq!(judged(None), [Refusal::SOURCE_MISSING]);
    let cases: [(Edit, &str); 4] = [
        (|of| of.tags.clear(), Refusal::SOURCE_NOT_SHARED),
        (
            |of| of.engine = "mysql".into(),
            Refusal::REPLACEMENT_REFUSED,
        ),
        (
            |of| of.engine_version = "16.8".into(),
            Refusal::REPLACEMENT_REFUSED,
        ),
        (|of| of.kms_key_arn = None, Refusal::REPLACEMENT_REFUSED),
    ];
    for (change, reason) in cases {
        let mut other = found.clone();
        change(&mut other);
        assert_eq!(judged(Some(&other)), [reason], "{other:?}");
    }
}

#[test]
fn a_replica_keeps_its_own_backups_and_is_left_alone_once_promoted() {
    let mut follows = seen("available");
    follows.replica_of = Some("emr-a-b".into());
    follows.settings.multi_az = false;
    follows.settings.deletion_protection = false;
    follows.settings.backup_retention_days = 0;
    follows.settings.backup_window = "05:00-05:30".into();
    assert!(next(&replica(), &follows).is_empty());
    assert!(matches!(
        remove_replica(Some(&follows), &owner()),
        Step::Change(_)
    ));
    let mut promoted = follows.clone();
    promoted.replica_of = None;
    assert_eq!(next(&replica(), &promoted), [Refusal::REPLACEMENT_REFUSED]);
    let kept = remove_replica(Some(&promoted), &owner());
    assert_eq!(told(kept), [Refusal::REPLACEMENT_REFUSED]);
}

#[test]
fn leaves_in_order_protection_replicas_instance() {
    let mut there = seen("available");
    let step = |seen: &Observed, replicas: Step<Change>| {
        told(remove(Some(seen), &owner(), Removal::KeepBackups, || {
            replicas
        }))
    };
    assert_eq!(
        step(&there, Step::Settled),
        ["change DB instance emr-a-b: deletion protection true -> false"]
    );
    there.settings.deletion_protection = false;
    assert_eq!(step(&there, Step::wait("W", "w")), ["W"]);
    assert_eq!(step(&there, Step::Settled), ["delete DB instance emr-a-b"]);
    there.status = "deleting".into();
    assert_eq!(step(&there, Step::Settled), ["DeletingDatabase"]);
    there.tags.clear();
    assert!(step(&there, Step::Settled).is_empty(), "it is not ours");
}

#[test]
fn what_guards_data_or_aws_picks_is_read_and_never_foreseen() {
    let after = |edit: fn(&mut Settings)| {
        let mut wanted = settings();
        edit(&mut wanted);
        let change = Change::Modify {
            id: "emr-a-b".into(),
            differences: settings().differences(&wanted),
            settings: Box::new(wanted),
        };
        RdsInstance::after(&change, &seen("available"))
    };
    assert_eq!(after(|of| of.deletion_protection = false), None);
    assert_eq!(after(|of| of.storage.allocated_gb = 120), None);
    let larger = after(|of| of.class = "db.r6g.xlarge".into()).unwrap();
    assert_eq!(
        (&*larger.settings.class, &*larger.status),
        ("db.r6g.xlarge", "modifying")
    );
}
