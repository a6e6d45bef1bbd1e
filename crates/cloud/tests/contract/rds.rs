//! RDS for PostgreSQL: instances that stand alone, from their creation to their last snapshot.

use std::collections::BTreeMap;

use emr_cloud::ErrorKind;
use emr_resource::{
    Mutation, Step, db_parameter_group, db_snapshot,
    ids::{Arn, DbInstanceId, ParameterGroupName},
    names, parameter_group,
    rds_instance::{
        self, CERTIFICATE_AUTHORITY, Change, Desired, Observed, Origin, PORT, Past, Settings,
        Source, Storage, family,
    },
};

use super::{World, databases, key_for, kind, listed, made, owner, tags, until};

const NAME: &str = "rds";
const VERSION: &str = "16.11";

/// A group of the family, with parameters that only PostgreSQL has.
async fn group(world: &World) -> ParameterGroupName {
    use parameter_group::Change as Call;
    let port = &world.ports.db_parameter_group;
    let family = family(VERSION);
    let group = db_parameter_group::Desired {
        name: names::parameter_group("clinics", &family, NAME),
        family: family.clone(),
        description: "Parameters".into(),
        parameters: BTreeMap::new(),
        tags: owner(NAME).shared_tags(&emr_resource::Tags::new()),
    };
    let create = db_parameter_group::Change(Call::Create(group.clone()));
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.family, family);
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    let set = |name: &str, value: &str| {
        db_parameter_group::Change(Call::Set {
            name: group.name.clone(),
            parameters: [(name.to_owned(), value.to_owned())].into(),
        })
    };
    port.perform(&set("rds.force_ssl", "1")).await.unwrap();
    let foreign = port.perform(&set("require_secure_transport", "ON")).await;
    assert_eq!(kind(foreign), ErrorKind::Invalid, "MySQL's alone");
    let seen = port.read(&group.name).await.unwrap().unwrap();
    let details = seen.details.unwrap();
    assert_eq!(details.parameters["rds.force_ssl"], "1");
    group.name
}

async fn desired(world: &World, key: &Arn) -> Desired {
    let cluster = databases::desired(world, NAME, key).await;
    Desired {
        id: names::rds_instance(&owner(NAME)),
        engine_version: VERSION.into(),
        master_username: cluster.master_username,
        master_secret: cluster.master_secret,
        subnet_group: cluster.subnet_group,
        kms_key_arn: key.clone(),
        settings: Settings {
            class: "db.r6g.large".into(),
            multi_az: true,
            storage: Storage {
                allocated_gb: 100,
                max_allocated_gb: 1000,
                iops: None,
                throughput: None,
            },
            parameter_group: group(world).await,
            security_groups: [world.node_group.clone()].into(),
            backup_retention_days: 30,
            backup_window: "03:00-04:00".into(),
            maintenance_window: "sun:05:00-sun:06:00".into(),
            log_exports: ["postgresql", "upgrade"].map(str::to_owned).into(),
            performance_insights_key: Some(key.clone()),
            deletion_protection: true,
            copy_tags_to_snapshot: true,
            auto_minor_version_upgrade: false,
            publicly_accessible: false,
            iam_authentication: false,
            certificate_authority: CERTIFICATE_AUTHORITY.into(),
        },
        origin: Origin::Empty,
        tags: tags(NAME),
    }
}

async fn at_rest(world: &World, id: &DbInstanceId) -> Observed {
    let available = |seen: Option<&Observed>| seen.is_some_and(Observed::is_available);
    until(&world.ports.rds_instance, id, available)
        .await
        .unwrap()
}

/// One thing, changed.
type Edit = fn(&mut Desired);

