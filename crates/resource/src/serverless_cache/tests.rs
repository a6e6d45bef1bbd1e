use super::*;
use crate::{Owner, Refusal, Step};

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

fn desired() -> Desired {
    Desired {
        name: "emr-a-b".into(),
        description: "sessions".into(),
        engine: "valkey".into(),
        major_version: "8".into(),
        max_data_gb: 20,
        max_ecpu: 5000,
        kms_key_arn: KEY.into(),
        security_group_id: "sg-1".into(),
        subnet_ids: ["subnet-1".into(), "subnet-2".into()].into(),
        user_group_id: "emr-a-b".into(),
        snapshot_retention_days: 0,
        daily_snapshot_time: None,
        tags: owner().tags(&Tags::new()),
    }
}

fn seen() -> Observed {
    Observed {
        name: "emr-a-b".into(),
        arn: "arn:aws:elasticache:eu-central-1:111122223333:serverlesscache:emr-a-b".into(),
        created_at: Some("2026-01-02T03:04:05Z".parse().unwrap()),
        status: "available".into(),
        description: "sessions".into(),
        endpoint: Some(Endpoint {
            address: "x".into(),
            port: 6379,
        }),
        reader_endpoint: Some(Endpoint {
            address: "x".into(),
            port: 6380,
        }),
        engine: "valkey".into(),
        major_version: "8".into(),
        full_version: Some("8.1".into()),
        max_data_gb: Some(20),
        max_ecpu: Some(5000),
        kms_key_arn: Some(KEY.into()),
        security_group_ids: ["sg-1".into()].into(),
        subnet_ids: ["subnet-1".into(), "subnet-2".into()].into(),
        user_group_id: Some("emr-a-b".into()),
        snapshot_retention_days: 0,
        daily_snapshot_time: None,
        tags: Some(owner().tags(&Tags::new())),
    }
}

fn with(edit: impl FnOnce(&mut Observed)) -> Observed {
    let mut observed = seen();
    edit(&mut observed);
    observed
}

fn planned(observed: &Observed) -> Step<Change> {
    plan(&desired(), Some(observed), &owner())
}

#[test]
fn created_then_settled() {
    assert_eq!(
        plan(&desired(), None, &owner()),
        Step::change(Change::Create(desired().into()))
    );
    assert_eq!(planned(&seen()), Step::Settled);
    assert_eq!(
        planned(&with(|s| s.kms_key_arn = Some("1234".into()))),
        Step::Settled
    );
    assert_eq!(
        planned(&with(|s| s.daily_snapshot_time = Some("03:00".into()))),
        Step::Settled
    );
}

#[test]
fn each_difference_is_sent_alone_with_what_belongs_to_it() {
    type Edit = fn(&mut Observed);
    let cases: [(Edit, &str, Settings); 5] = [
        (
            |s| s.max_ecpu = None,
            "ECPU limit none -> 5000",
            Settings {
                limits: Some((20, 5000)),
                ..Settings::default()
            },
        ),
        (
            |s| s.user_group_id = None,
            "user group none -> emr-a-b",
            Settings {
                user_group_id: Some("emr-a-b".into()),
                ..Settings::default()
            },
        ),
        (
            |s| {
                s.security_group_ids.insert("sg-open".into());
            },
            "security groups {SecurityGroupId(\"sg-1\"), SecurityGroupId(\"sg-open\")} -> \
             {SecurityGroupId(\"sg-1\")}",
            Settings {
                security_group_id: Some("sg-1".into()),
                ..Settings::default()
            },
        ),
        (
            |s| s.snapshot_retention_days = 7,
            "snapshot retention 7 -> 0",
            Settings {
                snapshot_retention_days: Some(0),
                ..Settings::default()
            },
        ),
        (
            |s| s.major_version = "7".into(),
            "major version \"7\" -> \"8\"",
            Settings {
                major_version: Some("8".into()),
                ..Settings::default()
            },
        ),
    ];
    for (edit, words, expected) in cases {
        let Step::Change(changes) = planned(&with(edit)) else {
            panic!("expected {words}")
        };
        let [
            Change::Modify {
                settings,
                differences,
                ..
            },
        ] = &changes[..]
        else {
            panic!("expected one modification")
        };
        assert_eq!(Difference::list(differences), words);
        assert_eq!(**settings, expected);
    }
}

