//! Replication groups with their subnet and parameter groups: from creation through every kind of
//! change and a rotation of the token to the final snapshot.

use std::collections::{BTreeMap, BTreeSet};

use emr_cloud::ErrorKind;
use emr_resource::{
    ResourceType, cache_parameter_group, cache_subnet_group,
    ids::Arn,
    names,
    replication_group::{
        Change, Desired, Observed, ReplicationGroup, Settings, Strategy, Token, family,
    },
    secret,
};

use super::{World, key_for, kind, listed, made, owner, security_group_for, tags, until};

const NAME: &str = "queues";
const VERSION: &str = "8.0";

async fn subnets(world: &World) -> cache_subnet_group::Desired {
    use cache_subnet_group::{Change, Desired};
    let port = &world.ports.cache_subnet_group;
    let all: BTreeSet<_> = world.database_subnets.iter().cloned().collect();
    let two: BTreeSet<_> = all.iter().take(2).cloned().collect();
    let group = Desired {
        name: names::cache_subnet_group(&owner(NAME)),
        description: "Queues".into(),
        subnet_ids: two.clone(),
        tags: tags(NAME),
    };
    let unknown = Desired {
        subnet_ids: ["subnet-00000000000000000".into()].into(),
        ..group.clone()
    };
    let refused = port.perform(&Change::Create(unknown)).await;
    assert_eq!(kind(refused), ErrorKind::Invalid);
    let create = Change::Create(group.clone());
    let seen = made(port, create.clone()).await;
    assert_eq!((seen.subnet_ids, seen.tags), (two, Some(tags(NAME))));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    let change = Change::Modify {
        name: group.name.clone(),
        subnet_ids: all.clone(),
        differences: Vec::new(),
    };
    port.perform(&change).await.unwrap();
    let seen = port.read(&group.name).await.unwrap().unwrap();
    assert_eq!(seen.subnet_ids, all);
    group
}

async fn parameters(world: &World, content: &str) -> cache_parameter_group::Desired {
    use cache_parameter_group::{Change, Desired};
    let port = &world.ports.cache_parameter_group;
    let family = family("valkey", VERSION);
    let group = Desired {
        name: names::cache_parameter_group("clinics", &family, content),
        family: family.clone(),
        description: "Parameters".into(),
        parameters: BTreeMap::new(),
        tags: owner(NAME).shared_tags(&emr_resource::Tags::new()),
    };
    let create = Change::Create(group.clone());
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.family, family);
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    let set = |name: &str, value: &str| Change::Set {
        name: group.name.clone(),
        parameters: [(name.to_owned(), value.to_owned())].into(),
    };
    let unknown = port.perform(&set("no_such_parameter", "1")).await;
    assert_eq!(kind(unknown), ErrorKind::Invalid);
    let ours = set("maxmemory-policy", "noeviction");
    port.perform(&ours).await.unwrap();
    let Change::Set { parameters, .. } = ours else {
        unreachable!()
    };
    let details = port.read(&group.name).await.unwrap().unwrap().details;
    assert_eq!(details.map(|details| details.parameters), Some(parameters));
    group
}

async fn token(world: &World, key: &Arn, purpose: &str) -> Token {
    let secret = names::secret(&owner(NAME), purpose);
    let create = secret::Change::Create(secret::Desired {
        content: secret::Content::Password,
        name: secret.clone(),
        description: "Token of contract".into(),
        kms_key_arn: key.clone(),
        username: "default".into(),
        tags: tags(NAME),
    });
    let seen = made(&world.ports.secret, create).await;
    let version = seen.version.unwrap();
    Token { secret, version }
}

async fn available(world: &World) -> Observed {
    let at_rest = |seen: Option<&Observed>| {
        seen.is_some_and(|seen| seen.is_available() && seen.details.is_some())
    };
    let id = names::replication_group(&owner(NAME));
    let seen = until(&world.ports.replication_group, &id, at_rest).await;
    seen.unwrap()
}