/// Does what our own plan says until it says nothing more.
async fn follow(world: &World, desired: &Desired) -> Vec<&'static str> {
    let port = &world.ports.rds_instance;
    let mut done = Vec::new();
    for _ in 0..30 {
        let seen = port.read(&desired.id).await.unwrap();
        let step = rds_instance::plan(desired, None, seen.as_ref(), &owner(NAME));
        match step.then(|| rds_instance::take_over(desired, seen.as_ref())) {
            Step::Settled => return done,
            Step::Change(changes) => {
                for change in changes {
                    port.perform(&change).await.unwrap();
                    done.push(change.operation());
                }
            }
            Step::Wait(_) => drop(at_rest(world, &desired.id).await),
            refused @ Step::Refuse(_) => panic!("{refused:?}"),
        }
    }
    panic!("never at rest: {done:?}")
}

pub(crate) async fn rds(world: &World) {
    let port = &world.ports.rds_instance;
    let key = key_for(world, NAME).await;
    let wanted = desired(world, &key).await;
    let create = |edit: fn(&mut Desired)| {
        let mut other = wanted.clone();
        edit(&mut other);
        Change::Create(Box::new(other))
    };
    let wrong: [(Edit, ErrorKind); 7] = [
        (|of| of.engine_version = "16.99".into(), ErrorKind::Invalid),
        (
            |of| of.settings.class = "db.none.large".into(),
            ErrorKind::Invalid,
        ),
        (
            |of| of.settings.storage.allocated_gb = 19,
            ErrorKind::Invalid,
        ),
        (
            |of| of.settings.storage.max_allocated_gb = 109,
            ErrorKind::Invalid,
        ),
        (
            |of| of.settings.log_exports = ["audit".to_owned()].into(),
            ErrorKind::Invalid,
        ),
        (
            |of| of.settings.parameter_group = "emr-none".into(),
            ErrorKind::NotFound,
        ),
        (
            |of| of.subnet_group = "emr-none".into(),
            ErrorKind::NotFound,
        ),
    ];
    for (index, (edit, refused)) in wrong.into_iter().enumerate() {
        let answer = port.perform(&create(edit)).await;
        assert_eq!(kind(answer), refused, "wrong creation {index}");
    }

    let seen = made(port, create(|_| {})).await;
    assert_eq!((&*seen.status, seen.replica_of), ("creating", None));
    let again = port.perform(&create(|_| {})).await;
    assert_eq!(kind(again), ErrorKind::AlreadyExists);
    let member = world.ports.db_instance.read(&wanted.id).await.unwrap();
    assert_eq!(member, None, "it is no member of a cluster");
    let seen = at_rest(world, &wanted.id).await;
    assert_eq!(seen.port, Some(PORT));
    assert!(seen.endpoint.is_some() && seen.resource_id.starts_with("db-"));
    assert!(
        seen.settings.differences(&wanted.settings).is_empty(),
        "{seen:?}"
    );
    let speed = (seen.settings.storage.iops, seen.settings.storage.throughput);
    assert_eq!(speed, (Some(3000), Some(125)), "the baseline");

    changed(world, &wanted).await;
    replicated(world, &wanted).await;
    let snapshot = snapshot(world, &wanted.id).await;
    restored(world, &wanted, &snapshot).await;
    deleted(world, &wanted).await;
}

fn modify(seen: &Observed, edit: impl FnOnce(&mut Settings)) -> Change {
    let mut settings = seen.settings.clone();
    edit(&mut settings);
    Change::Modify {
        id: seen.id.clone(),
        differences: seen.settings.differences(&settings),
        settings: Box::new(settings),
    }
}

