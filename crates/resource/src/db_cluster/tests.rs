use super::*;
use crate::{Owner, Refusal, Step, step::Wait};

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
        min_capacity: Acu::from_f64(0.5),
        max_capacity: Acu::from_f64(16.0),
        parameter_group: "emr-p".into(),
        security_groups: ["sg-1".into()].into(),
        backup_retention_days: 30,
        backup_window: "03:00-04:00".into(),
        maintenance_window: "sun:04:00-sun:05:00".into(),
        log_exports: ["audit".to_owned()].into(),
        deletion_protection: true,
        copy_tags_to_snapshot: true,
    }
}

fn desired() -> Desired {
    Desired {
        id: "emr-a-b".into(),
        engine: Engine::AuroraMysql,
        engine_version: "8.0.mysql_aurora.3.10.1".into(),
        master_username: "emradmin".into(),
        master_secret: "emrstack/master".into(),
        port: 3306,
        subnet_group: "subnets".into(),
        kms_key_arn: "arn:key".into(),
        settings: settings(),
        source: None,
        tags: owner().tags(&Tags::new()),
    }
}

fn seen(status: &str) -> Observed {
    Observed {
        id: "emr-a-b".into(),
        arn: "arn:cluster".into(),
        resource_id: "cluster-1".into(),
        status: status.into(),
        engine: "aurora-mysql".into(),
        engine_version: "8.0.mysql_aurora.3.10.1".into(),
        endpoint: Some("w".into()),
        reader_endpoint: Some("r".into()),
        port: Some(3306),
        master_username: "emradmin".into(),
        subnet_group: "subnets".into(),
        kms_key_arn: Some("arn:key".into()),
        settings: settings(),
        members: Vec::new(),
        tags: owner().tags(&Tags::new()),
    }
}

fn recorded(arn: &str) -> Recorded {
    Recorded {
        arn: arn.into(),
        resource_id: Some("cluster-1".into()),
    }
}