/// Performs it, sees that nothing else may be asked for meanwhile, and waits.
async fn change(world: &World, change: &Change) -> Observed {
    let port = &world.ports.replication_group;
    port.perform(change).await.unwrap();
    let busy = port.perform(change).await;
    assert_eq!(kind(busy), ErrorKind::WrongState, "{change:?}");
    available(world).await
}

fn modify(settings: Settings) -> Change {
    Change::Modify {
        id: names::replication_group(&owner(NAME)),
        settings: Box::new(settings),
        differences: Vec::new(),
    }
}

pub(crate) async fn replication_groups(world: &World) {
    let port = &world.ports.replication_group;
    let key = key_for(world, NAME).await;
    let first = token(world, &key, "token").await;
    let wanted = Desired {
        id: names::replication_group(&owner(NAME)),
        description: "Jobs of contract".into(),
        engine: "valkey".into(),
        engine_version: VERSION.into(),
        node_type: "cache.r7g.large".into(),
        shards: 1,
        replicas: 1,
        multi_az: true,
        automatic_failover: true,
        parameter_group: parameters(world, "first").await.name,
        subnet_group: subnets(world).await.name,
        security_group_id: security_group_for(world, NAME, "cache").await,
        kms_key_arn: key.clone(),
        token: first.clone(),
        maintenance_window: "sun:04:00-sun:05:00".into(),
        snapshot_window: "03:00-04:00".into(),
        snapshot_retention_days: 7,
        tags: tags(NAME),
    };
    refusals(world, &wanted).await;

    let create = Change::Create(Box::new(wanted.clone()));
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.status, "creating");
    assert_eq!(seen.first_token(), Some(first.version));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    let seen = available(world).await;
    as_wanted(&wanted, &seen);
    let mut found = listed(port, &wanted.id).await.unwrap();
    ReplicationGroup::absorb(&mut found, &seen);
    assert_eq!(found, seen);

    changes(world, &wanted).await;
    rotation(world, &key).await;
    removal(world, &wanted).await;
}

async fn refusals(world: &World, wanted: &Desired) {
    let port = &world.ports.replication_group;
    let none = Desired {
        replicas: 0,
        ..wanted.clone()
    };
    let version = Desired {
        engine_version: "5.0".into(),
        ..wanted.clone()
    };
    let parameters = Desired {
        engine: "redis".into(),
        engine_version: "7.1".into(),
        ..wanted.clone()
    };
    let several = Desired {
        automatic_failover: false,
        ..wanted.clone()
    };
    // Cluster mode follows from the parameter group.
    let shards = Desired {
        shards: 2,
        ..wanted.clone()
    };
    for wrong in [none, version, parameters, several, shards] {
        let refused = port.perform(&Change::Create(Box::new(wrong.clone()))).await;
        assert_eq!(kind(refused), ErrorKind::Invalid, "{wrong:?}");
    }
}

fn as_wanted(wanted: &Desired, seen: &Observed) {
    assert_eq!(seen.engine, wanted.engine);
    assert_eq!(seen.node_type, wanted.node_type);
    assert_eq!(
        (seen.shards, seen.replicas, seen.cluster_mode),
        (1, 1, false)
    );
    assert!(seen.multi_az && seen.automatic_failover);
    assert!(seen.encrypted && seen.token_required);
    assert_eq!(seen.kms_key_arn, Some(wanted.kms_key_arn.clone()));
    assert_eq!(seen.snapshot_retention_days, 7);
    assert_eq!(seen.snapshot_window, wanted.snapshot_window);
    assert_eq!(seen.tags, Some(wanted.first_tags()));
    let hosts = [&seen.endpoint, &seen.reader_endpoint];
    let hosts = hosts.map(|host| host.clone().unwrap());
    assert_eq!(hosts.clone().map(|host| host.port), [6379, 6379]);
    assert_ne!(hosts[0].address, hosts[1].address);
    let details = seen.details.clone().unwrap();
    assert!(details.engine_version.starts_with(VERSION));
    assert_eq!(details.parameter_group, wanted.parameter_group);
    assert_eq!(details.subnet_group, wanted.subnet_group);
    let group = wanted.security_group_id.clone();
    assert_eq!(details.security_group_ids, [group].into());
    assert_eq!(details.maintenance_window, wanted.maintenance_window);
    assert!(details.auto_minor_version_upgrade);
}

