//! A database from its creation to its last snapshot.

use std::collections::BTreeSet;

use emr_cloud::{ErrorKind, Ports};
use emr_resource::{
    Difference, cluster_snapshot,
    db_cluster::{self, Acu, Engine, Settings},
    db_instance,
    ids::{Arn, DbClusterId, ParameterGroupName},
    names, secret, subnet_group,
};

use super::{World, key_for, kind, listed, made, owner, tags, until};

pub(super) const NAME: &str = "database";

pub(super) async fn desired(world: &World, name: &str, kms_key_arn: &Arn) -> db_cluster::Desired {
    let owner = owner(name);
    let group = subnet_group::Desired {
        name: names::subnet_group(&owner),
        description: "Databases".into(),
        subnet_ids: world.database_subnets.iter().cloned().collect(),
        tags: tags(name),
    };
    world
        .ports
        .subnet_group
        .perform(&subnet_group::Change::Create(group))
        .await
        .unwrap();
    let master = secret::Desired {
        content: secret::Content::Password,
        name: names::secret(&owner, "master"),
        description: "Master user".into(),
        kms_key_arn: kms_key_arn.clone(),
        username: "admin".into(),
        tags: tags(name),
    };
    let create = secret::Change::Create(master.clone());
    world.ports.secret.perform(&create).await.unwrap();
    db_cluster::Desired {
        id: names::db_cluster(&owner),
        engine: Engine::AuroraMysql,
        engine_version: "8.0.mysql_aurora.3.10.1".into(),
        master_username: "admin".into(),
        master_secret: master.name,
        port: 3306,
        subnet_group: names::subnet_group(&owner),
        kms_key_arn: kms_key_arn.clone(),
        settings: Settings {
            min_capacity: Acu::from_f64(0.5),
            max_capacity: Acu::from_f64(16.0),
            parameter_group: ParameterGroupName::new("default.aurora-mysql8.0"),
            security_groups: [world.node_group.clone()].into(),
            backup_retention_days: 30,
            backup_window: "03:00-04:00".into(),
            maintenance_window: "sun:05:00-sun:06:00".into(),
            log_exports: ["audit", "error"].map(str::to_owned).into(),
            deletion_protection: true,
            copy_tags_to_snapshot: true,
        },
        source: None,
        tags: tags(name),
    }
}

pub(super) async fn available(ports: &Ports, id: &DbClusterId) -> db_cluster::Observed {
    let is_available =
        |seen: Option<&db_cluster::Observed>| seen.is_some_and(db_cluster::Observed::is_available);
    until(&ports.db_cluster, id, is_available).await.unwrap()
}

pub(crate) async fn databases(world: &World) {
    use db_cluster::Change;
    let port = &world.ports.db_cluster;
    let kms_key_arn = key_for(world, NAME).await;
    let desired = desired(world, NAME, &kms_key_arn).await;
    let id = &desired.id;

    let unknown = db_cluster::Desired {
        engine_version: "8.0.mysql_aurora.9.99.9".into(),
        ..desired.clone()
    };
    let refused = port.perform(&Change::Create(Box::new(unknown))).await;
    assert_eq!(kind(refused), ErrorKind::Invalid);

    let create = Change::Create(Box::new(desired.clone()));
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.tags, tags(NAME));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    let seen_now = available(&world.ports, id).await;
    assert_eq!(seen_now.settings, desired.settings);
    assert_eq!(seen_now.kms_key_arn, Some(kms_key_arn));
    assert_eq!(seen_now.subnet_group, desired.subnet_group);
    assert_eq!(seen_now.port, Some(3306));
    assert_eq!(
        (seen_now.arn, seen_now.resource_id),
        (seen.arn, seen.resource_id)
    );
    assert!(seen_now.endpoint.is_some() && seen_now.reader_endpoint.is_some());

    members(world, id).await;
    modified(world, &desired).await;
    snapshot(world, id).await;
    deleted(world, id, &desired.settings).await;
}

async fn members(world: &World, cluster_id: &DbClusterId) {
    use db_instance::{Change, Desired};
    let port = &world.ports.db_instance;
    let id = names::db_instance(cluster_id, 0);
    let create = Change::Create(Box::new(Desired {
        id: id.clone(),
        cluster_id: cluster_id.clone(),
        engine: Engine::AuroraMysql,
        class: "db.serverless".into(),
        zone: None,
        promotion_tier: 0,
        performance_insights_key: None,
        tags: tags(NAME),
    }));
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.cluster_id.as_ref(), Some(cluster_id));
    assert_eq!(seen.tags, tags(NAME));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    until(port, &id, |seen| {
        seen.is_some_and(|seen| seen.status == "available")
    })
    .await;

    let tier = Difference {
        field: "promotion tier",
        seen: "0".into(),
        wanted: "1".into(),
    };
    let modify = Change::Modify {
        id: id.clone(),
        promotion_tier: 1,
        performance_insights_key: None,
        differences: vec![tier],
    };
    port.perform(&modify).await.unwrap();
    let done = |seen: Option<&db_instance::Observed>| {
        seen.is_some_and(|seen| seen.promotion_tier == 1 && seen.status == "available")
    };
    until(port, &id, done).await;
    let cluster = world
        .ports
        .db_cluster
        .read(cluster_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(cluster.writer(), Some(&id));
}

