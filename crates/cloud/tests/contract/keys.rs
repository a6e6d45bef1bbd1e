//! Keys, secrets and log groups.

use emr_cloud::ErrorKind;
use emr_resource::{
    Difference, Tags,
    ids::{Arn, KeyAlias, LogGroupName, SecretVersion},
    key, log_group, names, secret,
};

use super::{World, kind, listed, owner, tags};

/// A key for whatever needs one.
pub(crate) async fn key_for(world: &World, name: &str) -> Arn {
    let seen = new_key(world, name).await;
    seen.details.unwrap().arn
}

fn desired_key(world: &World, name: &str) -> key::Desired {
    let alias = names::key_alias(&owner(name));
    let mut tags = tags(name);
    tags.insert(key::ALIAS_TAG.into(), alias.to_string());
    key::Desired {
        alias,
        description: "Data of contract".into(),
        policy: key::key_policy(&world.account, &world.region),
        tags,
    }
}

async fn new_key(world: &World, name: &str) -> key::Observed {
    use key::Change;
    let port = &world.ports.key;
    let desired = desired_key(world, name);
    let alias = desired.alias.clone();
    assert_eq!(port.read(&alias).await.unwrap(), None);
    let reply = port
        .perform(&Change::Create(Box::new(desired.clone())))
        .await
        .unwrap()
        .unwrap();
    // Made and not named yet: found by its tag, as after a crash.
    let seen = port
        .read(&alias)
        .await
        .unwrap()
        .expect("a key without its alias is found");
    assert_eq!(seen, reply);
    assert!(!seen.has_alias);
    assert_eq!(seen.details.clone().unwrap().tags, desired.tags);

    let named = Change::CreateAlias {
        alias: alias.clone(),
        id: seen.id.clone(),
    };
    port.perform(&named).await.unwrap();
    assert_eq!(kind(port.perform(&named).await), ErrorKind::AlreadyExists);
    port.perform(&Change::EnableRotation {
        alias: alias.clone(),
        id: seen.id,
    })
    .await
    .unwrap();
    port.read(&alias).await.unwrap().unwrap()
}

pub(crate) async fn keys(world: &World) {
    let seen = new_key(world, "keys").await;
    let details = seen.details.clone().unwrap();
    assert!(seen.has_alias && details.rotation);
    assert_eq!(details.state, "Enabled");
    let found = listed(&world.ports.key, &seen.alias).await.unwrap();
    assert_eq!((found.id, found.has_alias), (seen.id, true));
    let none = KeyAlias::new("alias/emr-none");
    assert_eq!(world.ports.key.read(&none).await.unwrap(), None);
}

pub(crate) async fn secrets(world: &World) {
    use secret::{Change, Desired};
    let port = &world.ports.secret;
    let kms_key_arn = key_for(world, "secrets").await;
    let name = names::secret(&owner("secrets"), "master");
    let create = Change::Create(Desired {
        content: emr_resource::secret::Content::Password,
        name: name.clone(),
        description: "Master user".into(),
        kms_key_arn,
        username: "admin".into(),
        tags: tags("secrets"),
    });
    assert_eq!(
        kind(world.ports.secret_values.read(&name).await),
        ErrorKind::NotFound
    );
    let replied = port.perform(&create).await.unwrap().unwrap();
    let seen = port.read(&name).await.unwrap().unwrap();
    assert_eq!(seen.tags, tags("secrets"));
    assert!(!seen.deletion_scheduled);
    // All three say the same, so that a copy is made once.
    assert!(seen.version.is_some());
    assert_eq!(replied.version, seen.version);
    assert_eq!(listed(port, &name).await.unwrap().version, seen.version);
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);

    let value = world.ports.secret_values.read(&name).await.unwrap();
    assert_eq!(value.username, "admin");
    assert_eq!(value.password.len(), 32);
    assert!(value.password.chars().all(|c| c.is_ascii_alphanumeric()));

    let desired = match &create {
        Change::Create(desired) => desired.clone(),
        _ => unreachable!(),
    };
    let renewed = SecretVersion::new("0b1c5a52-6f0e-4c4e-9b0d-1f6f3d0a9c11-1800000000");
    let renew = Change::Renew(desired, renewed.clone());
    let replied = port.perform(&renew).await.unwrap().unwrap();
    let seen = port.read(&name).await.unwrap().unwrap();
    assert_eq!(replied, seen);
    assert_eq!(seen.version, Some(renewed));
    let former = value;
    let value = world.ports.secret_values.read(&name).await.unwrap();
    assert_eq!(value.username, former.username);
    assert_ne!(value.password, former.password);
    // Once more, as after a crash: what the first made stays.
    assert_eq!(kind(port.perform(&renew).await), ErrorKind::AlreadyExists);
    assert_eq!(world.ports.secret_values.read(&name).await.unwrap(), value);

    port.perform(&Change::Delete(name.clone())).await.unwrap();
    assert!(kind(port.perform(&renew).await) != ErrorKind::AlreadyExists);
    assert!(port.read(&name).await.unwrap().unwrap().deletion_scheduled);
    assert!(listed(port, &name).await.unwrap().deletion_scheduled);
    port.perform(&Change::Restore(name.clone())).await.unwrap();
    assert!(!port.read(&name).await.unwrap().unwrap().deletion_scheduled);
    assert_eq!(world.ports.secret_values.read(&name).await.unwrap(), value);
}

pub(crate) async fn log_groups(world: &World) {
    use log_group::{Change, Desired};
    let port = &world.ports.log_group;
    let kms_key_arn = key_for(world, "logs").await;
    let name = names::db_log_group(&names::db_cluster(&owner("logs")), "audit");
    let create = Change::Create(Desired {
        name: name.clone(),
        kms_key_arn: kms_key_arn.clone(),
        retention_days: 365,
        tags: Tags::new(),
    });
    let reply = port.perform(&create).await.unwrap();
    let seen = port.read(&name).await.unwrap();
    assert_eq!(reply, seen, "what we say of a new group is what AWS says");
    assert_eq!(listed(port, &name).await, seen);
    assert_eq!(kind(port.perform(&create).await), ErrorKind::AlreadyExists);

    let difference = Difference {
        field: "retention",
        seen: "None".into(),
        wanted: "365".into(),
    };
    let retention = Change::SetRetention {
        name: name.clone(),
        days: 365,
        difference,
    };
    port.perform(&retention).await.unwrap();
    assert_eq!(
        port.read(&name).await.unwrap().unwrap().retention_days,
        Some(365)
    );
    port.perform(&Change::SetKey { name, kms_key_arn })
        .await
        .unwrap();
    let none = LogGroupName::new("/aws/rds/cluster/emr-none/audit");
    assert_eq!(port.read(&none).await.unwrap(), None);
}
