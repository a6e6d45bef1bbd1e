//! File systems, mount targets and access points.

use std::collections::BTreeMap;

use emr_cloud::ErrorKind;
use emr_resource::{
    Difference, Mutation, ResourceType, access_point, file_system,
    ids::{Arn, FileSystemId, SecurityGroupId, SubnetId, Zone},
    names,
};

use super::{World, backups, key_for, kind, listed, made, owner, security_group_for, tags, until};

pub(crate) async fn files(world: &World) {
    use file_system::{Change, FileSystem};
    let kms_key_arn = key_for(world, "files").await;
    let security_group = security_group_for(world, "files", "files").await;
    let port = &world.ports.file_system;
    let desired = desired(world, &kms_key_arn, &security_group).await;
    let token = desired.token.clone();
    let create = Change::Create(Box::new(desired.clone()));
    made(port, create.clone()).await;
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);

    let seen = until(port, &token, at_rest).await.unwrap();
    assert_eq!(seen.kms_key_arn.as_ref(), Some(&kms_key_arn));
    assert_eq!(seen.throughput, desired.throughput);
    assert_eq!(seen.tags, tags("files"));
    assert_eq!(
        seen.details
            .as_ref()
            .map(|details| details.automatic_backups),
        Some(true)
    );

    mount_targets(world, &seen.id, &desired).await;
    settings(world, &seen.id, &desired).await;
    let seen = port.read(&token).await.unwrap().unwrap();
    let mut found = listed(port, &token).await.unwrap();
    assert!(FileSystem::lacks_details(&found));
    FileSystem::absorb(&mut found, &seen);
    assert_eq!(found, seen);

    access_points(world, &seen.id).await;
    backups(world, &seen.arn, &kms_key_arn).await;
    gone(world, &seen).await;
}

fn at_rest(seen: Option<&file_system::Observed>) -> bool {
    seen.is_some_and(|seen| !file_system::FileSystem::in_transition(seen))
}

async fn desired(
    world: &World,
    kms_key_arn: &Arn,
    security_group: &SecurityGroupId,
) -> file_system::Desired {
    let subnets = world.ports.discovery.subnets(&world.vpc_id).await.unwrap();
    let mut mount_targets: BTreeMap<Zone, SubnetId> = BTreeMap::new();
    for subnet in subnets {
        mount_targets.entry(subnet.zone).or_insert(subnet.id);
    }
    assert_eq!(mount_targets.len(), 3);
    file_system::Desired {
        token: names::file_system(&owner("files")),
        kms_key_arn: kms_key_arn.clone(),
        throughput: file_system::Throughput::Elastic,
        lifecycle: file_system::Lifecycle::default(),
        automatic_backups: true,
        mount_targets,
        security_group_id: security_group.clone(),
        tags: tags("files"),
    }
}

async fn mount_targets(world: &World, id: &FileSystemId, desired: &file_system::Desired) {
    use file_system::Change;
    let port = &world.ports.file_system;
    let create = |(zone, subnet_id): (&Zone, &SubnetId)| Change::CreateMountTarget {
        token: desired.token.clone(),
        id: id.clone(),
        zone: zone.clone(),
        subnet_id: subnet_id.clone(),
        security_group_id: desired.security_group_id.clone(),
    };
    for change in desired.mount_targets.iter().map(create) {
        port.perform(&change).await.unwrap();
        assert_eq!(kind(port.perform(&change).await), ErrorKind::AlreadyExists);
    }
    let seen = until(port, &desired.token, at_rest).await.unwrap();
    assert_eq!(seen.number_of_mount_targets, 3);
    let targets = seen.details.unwrap().mount_targets;
    let zones: BTreeMap<_, _> = targets
        .iter()
        .map(|target| (target.zone.clone(), target.subnet_id.clone()))
        .collect();
    assert_eq!(zones, desired.mount_targets);
    for target in &targets {
        assert_eq!(
            target.security_group_ids,
            [desired.security_group_id.clone()].into()
        );
        assert!(target.ip.is_some());
    }

    let opened = &targets[0];
    let modify = Change::ModifyMountTargetSecurityGroups {
        token: desired.token.clone(),
        mount_target_id: opened.id.clone(),
        security_group_id: world.node_group.clone(),
        difference: Difference {
            field: "x",
            seen: String::new(),
            wanted: String::new(),
        },
    };
    port.perform(&modify).await.unwrap();
    let seen = port.read(&desired.token).await.unwrap().unwrap();
    let targets = seen.details.unwrap().mount_targets;
    let changed = targets
        .iter()
        .find(|target| target.id == opened.id)
        .unwrap();
    assert_eq!(
        changed.security_group_ids,
        [world.node_group.clone()].into()
    );
}

