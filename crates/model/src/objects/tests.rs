use emr_api::{object_store::ObjectStoreStatus, policy::DeletionPolicy, references::Placement};
use emr_resource::{Mutation, Refusal, Step, bucket::Details};
use serde_json::{Value, json};

use super::*;

fn owner() -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ObjectStore".into(),
        namespace: "a".into(),
        name: "scans".into(),
        uid: "1".into(),
    }
}

fn stack(spec: Value) -> ObjectsStack {
    let spec = serde_json::from_value(spec).unwrap();
    let landing = Landing {
        account: &"111122223333".into(),
        region: &"eu-central-1".into(),
        kms_key_arn: "arn:key",
        permissions_boundary: Some("arn:boundary"),
        tags: &UserTags::new(),
    };
    desire(&owner(), &spec, &landing)
}

fn full() -> ObjectsStack {
    stack(json!({
        "access": {"serviceAccount": "viewer"},
        "cors": {"allowedOrigins": ["https://viewer.example.org"]},
    }))
}

/// As S3 has a bucket that was told everything.
fn told(wanted: &bucket::Desired) -> bucket::Observed {
    bucket::Observed {
        name: wanted.name.clone(),
        details: Some(Details {
            public_access_blocked: true,
            owner_enforced: true,
            encryption: wanted.encryption.clone(),
            policy: Some(bucket::canonical(&wanted.policy)),
            versioned: true,
            lifecycle: wanted.lifecycle.clone(),
            lock: wanted.lock.map(Some),
            cors_origins: wanted.cors_origins.clone(),
            logging: wanted.logging.clone(),
            empty: true,
            tags: wanted.tags.clone(),
        }),
    }
}

fn whole(stack: &ObjectsStack) -> ObjectsSeen {
    let access = stack.access.as_ref().unwrap();
    ObjectsSeen {
        bucket: Some(told(&stack.bucket)),
        logs: stack.logs.as_ref().map(told),
        role: Some(pod_role::Observed {
            name: access.role.name.clone(),
            arn: "arn:role".into(),
            trust_policy: bucket::canonical(&access.role.trust_policy),
            policy: Some(bucket::canonical(&access.role.policy)),
            permissions_boundary: access.role.permissions_boundary.clone(),
            tags: access.role.tags.clone(),
        }),
        association: Some(pod_identity_association::Observed {
            identity: access.association.identity.clone(),
            id: "a-1".into(),
            arn: "arn:association".into(),
            role_arn: "arn:role".into(),
            tags: access.association.tags.clone(),
        }),
    }
}

fn operations(step: &Step<emr_resource::Change>) -> Vec<&'static str> {
    match step {
        Step::Settled => Vec::new(),
        Step::Wait(wait) => vec![wait.reason],
        Step::Refuse(refusal) => vec![refusal.reason],
        Step::Change(changes) => changes.iter().map(Mutation::operation).collect(),
    }
}

fn placement() -> Placement {
    Placement {
        account_id: "111122223333".into(),
        region: "eu-central-1".into(),
        vpc_id: "vpc-1".into(),
        kms_key_arn: "arn:key".into(),
    }
}

#[test]
fn logs_go_to_a_bucket_that_s3_can_write_to_and_nobody_else() {
    let stack = full();
    let logs = stack.logs.unwrap();
    assert_eq!(logs.encryption, bucket::Encryption::S3);
    assert_eq!(logs.lifecycle.expire_after_days, Some(365));
    assert_eq!(stack.bucket.logging.unwrap().bucket, logs.name);
    assert!(logs.policy.contains("logging.s3.amazonaws.com"));
    assert!(!stack.bucket.policy.contains("Allow"));
    let none = self::stack(json!({"accessLogs": false}));
    assert!(none.logs.is_none() && none.bucket.logging.is_none() && none.access.is_none());
}

#[test]
fn pods_are_let_in_last_and_logs_begin_once_they_have_a_place() {
    let stack = full();
    let none = Recorded::default();
    let step = |seen: &ObjectsSeen| operations(&plan(&stack, &none, seen));
    let mut seen = ObjectsSeen::default();
    assert_eq!(step(&seen), ["CreateBucket", "CreateBucket"]);
    seen.bucket = Some(told(&stack.bucket));
    seen.bucket
        .as_mut()
        .unwrap()
        .details
        .as_mut()
        .unwrap()
        .logging = None;
    assert_eq!(step(&seen), ["CreateBucket"], "no logs before their bucket");
    seen.logs = stack.logs.as_ref().map(told);
    assert_eq!(step(&seen), ["PutBucketLogging"]);
    seen.bucket = Some(told(&stack.bucket));
    assert_eq!(step(&seen), ["CreateRole"]);
    assert_eq!(usable(&stack, &seen), None, "no pod is let in yet");
    seen.role = whole(&stack).role;
    seen.role.as_mut().unwrap().policy = None;
    assert_eq!(step(&seen), ["PutRolePolicy"]);
    seen.role = whole(&stack).role;
    assert_eq!(step(&seen), ["CreatePodIdentityAssociation"]);
    seen.association = whole(&stack).association;
    assert_eq!(step(&seen), [""; 0]);
    assert!(usable(&stack, &seen).is_some());
}