fn refusal(step: Step<Change>) -> Refusal {
    match step {
        Step::Refuse(refusal) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn created_once_and_never_again() {
    assert!(matches!(
        plan(&desired(), None, None, &owner()),
        Step::Change(_)
    ));
    let lost = plan(&desired(), Some(&recorded("arn:cluster")), None, &owner());
    assert_eq!(refusal(lost).reason, Refusal::DATA_RESOURCE_MISSING);
}

#[test]
fn restored_then_taken_over_once_its_members_are_there_and_never_over_a_loss() {
    let from = Desired {
        source: Some(Source::Snapshot("arn:snapshot".into())),
        ..desired()
    };
    let operations = |step: Step<Change>| match step {
        Step::Settled => Vec::new(),
        Step::Change(changes) => changes.iter().map(Mutation::operation).collect(),
        Step::Wait(wait) => vec![wait.reason],
        Step::Refuse(refusal) => vec![refusal.reason],
    };
    let next = |seen: Option<&Observed>| operations(plan(&from, None, seen, &owner()));
    assert_eq!(next(None), ["RestoreDBClusterFromSnapshot"]);
    let past = Desired {
        source: Some(Source::PointInTime {
            of: Origin::Retained("cluster-2".into()),
            at: None,
        }),
        ..desired()
    };
    let step = plan(&past, None, None, &owner());
    assert_eq!(operations(step), ["RestoreDBClusterToPointInTime"]);
    let lost = plan(&from, Some(&recorded("arn:cluster")), None, &owner());
    assert_eq!(refusal(lost).reason, Refusal::DATA_RESOURCE_MISSING);

    // As AWS makes it: with the snapshot's password, and unprotected.
    let mut made = seen("available");
    made.settings.deletion_protection = false;
    assert_eq!(next(Some(&made)), [""; 0], "members come first");
    made.settings.backup_retention_days = 1;
    assert_eq!(next(Some(&made)), ["ModifyDBCluster"]);
    let then = take_over(&from, Some(&made));
    assert_eq!(operations(then), ["ModifyDBCluster"]);
    made.status = "modifying".into();
    assert_eq!(
        operations(take_over(&from, Some(&made))),
        ["ModifyingDatabase"]
    );
    assert!(take_over(&from, Some(&seen("available"))).is_settled());
    made.status = "available".into();
    assert!(
        take_over(&desired(), Some(&made)).is_settled(),
        "it was created"
    );
}

#[test]
fn another_account_in_status_is_refused() {
    let step = plan(
        &desired(),
        Some(&recorded("arn:other")),
        Some(&seen("available")),
        &owner(),
    );
    assert_eq!(refusal(step).reason, Refusal::DATA_RESOURCE_MISSING);
}

#[test]
fn nothing_is_asked_of_a_cluster_that_aws_works_on() {
    let mut drifted = seen("modifying");
    drifted.settings.backup_retention_days = 1;
    assert!(matches!(
        plan(&desired(), None, Some(&drifted), &owner()),
        Step::Wait(Wait {
            reason: "ModifyingDatabase",
            ..
        })
    ));
}

#[test]
fn drift_is_repaired_and_named() {
    let mut drifted = seen("available");
    drifted.settings.backup_retention_days = 1;
    drifted.settings.deletion_protection = false;
    let Step::Change(changes) = plan(&desired(), None, Some(&drifted), &owner()) else {
        panic!("expected a change")
    };
    assert_eq!(
        changes[0].describe(),
        "change DB cluster emr-a-b: backup retention 1 -> 30, deletion protection false -> true"
    );
    assert!(plan(&desired(), None, Some(&seen("available")), &owner()).is_settled());
}

#[test]
fn what_would_replace_the_database_is_refused() {
    let cases: [fn(&mut Desired); 5] = [
        |d| d.kms_key_arn = "arn:other".into(),
        |d| d.subnet_group = "other".into(),
        |d| d.master_username = "other".into(),
        |d| d.engine = Engine::AuroraPostgresql,
        |d| d.engine_version = "8.0.mysql_aurora.3.04.0".into(),
    ];
    for change in cases {
        let mut desired = desired();
        change(&mut desired);
        let step = plan(&desired, None, Some(&seen("available")), &owner());
        assert_eq!(refusal(step).reason, Refusal::REPLACEMENT_REFUSED);
    }
}

#[test]
fn a_lost_key_is_told_from_other_failures() {
    let step = plan(
        &desired(),
        None,
        Some(&seen("inaccessible-encryption-credentials")),
        &owner(),
    );
    assert_eq!(refusal(step).reason, Refusal::KEY_UNUSABLE);
    let step = plan(&desired(), None, Some(&seen("storage-failure")), &owner());
    assert_eq!(refusal(step).reason, Refusal::RESOURCE_FAILED);
}

#[test]
fn leaves_in_order_protection_members_cluster() {
    let mut cluster = seen("available");
    cluster.members = vec![Member {
        id: "m".into(),
        is_writer: true,
        parameter_group_status: "in-sync".into(),
    }];
    let step = |cluster: &Observed, members: fn() -> Step<crate::Change>| {
        remove(Some(cluster), &owner(), Removal::KeepBackups, members)
    };
    let Step::Change(first) = step(&cluster, || panic!("asked for members too early")) else {
        panic!("expected protection to go first")
    };
    assert!(
        first[0]
            .describe()
            .contains("deletion protection true -> false")
    );
    cluster.settings.deletion_protection = false;
    assert!(matches!(
        step(&cluster, || Step::wait("W", "w")),
        Step::Wait(_)
    ));
    assert!(
        matches!(step(&cluster, || Step::Settled), Step::Wait(_)),
        "a member is still listed"
    );
    cluster.members.clear();
    let Step::Change(last) = step(&cluster, || Step::Settled) else {
        panic!("expected deletion")
    };
    assert_eq!(
        last,
        vec![
            Change::Delete {
                id: "emr-a-b".into(),
                retain_automated_backups: true
            }
            .into()
        ]
    );
}

#[test]
fn a_foreign_cluster_is_never_removed() {
    let mut foreign = seen("available");
    foreign.tags.clear();
    assert!(
        remove(Some(&foreign), &owner(), Removal::DropBackups, || {
            Step::Settled
        })
        .is_settled()
    );
}

#[test]
fn what_guards_data_or_waits_for_a_reboot_is_read_and_never_foreseen() {
    let after = |change: &Change| DbCluster::after(change, &seen("available"));
    let modify = |edit: fn(&mut Settings)| {
        let mut wanted = settings();
        edit(&mut wanted);
        Change::Modify {
            id: "emr-a-b".into(),
            differences: settings().differences(&wanted),
            settings: Box::new(wanted),
        }
    };
    assert_eq!(after(&modify(|of| of.deletion_protection = false)), None);
    assert_eq!(
        after(&modify(|of| of.parameter_group = "other".into())),
        None
    );
    let longer = after(&modify(|of| of.backup_retention_days = 35)).unwrap();
    assert_eq!(longer.settings.backup_retention_days, 35);
    assert_eq!(longer.status, "modifying");
    let started = after(&Change::Start("emr-a-b".into()));
    assert_eq!(started, Some(seen("starting")));
}