/// Class and room; storage that was changed is not changed again for a while, and never shrinks.
async fn changed(world: &World, of: &Desired) {
    let port = &world.ports.rds_instance;
    let seen = at_rest(world, &of.id).await;
    let class = modify(&seen, |settings| settings.class = "db.r6g.xlarge".into());
    port.perform(&class).await.unwrap();
    assert_eq!(kind(port.perform(&class).await), ErrorKind::WrongState);
    let seen = at_rest(world, &of.id).await;
    assert_eq!(seen.settings.class, "db.r6g.xlarge");

    let grow = modify(&seen, |settings| settings.storage.allocated_gb = 105);
    port.perform(&grow).await.unwrap();
    let optimizing =
        |seen: Option<&Observed>| seen.is_some_and(|of| of.status == "storage-optimization");
    let seen = until(port, &of.id, optimizing).await.unwrap();
    assert_eq!(seen.settings.storage.allocated_gb, 110, "a tenth at least");
    let again = modify(&seen, |settings| settings.storage.allocated_gb = 200);
    assert_eq!(kind(port.perform(&again).await), ErrorKind::Invalid);
    let seen = at_rest(world, &of.id).await;
    let mut less = seen.settings.clone();
    less.storage.allocated_gb = 50;
    let shrink = Change::Modify {
        id: of.id.clone(),
        differences: less.differences(&seen.settings),
        settings: Box::new(less),
    };
    assert_eq!(kind(port.perform(&shrink).await), ErrorKind::Invalid);
    // Back to what is wanted, but for the room.
    assert_eq!(follow(world, of).await, ["ModifyDBInstance"]);
    let grown = port.read(&of.id).await.unwrap().unwrap();
    assert_eq!(grown.settings.storage.allocated_gb, 110);
}

async fn replicated(world: &World, of: &Desired) {
    let port = &world.ports.rds_instance;
    let mut replica = Desired {
        id: names::rds_replica(&of.id, 1),
        origin: Origin::Replica(of.id.clone()),
        ..of.clone()
    };
    replica.settings.multi_az = false;
    replica.settings.deletion_protection = false;
    let none = Change::Replicate {
        desired: Box::new(replica.clone()),
        of: "emr-none".into(),
    };
    assert_eq!(kind(port.perform(&none).await), ErrorKind::NotFound);
    let done = follow(world, &replica).await;
    assert_eq!(done.first(), Some(&"CreateDBInstanceReadReplica"));
    let seen = at_rest(world, &replica.id).await;
    assert_eq!(seen.replica_of.as_ref(), Some(&of.id));
    assert_eq!(seen.settings.backup_retention_days, 0);
    assert_eq!(seen.kms_key_arn.as_ref(), Some(&of.kms_key_arn));
    assert_eq!(seen.master_username, of.master_username);
    gone(world, &replica.id, false).await;
}

async fn snapshot(world: &World, of: &DbInstanceId) -> Arn {
    use db_snapshot::{Change, Desired};
    let port = &world.ports.db_snapshot;
    let desired = Desired {
        id: names::final_db_snapshot(&owner(NAME)),
        instance_id: of.clone(),
        tags: tags(NAME),
    };
    let create = Change::Create(desired.clone());
    let seen = made(port, create.clone()).await;
    assert_eq!((&seen.instance_id, seen.tags), (of, tags(NAME)));
    assert_eq!(
        (&*seen.engine, &*seen.engine_version),
        ("postgres", VERSION)
    );
    let early = Change::Delete(desired.id.clone());
    assert_eq!(kind(port.perform(&early).await), ErrorKind::WrongState);
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
    let complete = |seen: Option<&db_snapshot::Observed>| {
        seen.is_some_and(|seen| seen.status == "available" && seen.taken_at.is_some())
    };
    until(port, &desired.id, complete).await;
    let none = Desired {
        instance_id: "emr-none".into(),
        id: "emr-none-final".into(),
        ..desired
    };
    let refused = port.perform(&Change::Create(none)).await;
    assert_eq!(kind(refused), ErrorKind::NotFound);
    at_rest(world, of).await;
    seen.arn
}

