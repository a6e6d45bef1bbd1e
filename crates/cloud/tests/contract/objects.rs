//! Buckets, the roles of pods, and whose pods take them.

use std::collections::BTreeSet;

use emr_cloud::ErrorKind;
use emr_resource::{
    Mutation, Step,
    bucket::{self, Change, Encryption, Lifecycle, Lock, LockMode, Logging},
    ids::{Arn, BucketName},
    names, pod_identity_association, pod_role,
};

use super::{World, key_for, kind, made, owner, tags};

fn name(world: &World, purpose: Option<&str>) -> BucketName {
    names::bucket(&owner("objects"), &world.account, &world.region, purpose)
}

fn desired(world: &World, key: &Arn, lock: Option<Lock>) -> bucket::Desired {
    let name = name(world, lock.map(|_| "locked"));
    let encryption = Encryption::Key(key.clone());
    bucket::Desired {
        policy: bucket::policy(&name, &world.region, &encryption, None),
        name,
        region: world.region.clone(),
        encryption,
        lifecycle: Lifecycle {
            infrequent_access_after_days: Some(90),
            glacier_after_days: Some(365),
            noncurrent_expire_after_days: Some(400),
            abort_incomplete_uploads_after_days: Some(7),
            ..Lifecycle::default()
        },
        lock,
        cors_origins: ["https://viewer.example.org".to_owned()].into(),
        logging: None,
        tags: tags("objects"),
    }
}

fn logs(world: &World) -> bucket::Desired {
    let name = name(world, Some("logs"));
    let of = self::name(world, None);
    let logs_of = Some((&of, &world.account));
    bucket::Desired {
        policy: bucket::policy(&name, &world.region, &Encryption::S3, logs_of),
        name,
        region: world.region.clone(),
        encryption: Encryption::S3,
        lifecycle: Lifecycle {
            expire_after_days: Some(365),
            noncurrent_expire_after_days: Some(1),
            ..Lifecycle::default()
        },
        lock: None,
        cors_origins: BTreeSet::new(),
        logging: None,
        tags: tags("objects"),
    }
}