async fn changes(world: &World, wanted: &Desired) {
    let port = &world.ports.replication_group;
    let id = wanted.id.clone();
    let replicas = |replicas| Change::AddReplicas {
        id: id.clone(),
        replicas,
    };
    let same = port.perform(&replicas(1)).await;
    assert_eq!(kind(same), ErrorKind::AlreadyExists, "it is so already");
    assert_eq!(change(world, &replicas(2)).await.replicas, 2);
    let none = Change::RemoveReplicas {
        id: id.clone(),
        replicas: 0,
    };
    let refused = port.perform(&none).await;
    assert_eq!(kind(refused), ErrorKind::Invalid, "failover needs one");
    let alone = modify(Settings {
        failover: Some((false, false)),
        ..Settings::default()
    });
    let seen = change(world, &alone).await;
    assert!(!seen.automatic_failover && !seen.multi_az);
    assert_eq!(change(world, &none).await.replicas, 0);

    let other = parameters(world, "second").await.name;
    let settings = modify(Settings {
        parameter_group: Some(other.clone()),
        maintenance_window: Some("mon:04:00-mon:05:00".into()),
        snapshot_retention_days: Some(3),
        ..Settings::default()
    });
    let seen = change(world, &settings).await;
    let details = seen.details.unwrap();
    assert_eq!(details.parameter_group, other);
    assert_eq!(details.maintenance_window, "mon:04:00-mon:05:00");
    assert_eq!(seen.snapshot_retention_days, 3);
    let nodes = modify(Settings {
        node_type: Some("cache.r7g.xlarge".into()),
        ..Settings::default()
    });
    assert_eq!(change(world, &nodes).await.node_type, "cache.r7g.xlarge");
    let version = |version: &str| {
        modify(Settings {
            engine_version: Some(version.into()),
            ..Settings::default()
        })
    };
    let seen = change(world, &version("8.1")).await;
    assert!(seen.details.unwrap().engine_version.starts_with("8.1"));
    let lower = port.perform(&version("8.0")).await;
    assert_eq!(kind(lower), ErrorKind::Invalid, "it can't be lowered");
}

/// `SET` comes after `ROTATE` alone, and each tells by its time that it was done.
async fn rotation(world: &World, key: &Arn) {
    let port = &world.ports.replication_group;
    let token = token(world, key, "token-2").await;
    let replace = |strategy| Change::ReplaceToken {
        id: names::replication_group(&owner(NAME)),
        token: token.clone(),
        strategy,
    };
    let refused = port.perform(&replace(Strategy::Set)).await;
    assert_eq!(kind(refused), ErrorKind::Invalid, "rotate it first");
    let mut times = BTreeSet::from([available(world).await.token_modified_at]);
    for strategy in [Strategy::Rotate, Strategy::Set] {
        let seen = change(world, &replace(strategy)).await;
        assert!(seen.token_required);
        assert!(
            times.insert(seen.token_modified_at),
            "{strategy:?}: {times:?}"
        );
    }
}

async fn removal(world: &World, wanted: &Desired) {
    let port = &world.ports.replication_group;
    let subnets = &world.ports.cache_subnet_group;
    let remove = cache_subnet_group::Change::Delete(wanted.subnet_group.clone());
    assert_eq!(kind(subnets.perform(&remove).await), ErrorKind::WrongState);
    let delete = Change::Delete {
        id: wanted.id.clone(),
        final_snapshot: Some(names::cache_final_snapshot(&owner(NAME))),
    };
    port.perform(&delete).await.unwrap();
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::WrongState);
    until(port, &wanted.id, |seen| seen.is_none()).await;
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
    subnets.perform(&remove).await.unwrap();
    assert_eq!(kind(subnets.perform(&remove).await), ErrorKind::NotFound);
    let groups = &world.ports.cache_parameter_group;
    let remove = cache_parameter_group::Change::Delete(wanted.parameter_group.clone());
    groups.perform(&remove).await.unwrap();
    assert_eq!(kind(groups.perform(&remove).await), ErrorKind::NotFound);
}
