use super::*;
use crate::{Mutation, Owner, Refusal, Step, names};

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ObjectStore".into(),
        namespace: "a".into(),
        name: "scans".into(),
        uid: "1".into(),
    }
}

fn desired() -> Desired {
    let region = Region::new("eu-central-1");
    let name = names::bucket(&owner(), &"111122223333".into(), &region, None);
    let encryption = Encryption::Key("arn:key".into());
    Desired {
        policy: policy(&name, &region, &encryption, None),
        name: name.clone(),
        region,
        encryption,
        lifecycle: Lifecycle {
            infrequent_access_after_days: Some(90),
            glacier_after_days: Some(365),
            ..Lifecycle::default()
        },
        lock: None,
        cors_origins: BTreeSet::new(),
        logging: Some(Logging {
            bucket: "logs".into(),
            prefix: "access/".into(),
        }),
        tags: owner().tags(&Tags::new()),
    }
}

fn whole() -> Observed {
    let desired = desired();
    Observed {
        name: desired.name.clone(),
        details: Some(Details {
            public_access_blocked: true,
            owner_enforced: true,
            encryption: desired.encryption,
            policy: Some(canonical(&desired.policy)),
            versioned: true,
            lifecycle: desired.lifecycle,
            lock: None,
            cors_origins: desired.cors_origins,
            logging: desired.logging,
            empty: true,
            tags: desired.tags,
        }),
    }
}

/// What S3 makes of `CreateBucket` alone.
fn bare() -> Observed {
    with(|details| {
        details.public_access_blocked = false;
        details.owner_enforced = false;
        details.encryption = Encryption::S3;
        details.policy = None;
        details.versioned = false;
        details.lifecycle = Lifecycle::default();
        details.logging = None;
    })
}

fn with(edit: impl FnOnce(&mut Details)) -> Observed {
    let mut seen = whole();
    edit(seen.details.as_mut().unwrap());
    seen
}

/// What the step does: the operations, or the reason to wait or to refuse.
fn words(step: &Step<Change>) -> String {
    match step {
        Step::Settled => "settled".into(),
        Step::Wait(wait) => wait.reason.into(),
        Step::Refuse(refusal) => refusal.reason.into(),
        Step::Change(changes) => {
            let names: Vec<_> = changes.iter().map(Change::operation).collect();
            names.join(" ")
        }
    }
}

fn planned(seen: Option<&Observed>) -> String {
    words(&plan(&desired(), None, seen, &owner()))
}

#[test]
fn nothing_is_let_in_before_everything_outside_is_kept_out() {
    assert_eq!(planned(None), "CreateBucket");
    let mut seen = bare();
    let mut order = Vec::new();
    for _ in 0..10 {
        let step = plan(&desired(), None, Some(&seen), &owner());
        order.push(words(&step));
        let Step::Change(changes) = step else { break };
        for change in changes {
            let details = seen.details.as_mut().unwrap();
            match change {
                Change::BlockPublicAccess(_) => details.public_access_blocked = true,
                Change::EnforceOwner(_) => details.owner_enforced = true,
                Change::Encrypt { encryption, .. } => details.encryption = encryption,
                Change::PutPolicy { policy, .. } => details.policy = Some(canonical(&policy)),
                Change::Version(_) => details.versioned = true,
                change => seen = Bucket::after(&change, &seen).unwrap(),
            }
        }
        let whole = seen == self::whole();
        let guarded = is_guarded(&desired(), seen.details.as_ref().unwrap());
        assert!(guarded || !whole);
    }
    assert_eq!(
        order,
        [
            "PutPublicAccessBlock PutBucketOwnershipControls",
            "PutBucketEncryption",
            "PutBucketPolicy",
            "PutBucketVersioning",
            "PutBucketLifecycleConfiguration PutBucketLogging",
            "settled"
        ]
    );
}

#[test]
fn drift_is_repaired() {
    type Edit = fn(&mut Details);
    let cases: [(Edit, &str); 12] = [
        (|d| d.public_access_blocked = false, "PutPublicAccessBlock"),
        (|d| d.owner_enforced = false, "PutBucketOwnershipControls"),
        (|d| d.encryption = Encryption::S3, "PutBucketEncryption"),
        (
            |d| d.encryption = Encryption::Key("arn:other".into()),
            "PutBucketEncryption",
        ),
        (|d| d.policy = None, "PutBucketPolicy"),
        (|d| d.policy = Some("{}".into()), "PutBucketPolicy"),
        (|d| d.versioned = false, "PutBucketVersioning"),
        (
            |d| d.lifecycle.other_rules = true,
            "PutBucketLifecycleConfiguration",
        ),
        (
            |d| d.cors_origins = ["*".to_owned()].into(),
            "DeleteBucketCors",
        ),
        (|d| d.logging = None, "PutBucketLogging"),
        (
            |d| drop(d.tags.insert("theirs".into(), "1".into())),
            "settled",
        ),
        (|d| d.empty = false, "settled"),
    ];
    for (edit, expected) in cases {
        let seen = with(edit);
        let recorded = seen.arn(&desired().region);
        let step = plan(&desired(), Some(&recorded), Some(&seen), &owner());
        assert_eq!(words(&step), expected);
    }
}