/// Follows what our own plan says until nothing is left to do, each call twice: a repeated request
/// changes nothing.
async fn settle(world: &World, desired: &bucket::Desired) -> Vec<&'static str> {
    let port = &world.ports.bucket;
    let mut done = Vec::new();
    for _ in 0..12 {
        let seen = port.read(&desired.name).await.unwrap();
        match bucket::plan(desired, None, seen.as_ref(), &owner("objects")) {
            Step::Settled => return done,
            Step::Change(changes) => {
                for change in changes {
                    port.perform(&change).await.unwrap();
                    if !matches!(change, Change::Create(_)) {
                        port.perform(&change).await.unwrap();
                    }
                    done.push(change.operation());
                }
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("never settled: {done:?}")
}

pub(crate) async fn objects(world: &World) {
    let key = key_for(world, "objects").await;
    let port = &world.ports.bucket;
    let mut wanted = desired(world, &key, None);
    let create = Change::Create(Box::new(wanted.clone()));
    let seen = made(port, create.clone()).await.details.unwrap();
    assert_eq!(seen.tags, tags("objects"), "tagged from the beginning");
    assert_eq!(seen.encryption, Encryption::S3);
    assert!(seen.public_access_blocked && seen.owner_enforced && seen.empty);
    assert!(!seen.versioned && seen.policy.is_none() && seen.lock.is_none());
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);

    let done = settle(world, &wanted).await;
    assert_eq!(
        done,
        [
            "PutBucketEncryption",
            "PutBucketPolicy",
            "PutBucketVersioning",
            "PutBucketLifecycleConfiguration",
            "PutBucketCors",
        ]
    );
    // Guards that are in place can be put in place again.
    for change in [
        Change::BlockPublicAccess(wanted.name.clone()),
        Change::EnforceOwner(wanted.name.clone()),
    ] {
        port.perform(&change).await.unwrap();
    }

    settle(world, &logs(world)).await;
    wanted.logging = Some(Logging {
        bucket: logs(world).name,
        prefix: "access/".into(),
    });
    wanted.cors_origins.clear();
    wanted.lifecycle.glacier_after_days = Some(730);
    wanted.tags.insert("team".into(), "records".into());
    let done: BTreeSet<_> = settle(world, &wanted).await.into_iter().collect();
    let expected = [
        "DeleteBucketCors",
        "PutBucketLifecycleConfiguration",
        "PutBucketLogging",
        "PutBucketTagging",
    ];
    assert_eq!(done, expected.into());
    wanted.logging = None;
    assert_eq!(settle(world, &wanted).await, ["PutBucketLogging"]);

    locked(world, &key).await;
    for bucket in [wanted.name, logs(world).name] {
        gone(world, bucket).await;
    }
}

/// A lock needs a bucket that was made with one.
async fn locked(world: &World, key: &Arn) {
    let port = &world.ports.bucket;
    let lock = Lock {
        mode: LockMode::Governance,
        days: 30,
    };
    let wanted = desired(world, key, Some(lock));
    let done = settle(world, &wanted).await;
    assert!(!done.contains(&"PutBucketVersioning"), "{done:?}");
    let seen = port.read(&wanted.name).await.unwrap().unwrap();
    assert_eq!(seen.details.unwrap().lock, Some(Some(lock)));
    let name = name(world, None);
    let put = Change::PutLock { name, lock };
    let refused = port.perform(&put).await;
    // The stand-in is more lenient than AWS here.
    if let Err(error) = refused {
        assert_eq!(error.kind, ErrorKind::WrongState);
    }
    gone(world, wanted.name).await;
}

async fn gone(world: &World, name: BucketName) {
    let port = &world.ports.bucket;
    let delete = Change::Delete(name.clone());
    port.perform(&delete).await.unwrap();
    assert_eq!(port.read(&name).await.unwrap(), None);
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
    let told = Change::Version(name);
    assert_eq!(kind(port.perform(&told).await), ErrorKind::NotFound);
}

pub(crate) async fn pods(world: &World) {
    let owner = owner("objects");
    let port = &world.ports.pod_role;
    let bucket = name(world, None);
    let key = Arn::new("arn:aws:kms:eu-central-1:111122223333:key/1");
    let mut wanted = pod_role::Desired {
        name: names::pod_role(&owner),
        path: names::POD_ROLE_PATH.into(),
        description: "Pods of a contract".into(),
        trust_policy: pod_role::trust_policy(
            &world.account,
            &world.region,
            &world.cluster,
            "contract",
            "viewer",
        ),
        policy: pod_role::object_access(&bucket, &world.region, &key),
        permissions_boundary: None,
        tags: tags("objects"),
    };
    let create = pod_role::Change::Create(Box::new(wanted.clone()));
    assert_eq!(port.read(&wanted.name).await.unwrap(), None);
    let reply = port.perform(&create).await.unwrap();
    assert_eq!(reply, port.read(&wanted.name).await.unwrap());
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    for key in ["arn:aws:kms:x:1:key/1", "arn:aws:kms:x:1:key/2"] {
        wanted.policy = pod_role::object_access(&bucket, &world.region, &key.into());
        let seen = port.read(&wanted.name).await.unwrap();
        let Step::Change(changes) = pod_role::plan(&wanted, seen.as_ref(), &owner) else {
            panic!("expected a policy")
        };
        port.perform(&changes[0]).await.unwrap();
        let seen = port.read(&wanted.name).await.unwrap();
        assert!(pod_role::plan(&wanted, seen.as_ref(), &owner).is_settled());
    }
    let role = port.read(&wanted.name).await.unwrap().unwrap();
    assert!(role.arn.as_str().contains(names::POD_ROLE_PATH), "{role:?}");

    association(world, &role.arn).await;

    let delete = pod_role::Change::Delete(wanted.name.clone());
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::WrongState);
    let mut done = Vec::new();
    while let Some(seen) = port.read(&wanted.name).await.unwrap() {
        let Step::Change(changes) = pod_role::remove(Some(&seen), &owner) else {
            panic!("expected to go")
        };
        port.perform(&changes[0]).await.unwrap();
        done.push(changes[0].operation());
    }
    assert_eq!(done, ["DeleteRolePolicy", "DeleteRole"]);
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
}

async fn association(world: &World, role_arn: &Arn) {
    use pod_identity_association::{Change, Desired};
    let owner = owner("objects");
    let port = &world.ports.pod_identity_association;
    let wanted = Desired {
        identity: names::pod_identity(&owner, "viewer"),
        role_arn: role_arn.clone(),
        tags: tags("objects"),
    };
    assert_eq!(port.read(&wanted.identity).await.unwrap(), None);
    let create = Change::Create(wanted.clone());
    let made = port.perform(&create).await.unwrap();
    let seen = port.read(&wanted.identity).await.unwrap().unwrap();
    assert_eq!(made.as_ref(), Some(&seen));
    assert_eq!((&seen.role_arn, &seen.tags), (role_arn, &wanted.tags));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::WrongState);
    let identity = names::pod_identity(&owner, "somebody-else");
    assert_eq!(port.read(&identity).await.unwrap(), None);

    let update = Change::Update {
        identity: wanted.identity.clone(),
        id: seen.id.clone(),
        role_arn: Arn::new(format!("{role_arn}-other")),
    };
    port.perform(&update).await.unwrap();
    let seen = port.read(&wanted.identity).await.unwrap().unwrap();
    let step = pod_identity_association::plan(&wanted, Some(&seen), &owner);
    assert!(matches!(step, Step::Change(changes) if matches!(changes[0], Change::Update { .. })));
    let delete = Change::Delete {
        identity: wanted.identity.clone(),
        id: seen.id,
    };
    port.perform(&delete).await.unwrap();
    assert_eq!(port.read(&wanted.identity).await.unwrap(), None);
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
}
