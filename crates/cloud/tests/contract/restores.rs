//! Clusters from snapshots and from points in time.

use emr_cloud::ErrorKind;
use emr_resource::{
    Mutation, Step,
    db_cluster::{self, Engine, Origin, Settings, Source},
    ids::{Arn, DbClusterId},
    names,
};

use super::{
    World,
    databases::{NAME, available},
    kind, made, owner, tags, until,
};

/// Restores a second cluster, follows what our own plan says until it is ours, and removes it.
pub(super) async fn restored(world: &World, of: &DbClusterId, snapshot: &Arn) {
    let port = &world.ports.db_cluster;
    let original = port.read(of).await.unwrap().unwrap();
    let desired = db_cluster::Desired {
        id: format!("{of}-again").as_str().into(),
        engine: Engine::AuroraMysql,
        engine_version: original.engine_version.clone(),
        master_username: original.master_username.clone(),
        master_secret: names::secret(&owner(NAME), "master"),
        port: original.port.unwrap(),
        subnet_group: original.subnet_group.clone(),
        kms_key_arn: original.kms_key_arn.clone().unwrap(),
        settings: Settings {
            deletion_protection: true,
            ..original.settings.clone()
        },
        source: Some(Source::Snapshot(snapshot.clone())),
        tags: tags(NAME),
    };
    let unknown = db_cluster::Change::Restore {
        desired: Box::new(desired.clone()),
        source: Source::Snapshot(Arn::new(format!("{snapshot}-none"))),
    };
    assert_eq!(kind(port.perform(&unknown).await), ErrorKind::NotFound);
    let mut done = Vec::new();
    for _ in 0..20 {
        let seen = port.read(&desired.id).await.unwrap();
        let step = db_cluster::plan(&desired, None, seen.as_ref(), &owner(NAME));
        match step.then(|| db_cluster::take_over(&desired, seen.as_ref())) {
            Step::Settled => break,
            Step::Change(changes) => {
                for change in changes {
                    port.perform(&change).await.unwrap();
                    done.push(change.operation());
                }
            }
            Step::Wait(_) => {
                let at_rest = |seen: Option<&db_cluster::Observed>| {
                    seen.is_some_and(db_cluster::Observed::is_available)
                };
                until(port, &desired.id, at_rest).await;
            }
            refused @ Step::Refuse(_) => panic!("{refused:?}"),
        }
    }
    assert_eq!(done.first(), Some(&"RestoreDBClusterFromSnapshot"));
    assert!(done.contains(&"ModifyDBCluster"), "{done:?}");
    let seen = port.read(&desired.id).await.unwrap().unwrap();
    assert_eq!(seen.settings, desired.settings);
    assert_ne!(seen.resource_id, original.resource_id);
    let open = Settings {
        deletion_protection: false,
        ..desired.settings.clone()
    };
    let modify = db_cluster::Change::Modify {
        id: desired.id.clone(),
        differences: seen.settings.differences(&open),
        settings: Box::new(open),
    };
    port.perform(&modify).await.unwrap();
    let resource_id = seen.resource_id.clone();
    gone(world, &desired.id, true).await;
    rewound(world, &desired, Origin::Cluster(of.clone())).await;
    rewound(world, &desired, Origin::Retained(resource_id)).await;
}

async fn gone(world: &World, id: &DbClusterId, retain_automated_backups: bool) {
    let port = &world.ports.db_cluster;
    available(&world.ports, id).await;
    let delete = db_cluster::Change::Delete {
        id: id.clone(),
        retain_automated_backups,
    };
    port.perform(&delete).await.unwrap();
    until(port, id, |seen| seen.is_none()).await;
}

/// Makes a cluster from what another held, and removes it.
async fn rewound(world: &World, desired: &db_cluster::Desired, of: Origin) {
    let port = &world.ports.db_cluster;
    let restore = |of: &Origin, at: Option<&str>| db_cluster::Change::Restore {
        desired: Box::new(desired.clone()),
        source: Source::PointInTime {
            of: of.clone(),
            at: at.map(|at| at.parse().unwrap()),
        },
    };
    for (of, at, refused) in [
        (&of, Some("2999-01-01T00:00:00Z"), ErrorKind::Invalid),
        (
            &Origin::Cluster("emr-none".into()),
            None,
            ErrorKind::NotFound,
        ),
        (
            &Origin::Retained("cluster-NONE".into()),
            None,
            ErrorKind::NotFound,
        ),
    ] {
        assert_eq!(
            kind(port.perform(&restore(of, at)).await),
            refused,
            "{of:?}"
        );
    }
    let seen = made(port, restore(&of, None)).await;
    assert!(!seen.settings.deletion_protection);
    assert_eq!(seen.master_username, desired.master_username);
    until(port, &desired.id, |seen| {
        seen.is_some_and(db_cluster::Observed::is_available)
    })
    .await;
    gone(world, &desired.id, false).await;
}