#[test]
fn never_ready_while_something_that_guards_is_missing() {
    type Edit = fn(&mut Details);
    let edits: [Edit; 9] = [
        |d| d.public_access_blocked = false,
        |d| d.owner_enforced = false,
        |d| d.encryption = bucket::Encryption::S3,
        |d| d.policy = None,
        |d| d.versioned = false,
        |d| d.lifecycle = bucket::Lifecycle::default(),
        |d| d.cors_origins.clear(),
        |d| d.logging = None,
        |d| d.tags.clear(),
    ];
    let stack = full();
    for (index, edit) in edits.into_iter().enumerate() {
        let mut seen = whole(&stack);
        assert!(usable(&stack, &seen).is_some());
        edit(seen.bucket.as_mut().unwrap().details.as_mut().unwrap());
        assert_eq!(usable(&stack, &seen), None, "{index}");
    }
    let mut seen = whole(&stack);
    seen.logs = None;
    assert_eq!(usable(&stack, &seen), None, "its logs have no place");
    // A lifecycle that is being changed keeps nobody from the objects.
    let mut seen = whole(&stack);
    let details = seen.bucket.as_mut().unwrap().details.as_mut().unwrap();
    details.lifecycle.glacier_after_days = Some(730);
    assert!(usable(&stack, &seen).is_some());
}

#[test]
fn a_lost_bucket_is_refused_before_anything_is_made() {
    let stack = full();
    let arn = |name: &BucketName| Some(bucket::arn(name, &stack.region));
    for recorded in [
        Recorded {
            bucket: arn(&stack.bucket.name),
            logs: None,
        },
        Recorded {
            bucket: None,
            logs: arn(&stack.logs_name),
        },
    ] {
        let step = plan(&stack, &recorded, &ObjectsSeen::default());
        assert_eq!(operations(&step), [Refusal::DATA_RESOURCE_MISSING]);
    }
}

#[test]
fn objects_outlive_every_policy_and_access_only_retain() {
    let stack = full();
    let gone = |seen: &ObjectsSeen, policy| operations(&teardown(&stack, policy, seen));
    let mut seen = whole(&stack);
    assert_eq!(gone(&seen, DeletionPolicy::Retain), [""; 0]);
    for policy in [DeletionPolicy::Snapshot, DeletionPolicy::Delete] {
        assert_eq!(gone(&seen, policy), ["DeletePodIdentityAssociation"]);
    }
    seen.association = None;
    assert_eq!(gone(&seen, DeletionPolicy::Snapshot), ["DeleteRolePolicy"]);
    seen.role = None;
    assert_eq!(gone(&seen, DeletionPolicy::Snapshot), [""; 0]);
    assert_eq!(gone(&seen, DeletionPolicy::Delete), ["DeleteBucket"]);
    let status = ObjectStoreStatus {
        bucket: Some(stack.bucket.name.to_string()),
        ..ObjectStoreStatus::default()
    };
    let told = |policy, seen: &ObjectsSeen| stays(&status, policy, Some((&stack, seen)));
    let kept = told(DeletionPolicy::Snapshot, &seen).unwrap();
    assert!(kept.contains("every object and version"), "{kept}");

    seen.bucket
        .as_mut()
        .unwrap()
        .details
        .as_mut()
        .unwrap()
        .empty = false;
    assert_eq!(gone(&seen, DeletionPolicy::Delete), [""; 0], "nor its logs");
    let kept = told(DeletionPolicy::Delete, &seen).unwrap();
    assert!(kept.contains("not empty"), "{kept}");
    seen.bucket = None;
    assert_eq!(gone(&seen, DeletionPolicy::Delete), ["DeleteBucket"]);
    assert_eq!(told(DeletionPolicy::Delete, &seen), None);
    assert_eq!(
        stays(&ObjectStoreStatus::default(), DeletionPolicy::Retain, None),
        None
    );
    assert!(stays(&status, DeletionPolicy::Retain, None).is_some());
}

#[test]
fn what_was_there_is_never_forgotten_and_what_is_anothers_never_remembered() {
    let stack = full();
    let none = ObjectStoreStatus::default();
    let seen = whole(&stack);
    let first = status(&none, &stack, &seen, &placement());
    assert_eq!(first.bucket.as_deref(), Some(stack.bucket.name.as_str()));
    assert_eq!(first.logs_bucket.as_deref(), Some(stack.logs_name.as_str()));
    assert_eq!(first.role_arn.as_deref(), Some("arn:role"));
    assert_eq!(first.region.as_deref(), Some("eu-central-1"));
    assert_eq!(first.resources.len(), 4);
    let lost = status(&first, &stack, &ObjectsSeen::default(), &placement());
    assert_eq!((&lost.arn, &lost.bucket), (&first.arn, &first.bucket));
    assert!(lost.resources.iter().all(|one| one.state == "missing"));
    let mut foreign = whole(&stack);
    foreign
        .bucket
        .as_mut()
        .unwrap()
        .details
        .as_mut()
        .unwrap()
        .tags
        .clear();
    assert_eq!(status(&none, &stack, &foreign, &placement()).arn, None);
}