#[test]
fn a_tag_of_somebody_elses_survives_ours() {
    let mut desired = desired();
    desired.tags.insert("team".into(), "records".into());
    let seen = with(|details| drop(details.tags.insert("theirs".into(), "1".into())));
    let step = plan(&desired, None, Some(&seen), &owner());
    let Step::Change(changes) = step else {
        panic!("expected tags")
    };
    let [Change::Tag { tags, missing, .. }] = &changes[..] else {
        panic!("expected tags: {changes:?}")
    };
    assert_eq!(missing, &["team".to_owned()]);
    assert!(tags.contains_key("theirs") && tags.contains_key("team"));
}

#[test]
fn one_that_was_there_is_never_replaced_by_an_empty_one() {
    let recorded = Arn::new("arn:aws:s3:::bucket");
    let mut locked = desired();
    locked.lock = Some(Lock {
        mode: LockMode::Compliance,
        days: 30,
    });
    let cases = [
        (desired(), None, Refusal::DATA_RESOURCE_MISSING),
        (
            desired(),
            Some(with(|d| d.tags.clear())),
            Refusal::FOREIGN_RESOURCE,
        ),
        (
            desired(),
            Some(with(|d| {
                drop(d.tags.insert(crate::ownership::UID.into(), "2".into()));
            })),
            Refusal::ORPHAN_FOUND,
        ),
        (locked, Some(whole()), Refusal::REPLACEMENT_REFUSED),
        (
            desired(),
            Some(with(|d| d.lock = Some(None))),
            Refusal::REPLACEMENT_REFUSED,
        ),
    ];
    for (desired, seen, reason) in cases {
        let step = plan(&desired, Some(&recorded), seen.as_ref(), &owner());
        assert_eq!(words(&step), reason);
    }
}

#[test]
fn a_lock_comes_after_versioning() {
    let lock = Lock {
        mode: LockMode::Governance,
        days: 30,
    };
    let mut desired = desired();
    desired.lock = Some(lock);
    let step = |lock| {
        let seen = with(|details| details.lock = lock);
        words(&plan(&desired, None, Some(&seen), &owner()))
    };
    assert_eq!(step(Some(None)), "PutObjectLockConfiguration");
    assert_eq!(step(Some(Some(lock))), "settled");
}

#[test]
fn only_an_empty_bucket_of_ours_goes() {
    let step = |seen: Option<&Observed>| words(&remove(seen, &owner()));
    assert_eq!(step(Some(&whole())), "DeleteBucket");
    assert_eq!(step(None), "settled");
    let full = with(|details| details.empty = false);
    assert_eq!(step(Some(&full)), "settled");
    assert_eq!(left(Some(&full), &owner()), Left::Objects);
    assert_eq!(left(Some(&whole()), &owner()), Left::Nothing);
    let foreign = with(|details| details.tags.clear());
    assert_eq!(step(Some(&foreign)), "settled");
    let mut unread = whole();
    unread.details = None;
    assert_eq!(step(Some(&unread)), "ReadingBucket");
}

#[test]
fn the_policy_denies_plain_text_old_tls_and_other_keys() {
    let region = Region::new("us-gov-west-1");
    let name = BucketName::new("b");
    let logs = Encryption::S3;
    let of = |encryption: &Encryption, logs_of| -> Vec<serde_json::Value> {
        let text = policy(&name, &region, encryption, logs_of);
        let policy: serde_json::Value = serde_json::from_str(&text).unwrap();
        policy["Statement"].as_array().unwrap().clone()
    };
    let data = of(&Encryption::Key("arn:key".into()), None);
    assert_eq!(data.len(), 4);
    assert!(data.iter().all(|statement| statement["Effect"] == "Deny"));
    assert_eq!(data[0]["Condition"]["Bool"]["aws:SecureTransport"], "false");
    assert_eq!(data[0]["Resource"][0], "arn:aws-us-gov:s3:::b");
    assert_eq!(
        data[1]["Condition"]["NumericLessThan"]["s3:TlsVersion"],
        "1.2"
    );
    // What names no key gets the bucket's: only another is denied.
    for statement in &data[2..] {
        let null = statement["Condition"]["Null"].as_object().unwrap();
        assert!(null.values().all(|value| value == "false"));
    }
    let logged = BucketName::new("data");
    let account = crate::ids::AccountId::new("111122223333");
    let logs = of(&logs, Some((&logged, &account)));
    assert_eq!(logs.len(), 3);
    assert_eq!(
        logs[2]["Condition"]["ArnLike"]["aws:SourceArn"],
        "arn:aws-us-gov:s3:::data"
    );
    assert_eq!(
        logs[2]["Condition"]["StringEquals"]["aws:SourceAccount"],
        "111122223333"
    );
}
