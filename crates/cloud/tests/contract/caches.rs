//! Cache users, user groups and serverless caches.

use std::collections::BTreeSet;

use emr_cloud::ErrorKind;
use emr_resource::{
    ResourceType, cache_user, cache_user_group,
    ids::{Arn, CacheUserGroupId, CacheUserId, SecurityGroupId},
    names, secret, security_group, serverless_cache,
};

use super::{World, key_for, kind, listed, made, owner, tags, until};

const ENGINE: &str = "valkey";

pub(crate) async fn caches(world: &World) {
    let kms_key_arn = key_for(world, "caches").await;
    let user = users(world, &kms_key_arn).await;
    let group = user_groups(world, &user).await;
    let security_group = security_group_for(world, "caches", "cache").await;
    serverless_caches(world, &kms_key_arn, &group, &security_group).await;

    let port = &world.ports.cache_user_group;
    let delete = cache_user_group::Change::Delete(group.clone());
    port.perform(&delete).await.unwrap();
    until(port, &group, |seen| seen.is_none()).await;
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
    let port = &world.ports.cache_user;
    let delete = cache_user::Change::Delete(user.clone());
    port.perform(&delete).await.unwrap();
    until(port, &user, |seen| seen.is_none()).await;
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
}

/// A security group for whatever needs one.
pub(crate) async fn security_group_for(
    world: &World,
    name: &str,
    purpose: &str,
) -> SecurityGroupId {
    let create = security_group::Change::Create(security_group::Desired {
        name: names::security_group(&owner(name), purpose),
        vpc_id: world.vpc_id.clone(),
        description: "Data of contract".into(),
        ingress: BTreeSet::new(),
        tags: tags(name),
    });
    made(&world.ports.security_group, create).await.id
}

async fn users(world: &World, kms_key_arn: &Arn) -> CacheUserId {
    use cache_user::{AccessString, Change, Desired, PHP_SESSIONS};
    let password_secret = names::secret(&owner("caches"), "cache");
    let create = secret::Change::Create(secret::Desired {
        content: secret::Content::Password,
        name: password_secret.clone(),
        description: "Cache user of contract".into(),
        kms_key_arn: kms_key_arn.clone(),
        username: "emr".into(),
        tags: tags("caches"),
    });
    made(&world.ports.secret, create).await;

    let port = &world.ports.cache_user;
    let id = names::cache_user(&owner("caches"));
    let create = Change::Create(Box::new(Desired {
        id: id.clone(),
        user_name: id.to_string(),
        engine: ENGINE.into(),
        access: PHP_SESSIONS.into(),
        password_secret,
        tags: tags("caches"),
    }));
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.user_name, id.as_str());
    assert_eq!(seen.access, AccessString::new(PHP_SESSIONS));
    assert_eq!(seen.tags, Some(tags("caches")));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);

    let active = |seen: Option<&cache_user::Observed>| seen.is_some_and(|s| s.status == "active");
    until(port, &id, active).await;
    let read_only = AccessString::new("on ~* +@read");
    let modify = Change::Modify {
        id: id.clone(),
        access: read_only.clone(),
    };
    port.perform(&modify).await.unwrap();
    let seen = until(port, &id, active).await.unwrap();
    assert_eq!(seen.access, read_only);
    assert_eq!(seen.tags, Some(tags("caches")));
    assert_eq!(port.read(&"emr-none".into()).await.unwrap(), None);
    id
}

async fn user_groups(world: &World, user: &CacheUserId) -> CacheUserGroupId {
    use cache_user_group::{Change, Desired, Observed};
    let port = &world.ports.cache_user_group;
    let id = names::cache_user_group(&owner("caches"));
    let create = Change::Create(Desired {
        id: id.clone(),
        engine: ENGINE.into(),
        user_ids: [user.clone()].into(),
        tags: tags("caches"),
    });
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.engine, ENGINE);
    assert_eq!(seen.tags, Some(tags("caches")));
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);

    let active = |seen: Option<&Observed>| seen.is_some_and(|seen| seen.status == "active");
    let seen = until(port, &id, active).await.unwrap();
    assert_eq!(seen.user_ids, [user.clone()].into());
    let user = world.ports.cache_user.read(user).await.unwrap().unwrap();
    assert_eq!(user.group_ids, [id.clone()].into());
    assert_eq!(port.read(&"emr-none".into()).await.unwrap(), None);
    id
}

