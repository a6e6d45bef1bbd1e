//! Security groups, subnet groups, parameter groups.

use std::collections::{BTreeMap, BTreeSet};

use emr_cloud::ErrorKind;
use emr_resource::{names, parameter_group, security_group, subnet_group};

use super::{World, kind, made, owner, tags};

pub(crate) async fn security_groups(world: &World) {
    use security_group::{Change, Desired, IngressRule, Source};
    let port = &world.ports.security_group;
    let name = names::security_group(&owner("groups"), "db");
    let create = Change::Create(Desired {
        name: name.clone(),
        vpc_id: world.vpc_id.clone(),
        description: "Database of contract/groups".into(),
        ingress: BTreeSet::new(),
        tags: tags("groups"),
    });
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.tags, tags("groups"));
    assert_eq!(seen.ingress, BTreeSet::new());
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);

    let ours = IngressRule::tcp(3306, &world.node_group);
    let world_open = IngressRule {
        protocol: "tcp".into(),
        ports: Some((3306, 3306)),
        source: Source::Ipv4("0.0.0.0/0".into()),
    };
    let id = seen.id.clone();
    let rules: BTreeSet<_> = [ours.clone(), world_open.clone()].into();
    let authorize = Change::Authorize {
        name: name.clone(),
        id: id.clone(),
        rules: rules.clone(),
    };
    port.perform(&authorize).await.unwrap();
    assert_eq!(port.read(&name).await.unwrap().unwrap().ingress, rules);
    assert_eq!(
        kind(port.perform(&authorize).await),
        ErrorKind::AlreadyExists
    );

    let rules = [world_open].into();
    port.perform(&Change::Revoke {
        name: name.clone(),
        id: id.clone(),
        rules,
    })
    .await
    .unwrap();
    assert_eq!(
        port.read(&name).await.unwrap().unwrap().ingress,
        [ours].into()
    );

    let delete = Change::Delete {
        name: name.clone(),
        id,
    };
    port.perform(&delete).await.unwrap();
    assert_eq!(port.read(&name).await.unwrap(), None);
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
}

pub(crate) async fn subnet_groups(world: &World) {
    use subnet_group::{Change, Desired};
    let port = &world.ports.subnet_group;
    let name = names::subnet_group(&owner("subnets"));
    let all: BTreeSet<_> = world.database_subnets.iter().cloned().collect();
    let two: BTreeSet<_> = all.iter().take(2).cloned().collect();
    let desired = Desired {
        name: name.clone(),
        description: "Databases".into(),
        subnet_ids: two.clone(),
        tags: tags("subnets"),
    };
    let one_zone = Desired {
        subnet_ids: two.iter().take(1).cloned().collect(),
        ..desired.clone()
    };
    assert_eq!(
        kind(port.perform(&Change::Create(one_zone)).await),
        ErrorKind::Invalid
    );

    let seen = made(port, Change::Create(desired.clone())).await;
    assert_eq!((seen.subnet_ids, seen.tags), (two, Some(tags("subnets"))));
    assert_eq!(
        kind(port.perform(&Change::Create(desired)).await),
        ErrorKind::AlreadyExists
    );

    let change = Change::Modify {
        name: name.clone(),
        subnet_ids: all.clone(),
        differences: Vec::new(),
    };
    port.perform(&change).await.unwrap();
    assert_eq!(port.read(&name).await.unwrap().unwrap().subnet_ids, all);
    port.perform(&Change::Delete(name.clone())).await.unwrap();
    assert_eq!(port.read(&name).await.unwrap(), None);
    assert_eq!(
        kind(port.perform(&Change::Delete(name)).await),
        ErrorKind::NotFound
    );
}

pub(crate) async fn parameter_groups(world: &World) {
    use parameter_group::{Change, Desired};
    let port = &world.ports.parameter_group;
    let name = names::parameter_group("clinics", "aurora-mysql8.0", "contract");
    let desired = Desired {
        name: name.clone(),
        family: "aurora-mysql8.0".into(),
        description: "Parameters".into(),
        parameters: BTreeMap::new(),
        tags: owner("x").shared_tags(&emr_resource::Tags::new()),
    };
    let seen = made(port, Change::Create(desired.clone())).await;
    assert_eq!(seen.family, "aurora-mysql8.0");
    assert_eq!(
        kind(port.perform(&Change::Create(desired)).await),
        ErrorKind::AlreadyExists
    );

    // One that takes effect at once, and one that waits for a reboot.
    let parameters: BTreeMap<_, _> = [("require_secure_transport", "ON"), ("binlog_format", "ROW")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let set = Change::Set {
        name: name.clone(),
        parameters: parameters.clone(),
    };
    port.perform(&set).await.unwrap();
    let details = port.read(&name).await.unwrap().unwrap().details.unwrap();
    assert_eq!(details.parameters, parameters);

    let unknown = [("no_such_parameter".to_owned(), "1".to_owned())].into();
    let set = Change::Set {
        name: name.clone(),
        parameters: unknown,
    };
    assert_eq!(kind(port.perform(&set).await), ErrorKind::Invalid);
    port.perform(&Change::Delete(name.clone())).await.unwrap();
    assert_eq!(port.read(&name).await.unwrap(), None);
    assert_eq!(
        kind(port.perform(&Change::Delete(name)).await),
        ErrorKind::NotFound
    );
}
