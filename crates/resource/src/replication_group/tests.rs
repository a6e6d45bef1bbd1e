use super::*;
use crate::{Mutation, Owner, Refusal, Step};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "CacheCluster".into(),
        namespace: "a".into(),
        name: "b".into(),
        uid: "1".into(),
    }
}

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234";
const ARN: &str = "arn:aws:elasticache:eu-central-1:111122223333:replicationgroup:emr-a-b";

fn desired() -> Desired {
    Desired {
        id: "emr-a-b".into(),
        description: "jobs".into(),
        engine: "valkey".into(),
        engine_version: "8.0".into(),
        node_type: "cache.r7g.large".into(),
        shards: 1,
        replicas: 1,
        multi_az: true,
        automatic_failover: true,
        parameter_group: "emr-valkey8-x".into(),
        subnet_group: "emr-a-b".into(),
        security_group_id: "sg-1".into(),
        kms_key_arn: KEY.into(),
        token: Token {
            secret: "emrstack/a".into(),
            version: "v1".into(),
        },
        maintenance_window: "sun:04:00-sun:05:00".into(),
        snapshot_window: "03:00-04:00".into(),
        snapshot_retention_days: 7,
        tags: owner().tags(&crate::UserTags::new()),
    }
}

fn seen() -> Observed {
    Observed {
        id: "emr-a-b".into(),
        arn: ARN.into(),
        created_at: Some("2026-01-02T03:04:05Z".parse().unwrap()),
        status: "available".into(),
        description: "jobs".into(),
        engine: "valkey".into(),
        node_type: "cache.r7g.large".into(),
        cluster_mode: false,
        shards: 1,
        replicas: 1,
        multi_az: true,
        automatic_failover: true,
        kms_key_arn: Some(KEY.into()),
        encrypted: true,
        token_required: true,
        token_modified_at: None,
        endpoint: None,
        reader_endpoint: None,
        snapshot_window: "03:00-04:00".into(),
        snapshot_retention_days: 7,
        details: Some(Details {
            engine_version: "8.0.1".into(),
            parameter_group: "emr-valkey8-x".into(),
            subnet_group: "emr-a-b".into(),
            security_group_ids: ["sg-1".into()].into(),
            maintenance_window: "sun:04:00-sun:05:00".into(),
            auto_minor_version_upgrade: true,
        }),
        tags: Some(desired().first_tags()),
    }
}

fn told(desired: &Desired, seen: &Observed) -> String {
    match plan(desired, None, Some(seen), &owner()) {
        Step::Settled => "settled".to_owned(),
        Step::Wait(wait) => wait.reason.to_owned(),
        Step::Refuse(refusal) => format!("{}: {}", refusal.reason, refusal.message),
        Step::Change(changes) => {
            assert_eq!(changes.len(), 1, "AWS takes one modification at a time");
            changes[0].describe()
        }
    }
}

fn wanting(edit: impl FnOnce(&mut Desired)) -> String {
    let mut desired = desired();
    edit(&mut desired);
    told(&desired, &seen())
}

fn seeing(edit: impl FnOnce(&mut Observed)) -> String {
    let mut seen = seen();
    edit(&mut seen);
    told(&desired(), &seen)
}

fn detail(edit: impl FnOnce(&mut Details)) -> String {
    seeing(|seen| edit(seen.details.as_mut().unwrap()))
}

#[test]
fn made_once_and_never_over_a_loss() {
    let (desired, owner, arn) = (desired(), owner(), Arn::new(ARN));
    let create = Step::change(Change::Create(Box::new(desired.clone())));
    assert_eq!(plan(&desired, None, None, &owner), create);
    let lost = plan(&desired, Some(&arn), None, &owner);
    let Step::Refuse(refusal) = lost else {
        panic!("{lost:?}")
    };
    assert_eq!(refusal.reason, Refusal::DATA_RESOURCE_MISSING);
    assert_eq!(
        plan(&desired, Some(&arn), Some(&seen()), &owner),
        Step::Settled
    );
    let elsewhere = Arn::new("arn:aws:elasticache:us-east-1:1:replicationgroup:emr-a-b");
    assert!(matches!(
        plan(&desired, Some(&elsewhere), Some(&seen()), &owner),
        Step::Refuse(_)
    ));
}

#[test]
fn what_aws_changes_in_place_is_changed() {
    let group = "change replication group emr-a-b: ";
    let replicas =
        |many: u32| format!("give each shard of replication group emr-a-b {many} replicas");
    let table = [
        (wanting(|_| {}), "settled".to_owned()),
        (wanting(|d| d.replicas = 3), replicas(3)),
        (
            wanting(|d| d.node_type = "cache.r7g.xlarge".into()),
            format!("{group}node type \"cache.r7g.large\" -> \"cache.r7g.xlarge\""),
        ),
        (
            wanting(|d| d.engine_version = "8.2".into()),
            format!("{group}engine version \"8.0.1\" -> \"8.2\""),
        ),
        (
            wanting(|d| d.snapshot_retention_days = 3),
            format!("{group}snapshot retention 7 -> 3"),
        ),
        (
            detail(|d| d.auto_minor_version_upgrade = false),
            format!("{group}automatic minor upgrades false -> true"),
        ),
        // AWS raised the minor version by itself.
        (
            detail(|d| d.engine_version = "8.2.0".into()),
            "settled".to_owned(),
        ),
    ];
    for (told, expected) in table {
        assert_eq!(told, expected);
    }
}