async fn serverless_caches(
    world: &World,
    kms_key_arn: &Arn,
    group: &CacheUserGroupId,
    security_group: &SecurityGroupId,
) {
    use serverless_cache::{Change, Desired, Observed, Settings};
    let port = &world.ports.serverless_cache;
    let name = names::cache(&owner("caches"));
    let subnet_ids: BTreeSet<_> = world.database_subnets.iter().cloned().collect();
    let create = Change::Create(Box::new(Desired {
        name: name.clone(),
        description: "Sessions of contract".into(),
        engine: ENGINE.into(),
        major_version: "8".into(),
        max_data_gb: 20,
        max_ecpu: 5000,
        kms_key_arn: kms_key_arn.clone(),
        security_group_id: security_group.clone(),
        subnet_ids: subnet_ids.clone(),
        user_group_id: group.clone(),
        snapshot_retention_days: 0,
        daily_snapshot_time: None,
        tags: tags("caches"),
    }));
    let seen = made(port, create.clone()).await;
    assert_eq!(seen.status, "creating");
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);

    let available = |seen: Option<&Observed>| seen.is_some_and(Observed::is_available);
    let seen = until(port, &name, available).await.unwrap();
    assert_eq!(seen.description, "Sessions of contract");
    assert_eq!(
        (seen.engine.as_str(), seen.major_version.as_str()),
        (ENGINE, "8")
    );
    assert_eq!((seen.max_data_gb, seen.max_ecpu), (Some(20), Some(5000)));
    assert_eq!(seen.kms_key_arn, Some(kms_key_arn.clone()));
    assert_eq!(seen.security_group_ids, [security_group.clone()].into());
    assert_eq!(seen.subnet_ids, subnet_ids);
    assert_eq!(seen.user_group_id, Some(group.clone()));
    assert_eq!(seen.snapshot_retention_days, 0);
    assert_eq!(seen.tags, Some(tags("caches")));
    assert_eq!(
        seen.endpoint.as_ref().map(|endpoint| endpoint.port),
        Some(6379)
    );
    assert_eq!(
        seen.reader_endpoint.as_ref().map(|endpoint| endpoint.port),
        Some(6380)
    );
    let mut found = listed(port, &name).await.unwrap();
    serverless_cache::ServerlessCache::absorb(&mut found, &seen);
    assert_eq!(found, seen);
    let used = world
        .ports
        .cache_user_group
        .read(group)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(used.caches, [name.clone()].into());

    let modify = Change::Modify {
        name: name.clone(),
        settings: Box::new(Settings {
            limits: Some((20, 9000)),
            snapshot_retention_days: Some(3),
            daily_snapshot_time: Some("04:00".into()),
            ..Settings::default()
        }),
        differences: Vec::new(),
    };
    port.perform(&modify).await.unwrap();
    assert_eq!(kind(port.perform(&modify).await), ErrorKind::WrongState);
    let changed = until(port, &name, available).await.unwrap();
    assert_eq!(
        (changed.max_data_gb, changed.max_ecpu),
        (Some(20), Some(9000))
    );
    assert_eq!(changed.snapshot_retention_days, 3);
    assert_eq!(changed.daily_snapshot_time.as_deref(), Some("04:00"));
    assert_eq!(changed.user_group_id, seen.user_group_id);

    let final_snapshot = Some(format!("{name}-final"));
    let delete = Change::Delete {
        name: name.clone(),
        final_snapshot,
    };
    let reply = port.perform(&delete).await.unwrap();
    assert_eq!(reply.map(|reply| reply.status), Some("deleting".into()));
    until(port, &name, |seen| seen.is_none()).await;
    assert_eq!(kind(port.perform(&delete).await), ErrorKind::NotFound);
}
