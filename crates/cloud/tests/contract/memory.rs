//! The AWS in memory, held to the contract suite under a virtual clock.

use std::{sync::Arc, time::Duration};

use emr_cloud::{
    Account, Caller, ErrorKind, Metrics, QuotaReading, Wakeups,
    limits::{Limiters, Limits},
    memory::{Delays, Fault, Memory},
};
use emr_resource::{
    ids::AccountId,
    quota::{Quota, Usage},
    subnet_group,
};

use super::{
    World,
    foresight::{Foreseen, watched},
};

const REGION: &str = "eu-central-1";

fn world(memory: &Memory, account: &str) -> World {
    let account = AccountId::new(account);
    let seeded = memory.account(&account, &REGION.into());
    let limiters = Arc::new(Limiters::new(Limits::unlimited()));
    let caller = Caller::new(account.clone(), REGION.into(), limiters, Metrics::default());
    let subnets = seeded.database_subnets().map(|subnet| subnet.id.clone());
    World {
        ports: memory.ports(&caller),
        account,
        region: REGION.into(),
        cluster: seeded.cluster.name.clone(),
        database_subnets: subnets.collect(),
        vpc_id: seeded.vpc_id,
        node_group: seeded.node_group,
    }
}

fn memory() -> Memory {
    Memory::with_delays(1, Delays::all(Duration::from_secs(2)))
}

macro_rules! contract_tests {
    ($($name:ident),+ $(,)?) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                super::$name(&world(&memory(), "111111111111")).await;
            }
        )+

        /// The whole suite, each part in an account of its own, through ports that look.
        async fn foresee_all(foreseen: &Foreseen) {
            $({
                let mut world = world(&memory(), "111111111111");
                world.ports = watched(world.ports, foreseen);
                super::$name(&world).await;
            })+
        }
    };
}

contract_tests! {
    security_groups,
    subnet_groups,
    parameter_groups,
    keys,
    secrets,
    log_groups,
    databases,
    postgresql,
    rds,
    discovery,
    quotas,
    caches,
    replication_groups,
    files,
    objects,
    pods,
}

/// Every operation whose effect is foreseen, but `StartDBCluster`: the suite stops no cluster.
const FORESEEN: [&str; 36] = [
    "AssociateKmsKey",
    "AttachRolePolicy",
    "AuthorizeSecurityGroupIngress",
    "CreateAlias",
    "DecreaseReplicaCount",
    "DeleteAccessPoint",
    "DeleteBucketCors",
    "DeleteDBCluster",
    "DeleteDBInstance",
    "DeleteFileSystem",
    "DeleteMountTarget",
    "DeleteReplicationGroup",
    "DeleteServerlessCache",
    "DeleteUser",
    "DeleteUserGroup",
    "EnableKeyRotation",
    "IncreaseReplicaCount",
    "ModifyCacheParameterGroup",
    "ModifyCacheSubnetGroup",
    "ModifyDBCluster",
    "ModifyDBClusterParameterGroup",
    "ModifyDBInstance",
    "ModifyDBParameterGroup",
    "ModifyDBSubnetGroup",
    "ModifyMountTargetSecurityGroups",
    "ModifyReplicationGroup",
    "ModifyServerlessCache",
    "ModifyUser",
    "PutBackupPolicy",
    "PutBucketCors",
    "PutBucketLifecycleConfiguration",
    "PutBucketLogging",
    "PutLifecycleConfiguration",
    "PutRetentionPolicy",
    "RevokeSecurityGroupIngress",
    "UpdateFileSystem",
];

#[tokio::test(start_paused = true)]
async fn what_is_foreseen_is_what_is_read() {
    let foreseen = Foreseen::default();
    foresee_all(&foreseen).await;
    let seen: Vec<_> = foreseen.lock().unwrap().iter().copied().collect();
    assert_eq!(seen, FORESEEN);
}