/// From the snapshot, from what is there, and from what was retained of one that is gone.
async fn restored(world: &World, of: &Desired, snapshot: &Arn) {
    let port = &world.ports.rds_instance;
    let from = |source: Source| Desired {
        id: format!("{}-again", of.id).as_str().into(),
        origin: Origin::Restored(source),
        ..of.clone()
    };
    let at = |of: Past, at: Option<&str>| Source::PointInTime {
        of,
        at: at.map(|at| at.parse().unwrap()),
    };
    let there = || Past::Instance(of.id.clone());
    for (source, refused) in [
        (
            Source::Snapshot(Arn::new(format!("{snapshot}-none"))),
            ErrorKind::NotFound,
        ),
        (
            at(there(), Some("2999-01-01T00:00:00Z")),
            ErrorKind::Invalid,
        ),
        (
            at(Past::Instance("emr-none".into()), None),
            ErrorKind::NotFound,
        ),
        (
            at(Past::Retained("db-NONE".into()), None),
            ErrorKind::NotFound,
        ),
    ] {
        let restore = Change::Restore {
            desired: Box::new(from(source.clone())),
            source: source.clone(),
        };
        assert_eq!(kind(port.perform(&restore).await), refused, "{source}");
    }
    let mut kept = None;
    let sources = [
        Some(Source::Snapshot(snapshot.clone())),
        Some(at(there(), None)),
        None,
    ];
    for source in sources {
        let source = source.unwrap_or_else(|| at(Past::Retained(kept.take().unwrap()), None));
        let wanted = from(source.clone());
        let done = follow(world, &wanted).await;
        assert!(done[0].starts_with("RestoreDBInstance"), "{done:?}");
        assert_eq!(done.last(), Some(&"ModifyDBInstance"), "it is taken over");
        let seen = at_rest(world, &wanted.id).await;
        assert!(
            seen.settings.differences(&wanted.settings).is_empty(),
            "{source}: {seen:?}"
        );
        assert_eq!(seen.settings.storage.allocated_gb, 110, "the source's room");
        kept = Some(seen.resource_id.clone());
        port.perform(&modify(&seen, |of| of.deletion_protection = false))
            .await
            .unwrap();
        gone(world, &wanted.id, true).await;
    }
}

async fn gone(world: &World, id: &DbInstanceId, retain_automated_backups: bool) {
    let port = &world.ports.rds_instance;
    let open = |seen: Option<&Observed>| {
        seen.is_some_and(|of| of.is_available() && !of.settings.deletion_protection)
    };
    until(port, id, open).await;
    let delete = Change::Delete {
        id: id.clone(),
        retain_automated_backups,
    };
    port.perform(&delete).await.unwrap();
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::WrongState);
    until(port, id, |seen| seen.is_none()).await;
    assert_eq!(listed(port, id).await, None);
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
}

async fn deleted(world: &World, of: &Desired) {
    let port = &world.ports.rds_instance;
    let delete = Change::Delete {
        id: of.id.clone(),
        retain_automated_backups: true,
    };
    assert_eq!(
        kind(port.perform(&delete).await),
        ErrorKind::Invalid,
        "protected"
    );
    let group = db_parameter_group::Change(parameter_group::Change::Delete(
        of.settings.parameter_group.clone(),
    ));
    let used = world.ports.db_parameter_group.perform(&group).await;
    assert_eq!(kind(used), ErrorKind::WrongState, "it is used");
    let seen = at_rest(world, &of.id).await;
    port.perform(&modify(&seen, |of| of.deletion_protection = false))
        .await
        .unwrap();
    gone(world, &of.id, true).await;
    world
        .ports
        .db_parameter_group
        .perform(&group)
        .await
        .unwrap();
    let snapshots = &world.ports.db_snapshot;
    let id = names::final_db_snapshot(&owner(NAME));
    assert!(
        snapshots.read(&id).await.unwrap().is_some(),
        "it outlives it"
    );
    let delete = db_snapshot::Change::Delete(id.clone());
    snapshots.perform(&delete).await.unwrap();
    until(snapshots, &id, |seen| seen.is_none()).await;
    assert_eq!(kind(snapshots.perform(&delete).await), ErrorKind::NotFound);
}