#[test]
fn replicas_come_before_what_needs_them_and_go_after_it() {
    let mut alone = seen();
    (alone.replicas, alone.multi_az, alone.automatic_failover) = (0, false, false);
    assert!(told(&desired(), &alone).ends_with("1 replicas"));
    let mut wanted = desired();
    (wanted.replicas, wanted.multi_az, wanted.automatic_failover) = (0, false, false);
    assert!(told(&wanted, &seen()).contains("failover and several zones (true, true)"));
    let mut between = seen();
    (between.multi_az, between.automatic_failover) = (false, false);
    assert!(told(&wanted, &between).ends_with("0 replicas"));
}

#[test]
fn another_family_comes_with_its_version_in_one_call() {
    let mut desired = desired();
    desired.engine_version = "9.0".into();
    desired.parameter_group = "emr-valkey9-x".into();
    let Step::Change(changes) = plan(&desired, None, Some(&seen()), &owner()) else {
        panic!("no change")
    };
    let Change::Modify { settings, .. } = &changes[0] else {
        panic!("{changes:?}")
    };
    assert_eq!(settings.engine_version.as_deref(), Some("9.0"));
    assert_eq!(settings.parameter_group, Some("emr-valkey9-x".into()));
    assert_eq!(family("redis", "6.2"), "redis6.x");
    assert_eq!(family("redis", "7.1"), "redis7");
}

#[test]
fn what_would_replace_it_is_refused_with_field_and_remedy() {
    let told = [
        (wanting(|d| d.engine = "redis".into()), "the engine"),
        (wanting(|d| d.shards = 3), "the number of shards"),
        (
            wanting(|d| d.kms_key_arn = "arn:x:key/2".into()),
            "the encryption key",
        ),
        (
            wanting(|d| d.subnet_group = "other".into()),
            "the subnet group",
        ),
        (
            wanting(|d| d.engine_version = "7.2".into()),
            "the major version",
        ),
        (seeing(|s| s.encrypted = false), "the encryption key"),
        (seeing(|s| s.token_required = false), "the AUTH token"),
    ];
    for (told, field) in told {
        assert!(told.starts_with("ReplacementRefused: "), "{told}");
        assert!(
            told.contains(field) && told.contains("Set it back"),
            "{told}"
        );
    }
}

#[test]
fn anothers_is_left_alone_and_a_busy_one_is_waited_for() {
    assert!(seeing(|s| s.tags = Some(Tags::new())).starts_with("ForeignResource"));
    assert_eq!(seeing(|s| s.tags = None), "ReadingCache");
    assert_eq!(seeing(|s| s.details = None), "ReadingCache");
    assert_eq!(seeing(|s| s.status = "creating".into()), "CreatingCache");
    assert_eq!(
        seeing(|s| s.status = "snapshotting".into()),
        "ModifyingCache"
    );
    assert!(seeing(|s| s.status = "create-failed".into()).starts_with("ResourceFailed"));
}

#[test]
fn it_leaves_after_its_snapshot_and_only_if_ours() {
    let snapshot = "emr-a-b-final".into();
    let gone = |seen: &Observed| remove(Some(seen), Some(&snapshot), &owner());
    let delete = |final_snapshot| {
        Step::change(Change::Delete {
            id: "emr-a-b".into(),
            final_snapshot,
        })
    };
    assert_eq!(gone(&seen()), delete(Some(snapshot.clone())));
    let with = |status: &str| Observed {
        status: status.into(),
        ..seen()
    };
    assert_eq!(gone(&with("create-failed")), delete(None));
    assert!(matches!(gone(&with("deleting")), Step::Wait(_)));
    assert!(matches!(gone(&with("modifying")), Step::Wait(_)));
    let foreign = Observed {
        tags: Some(Tags::new()),
        ..seen()
    };
    assert_eq!(gone(&foreign), Step::Settled);
    assert_eq!(remove(None, Some(&snapshot), &owner()), Step::Settled);
}

#[test]
fn details_are_read_again_after_a_modification() {
    let mut listed = Observed {
        details: None,
        tags: None,
        ..seen()
    };
    let mut known = seen();
    known.status = "modifying".into();
    ReplicationGroup::absorb(&mut listed, &known);
    assert_eq!(listed.tags, seen().tags);
    assert!(ReplicationGroup::lacks_details(&listed));
    ReplicationGroup::absorb(&mut listed, &seen());
    assert!(!ReplicationGroup::lacks_details(&listed));
    assert_eq!(listed.first_token(), Some("v1".into()));
}
