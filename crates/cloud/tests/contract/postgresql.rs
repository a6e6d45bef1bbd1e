//! Aurora PostgreSQL: what differs from Aurora MySQL.

use std::collections::{BTreeMap, BTreeSet};

use emr_cloud::ErrorKind;
use emr_resource::{
    db_cluster::{self, Engine, Settings},
    db_instance, names, parameter_group,
};

use super::{
    World,
    databases::{available, desired},
    key_for, kind, made, owner, tags,
};

const NAME: &str = "postgresql";
const VERSION: &str = "16.6";

/// A group without parameters.
async fn group(world: &World, family: &str) -> parameter_group::Desired {
    let group = parameter_group::Desired {
        name: names::parameter_group("clinics", family, NAME),
        family: family.to_owned(),
        description: "Parameters".into(),
        parameters: BTreeMap::new(),
        tags: owner(NAME).shared_tags(&emr_resource::Tags::new()),
    };
    let create = parameter_group::Change::Create(group.clone());
    let seen = made(&world.ports.parameter_group, create).await;
    assert_eq!(seen.family, family);
    group
}

/// A group of the family, with parameters that only PostgreSQL has.
async fn parameters(world: &World) -> parameter_group::Desired {
    use parameter_group::Change;
    let port = &world.ports.parameter_group;
    let family = Engine::AuroraPostgresql.family(VERSION);
    let group = group(world, &family).await;
    let set = |name: &str| Change::Set {
        name: group.name.clone(),
        parameters: [(name.to_owned(), "1".to_owned())].into(),
    };
    let set_ours = Change::Set {
        name: group.name.clone(),
        parameters: [("rds.force_ssl", "1"), ("log_statement", "ddl")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    };
    port.perform(&set_ours).await.unwrap();
    let foreign = port.perform(&set("require_secure_transport")).await;
    assert_eq!(kind(foreign), ErrorKind::Invalid, "MySQL's alone");
    group
}

pub(crate) async fn postgresql(world: &World) {
    let port = &world.ports.db_cluster;
    let key = key_for(world, NAME).await;
    let ours = parameters(world).await;
    let of_mysql = group(world, "aurora-mysql8.0").await;
    let mysql = desired(world, NAME, &key).await;
    let wanted = db_cluster::Desired {
        engine: Engine::AuroraPostgresql,
        engine_version: VERSION.into(),
        port: Engine::AuroraPostgresql.port(),
        settings: Settings {
            parameter_group: ours.name,
            log_exports: BTreeSet::from(["postgresql".to_owned()]),
            deletion_protection: false,
            ..mysql.settings.clone()
        },
        ..mysql.clone()
    };
    let create = |desired| db_cluster::Change::Create(Box::new(desired));
    let other_family = db_cluster::Desired {
        settings: Settings {
            parameter_group: of_mysql.name,
            ..wanted.settings.clone()
        },
        ..wanted.clone()
    };
    let refused = port.perform(&create(other_family)).await;
    assert_eq!(kind(refused), ErrorKind::Invalid, "MySQL's parameter group");
    let other_version = db_cluster::Desired {
        engine_version: mysql.engine_version.clone(),
        ..wanted.clone()
    };
    let refused = port.perform(&create(other_version)).await;
    assert_eq!(kind(refused), ErrorKind::Invalid, "MySQL's version");

    made(port, create(wanted.clone())).await;
    let seen = available(&world.ports, &wanted.id).await;
    assert_eq!(
        (&*seen.engine, &*seen.engine_version, seen.port),
        ("aurora-postgresql", VERSION, Some(5432))
    );
    assert_eq!(seen.settings, wanted.settings);

    let member = |engine| {
        db_instance::Change::Create(Box::new(db_instance::Desired {
            id: names::db_instance(&wanted.id, 0),
            cluster_id: wanted.id.clone(),
            engine,
            class: "db.serverless".into(),
            zone: None,
            promotion_tier: 0,
            performance_insights_key: None,
            tags: tags(NAME),
        }))
    };
    let instances = &world.ports.db_instance;
    let refused = instances.perform(&member(Engine::AuroraMysql)).await;
    assert_eq!(
        kind(refused),
        ErrorKind::Invalid,
        "the cluster has another engine"
    );
    made(instances, member(Engine::AuroraPostgresql)).await;
}