async fn modified(world: &World, desired: &db_cluster::Desired) {
    let seen = available(&world.ports, &desired.id).await.settings;
    let wanted = Settings {
        max_capacity: Acu::from_f64(32.5),
        backup_retention_days: 35,
        log_exports: BTreeSet::from(["error", "slowquery"].map(str::to_owned)),
        ..desired.settings.clone()
    };
    let differences = seen.differences(&wanted);
    assert_eq!(differences.len(), 3);
    let modify = db_cluster::Change::Modify {
        id: desired.id.clone(),
        settings: Box::new(wanted.clone()),
        differences,
    };
    world.ports.db_cluster.perform(&modify).await.unwrap();
    let done = |seen: Option<&db_cluster::Observed>| {
        seen.is_some_and(|seen| seen.is_available() && seen.settings == wanted)
    };
    until(&world.ports.db_cluster, &desired.id, done).await;
}

async fn snapshot(world: &World, cluster_id: &DbClusterId) {
    use cluster_snapshot::{Change, Desired};
    let port = &world.ports.cluster_snapshot;
    let desired = Desired {
        id: names::final_snapshot(&owner(NAME)),
        cluster_id: cluster_id.clone(),
        tags: tags(NAME),
    };
    let create = Change::Create(desired.clone());
    let seen = made(port, create.clone()).await;
    assert_eq!((&seen.cluster_id, seen.tags), (cluster_id, tags(NAME)));
    let early = Change::Delete(desired.id.clone());
    assert_eq!(kind(port.perform(&early).await), ErrorKind::WrongState);
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    until(port, &desired.id, |seen| {
        seen.is_some_and(|seen| seen.status == "available" && seen.taken_at.is_some())
    })
    .await;
    super::restores::restored(world, cluster_id, &seen.arn).await;
    let delete = Change::Delete(desired.id.clone());
    port.perform(&delete).await.unwrap();
    until(port, &desired.id, |seen| seen.is_none()).await;
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
    let none = Desired {
        cluster_id: "emr-none".into(),
        id: "emr-none-final".into(),
        ..desired
    };
    assert_eq!(
        kind(port.perform(&Change::Create(none)).await),
        ErrorKind::NotFound
    );
}

async fn deleted(world: &World, id: &DbClusterId, settings: &Settings) {
    use db_cluster::Change;
    let port = &world.ports.db_cluster;
    let delete = Change::Delete {
        id: id.clone(),
        retain_automated_backups: true,
    };
    // Protected; then with a member in it.
    let refused = kind(port.perform(&delete).await);
    assert!(
        matches!(refused, ErrorKind::Invalid | ErrorKind::WrongState),
        "{refused:?}"
    );
    assert!(port.read(id).await.unwrap().is_some());
    let seen = available(&world.ports, id).await.settings;
    let wanted = Settings {
        deletion_protection: false,
        ..seen.clone()
    };
    let modify = Change::Modify {
        id: id.clone(),
        differences: seen.differences(&wanted),
        settings: Box::new(wanted),
    };
    port.perform(&modify).await.unwrap();
    let open = |seen: Option<&db_cluster::Observed>| {
        seen.is_some_and(|seen| seen.is_available() && !seen.settings.deletion_protection)
    };
    until(port, id, open).await;
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::WrongState);

    let member = names::db_instance(id, 0);
    let gone = db_instance::Change::Delete(member.clone());
    world.ports.db_instance.perform(&gone).await.unwrap();
    until(&world.ports.db_instance, &member, |seen| seen.is_none()).await;
    assert_eq!(
        kind(world.ports.db_instance.perform(&gone).await),
        ErrorKind::NotFound
    );

    port.perform(&delete).await.unwrap();
    until(port, id, |seen| seen.is_none()).await;
    assert_eq!(listed(port, id).await, None);
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
    let modify = Change::Modify {
        id: id.clone(),
        settings: Box::new(settings.clone()),
        differences: seen.differences(settings),
    };
    assert_eq!(kind(port.perform(&modify).await), ErrorKind::NotFound);
}