#[test]
fn what_would_replace_it_is_refused_and_named() {
    type Edit = fn(&mut Observed);
    let cases: [(Edit, &str); 5] = [
        (|s| s.engine = "redis".into(), "the engine"),
        (|s| s.major_version = "9".into(), "the major version"),
        (|s| s.kms_key_arn = None, "the encryption key"),
        (
            |s| s.kms_key_arn = Some("other".into()),
            "the encryption key",
        ),
        (
            |s| s.subnet_ids = ["subnet-3".into()].into(),
            "the list of subnets",
        ),
    ];
    for (edit, field) in cases {
        let Step::Refuse(refusal) = planned(&with(edit)) else {
            panic!("expected {field}")
        };
        assert_eq!(refusal.reason, Refusal::REPLACEMENT_REFUSED);
        assert!(refusal.message.starts_with(field), "{}", refusal.message);
    }
}

#[test]
fn it_is_never_modified_unless_available() {
    for (status, reason) in [
        ("creating", "CreatingCache"),
        ("modifying", "ModifyingCache"),
        ("deleting", "ModifyingCache"),
    ] {
        let busy = with(|s| {
            s.status = status.into();
            s.max_ecpu = Some(1);
        });
        let Step::Wait(wait) = planned(&busy) else {
            panic!("expected a wait while {status}")
        };
        assert_eq!(wait.reason, reason);
        assert!(wait.usual.is_some());
        assert!(ServerlessCache::in_transition(&busy));
    }
    let failed = with(|s| s.status = "create-failed".into());
    assert!(matches!(planned(&failed), Step::Refuse(r) if r.reason == Refusal::RESOURCE_FAILED));
    assert!(!ServerlessCache::in_transition(&failed));
}

#[test]
fn nothing_is_done_before_its_tags_are_known() {
    let unread = with(|s| {
        s.tags = None;
        s.max_ecpu = None;
    });
    assert!(ServerlessCache::lacks_details(&unread));
    assert!(matches!(planned(&unread), Step::Wait(_)));
    assert!(matches!(
        remove(Some(&unread), None, &owner()),
        Step::Wait(_)
    ));

    let mut listed = unread.clone();
    ServerlessCache::absorb(&mut listed, &seen());
    assert_eq!(listed.tags, seen().tags);
    let mut anew = with(|s| s.created_at = None);
    anew.tags = None;
    ServerlessCache::absorb(&mut anew, &seen());
    assert_eq!(anew.tags, None);
}

#[test]
fn a_foreign_cache_is_neither_changed_nor_deleted() {
    let foreign = with(|s| s.tags = Some(Tags::new()));
    assert!(matches!(planned(&foreign), Step::Refuse(r) if r.reason == Refusal::FOREIGN_RESOURCE));
    assert_eq!(remove(Some(&foreign), None, &owner()), Step::Settled);
}

#[test]
fn removed_with_or_without_a_snapshot() {
    let delete = |final_snapshot: Option<&str>| {
        Step::change(Change::Delete {
            name: "emr-a-b".into(),
            final_snapshot: final_snapshot.map(str::to_owned),
        })
    };
    let failed = with(|s| s.status = "create-failed".into());
    let deleting = with(|s| s.status = "deleting".into());
    assert_eq!(remove(Some(&seen()), None, &owner()), delete(None));
    assert_eq!(
        remove(Some(&seen()), Some("last"), &owner()),
        delete(Some("last"))
    );
    assert_eq!(remove(Some(&failed), Some("last"), &owner()), delete(None));
    assert!(matches!(
        remove(Some(&deleting), None, &owner()),
        Step::Wait(_)
    ));
    assert_eq!(remove(None, None, &owner()), Step::Settled);
}