async fn settings(world: &World, id: &FileSystemId, desired: &file_system::Desired) {
    use file_system::{Change, Lifecycle, Throughput};
    let port = &world.ports.file_system;
    let token = &desired.token;
    let lifecycle = Lifecycle {
        to_ia_days: Some(30),
        to_archive_days: Some(90),
        to_primary_on_first_access: true,
    };
    let throughput = Throughput::Provisioned { mibps: 16 };
    for change in [
        Change::PutLifecycle {
            token: token.clone(),
            id: id.clone(),
            lifecycle: lifecycle.clone(),
        },
        Change::PutBackupPolicy {
            token: token.clone(),
            id: id.clone(),
            automatic_backups: false,
        },
        Change::UpdateThroughput {
            token: token.clone(),
            id: id.clone(),
            throughput: throughput.clone(),
            difference: Difference {
                field: "x",
                seen: String::new(),
                wanted: String::new(),
            },
        },
    ] {
        port.perform(&change).await.unwrap();
        until(port, token, at_rest).await;
    }
    let seen = port.read(token).await.unwrap().unwrap();
    assert_eq!(seen.throughput, throughput);
    let details = seen.details.unwrap();
    assert_eq!(details.lifecycle, lifecycle);
    assert!(!details.automatic_backups);
}

async fn access_points(world: &World, file_system_id: &FileSystemId) {
    use access_point::{Change, CreationInfo, Desired, Observed, PosixUser};
    let port = &world.ports.access_point;
    for (name, posix_user) in [
        ("sites", None),
        ("other", Some(PosixUser { uid: 7, gid: 8 })),
    ] {
        let path = format!("/{name}");
        let desired = Desired {
            token: names::access_point(&owner("files"), name, &path),
            file_system_id: file_system_id.clone(),
            name: name.into(),
            path: path.clone(),
            creation_info: CreationInfo {
                uid: 1000,
                gid: 101,
                permissions: "0755".into(),
            },
            posix_user,
            tags: tags("files"),
        };
        let create = Change::Create(Box::new(desired.clone()));
        made(port, create.clone()).await;
        assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);
        let available = |seen: Option<&Observed>| seen.is_some_and(|s| s.state == "available");
        let seen = until(port, &desired.token, available).await.unwrap();
        assert_eq!(&seen.file_system_id, file_system_id);
        assert_eq!((seen.path, seen.posix_user), (path, posix_user));
        assert_eq!(seen.creation_info, Some(desired.creation_info));
        assert_eq!(seen.name.as_deref(), Some(name));
        assert!(
            tags("files")
                .iter()
                .all(|(key, value)| seen.tags.get(key) == Some(value))
        );

        let delete = Change::Delete {
            token: desired.token.clone(),
            id: seen.id,
        };
        port.perform(&delete).await.unwrap();
        let gone = |seen: Option<&Observed>| seen.is_none_or(|seen| seen.state == "deleted");
        until(port, &desired.token, gone).await;
        assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
    }
}

async fn gone(world: &World, seen: &file_system::Observed) {
    use file_system::Change;
    let port = &world.ports.file_system;
    let delete = Change::Delete {
        token: seen.token.clone(),
        id: seen.id.clone(),
    };
    assert_eq!(delete.operation(), "DeleteFileSystem");
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::WrongState);
    for target in &seen.details.as_ref().unwrap().mount_targets {
        let delete = Change::DeleteMountTarget {
            token: seen.token.clone(),
            mount_target_id: target.id.clone(),
            zone: target.zone.clone(),
        };
        port.perform(&delete).await.unwrap();
    }
    until(port, &seen.token, |seen| {
        seen.is_some_and(|s| s.number_of_mount_targets == 0)
    })
    .await;
    port.perform(&delete).await.unwrap();
    until(port, &seen.token, |seen| seen.is_none()).await;
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
}