fn create(world: &World) -> subnet_group::Change {
    subnet_group::Change::Create(subnet_group::Desired {
        name: "emr-fault".into(),
        description: "x".into(),
        subnet_ids: world.database_subnets.iter().cloned().collect(),
        tags: super::tags("fault"),
    })
}

#[tokio::test(start_paused = true)]
async fn faults_happen_before_or_after_the_effect_and_are_noted() {
    let memory = memory();
    let world = world(&memory, "111111111111");
    let port = &world.ports.subnet_group;
    let mut faults = [
        Fault::Refuse(ErrorKind::Throttled),
        Fault::Refuse(ErrorKind::AccessDenied),
        Fault::LostBefore,
        Fault::LostAfter,
    ]
    .into_iter();
    memory.fail_with(move |_, _| faults.next());
    for expected in [
        ErrorKind::Throttled,
        ErrorKind::AccessDenied,
        ErrorKind::MaybeApplied,
    ] {
        let error = port.perform(&create(&world)).await.unwrap_err();
        assert_eq!(error.kind, expected, "{error}");
        assert_eq!(port.read(&"emr-fault".into()).await.unwrap(), None);
    }
    let error = port.perform(&create(&world)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::MaybeApplied);
    assert!(port.read(&"emr-fault".into()).await.unwrap().is_some());
    let error = port.perform(&create(&world)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AlreadyExists);
    let calls = memory.mutations();
    assert_eq!(calls.len(), 5);
    assert!(calls.iter().all(|call| call.target == "emr-fault"));
}

#[tokio::test(start_paused = true)]
async fn a_crash_is_never_answered() {
    let memory = memory();
    let world = world(&memory, "111111111111");
    memory.fail_with(|_, _| Some(Fault::CrashAfter));
    let change = create(&world);
    tokio::select! {
        answer = world.ports.subnet_group.perform(&change) => panic!("answered: {answer:?}"),
        () = memory.crash() => {}
    }
    memory.heal();
    let port = &world.ports.subnet_group;
    assert!(port.read(&"emr-fault".into()).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn quotas_are_read_once_an_hour_for_all_who_ask() {
    let memory = memory();
    let id = AccountId::new("111111111111");
    let limiters = Arc::new(Limiters::new(Limits::unlimited()));
    let caller = Caller::new(id.clone(), REGION.into(), limiters, Metrics::default());
    let account = Account::new(caller.clone(), memory.ports(&caller), &Wakeups::default());
    let files = |reading: &QuotaReading| {
        let of_files = |usage: &&Usage| usage.quota == Quota::FileSystems;
        reading.usage.iter().find(of_files).copied().unwrap()
    };
    let first = account.quotas().await;
    assert_eq!(first.usage.len(), Quota::ALL.len());
    assert_eq!(first.failure, None);
    assert_eq!(
        (files(first.as_ref()).used, files(first.as_ref()).limit),
        (0, 1000)
    );

    let reads = memory.reads();
    memory.within(&id, &REGION.into(), |room| {
        room.set_quota(Quota::FileSystems, 7);
    });
    tokio::time::sleep(Duration::from_mins(49)).await;
    assert_eq!(files(account.quotas().await.as_ref()).limit, 1000);
    assert_eq!(memory.reads(), reads, "read again within the hour");
    tokio::time::sleep(Duration::from_mins(11)).await;
    assert_eq!(files(account.quotas().await.as_ref()).limit, 7);
    assert!(memory.reads() > reads);
}

#[tokio::test(start_paused = true)]
async fn accounts_are_kept_apart() {
    let memory = memory();
    let (one, other) = (
        world(&memory, "111111111111"),
        world(&memory, "222222222222"),
    );
    assert_ne!(one.vpc_id, other.vpc_id);
    one.ports.subnet_group.perform(&create(&one)).await.unwrap();
    let seen = other.ports.subnet_group.read(&"emr-fault".into()).await;
    assert_eq!(seen.unwrap(), None);
    // Another account's subnets are nothing here.
    let stranger = other.ports.subnet_group.perform(&create(&one)).await;
    assert_eq!(super::kind(stranger), ErrorKind::Invalid);
}
