//! What every AWS behind [`Ports`] must do, be it the SDK or one in memory. Functions over the
//! ports, so that both are held to the same.

mod backups;
mod caches;
mod databases;
mod files;
#[cfg(feature = "memory")]
mod foresight;
mod groups;
mod keys;
#[cfg(feature = "memory")]
mod memory;
mod objects;
mod others;
mod postgresql;
mod rds;
mod replication_groups;
mod restores;

use std::{fmt::Debug, sync::Arc, time::Duration};

use emr_cloud::{CloudError, ErrorKind, Port, Ports};
use emr_resource::{
    Owner, ResourceType, Tags,
    ids::{AccountId, Region, SecurityGroupId, SubnetId, VpcId},
};

pub(crate) use self::{
    backups::*, caches::*, databases::*, files::*, groups::*, keys::*, objects::*, others::*,
    postgresql::*, rds::rds, replication_groups::*,
};

/// An account with a network and a cluster in it.
pub(crate) struct World {
    pub(crate) ports: Ports,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) cluster: String,
    pub(crate) vpc_id: VpcId,
    pub(crate) database_subnets: Vec<SubnetId>,
    pub(crate) node_group: SecurityGroupId,
}

pub(crate) fn owner(name: &str) -> Owner {
    Owner {
        cluster: "clinics".into(),
        kind: "ManagedDatabase".into(),
        namespace: "contract".into(),
        name: name.into(),
        uid: "6f1c7a52-0000-4000-8000-000000000000".into(),
    }
}

pub(crate) fn tags(name: &str) -> Tags {
    owner(name).tags(&Tags::from([("team".to_owned(), "a b".to_owned())]))
}

/// The one of that identity, from whichever page shows it.
pub(crate) async fn listed<R: ResourceType>(
    port: &Arc<dyn Port<R>>,
    id: &R::Id,
) -> Option<R::Observed> {
    let mut cursor = None;
    loop {
        let page = port.list(cursor).await.unwrap();
        for item in page.items {
            if R::id(&item).as_ref() == Some(id) {
                return Some(item);
            }
        }
        cursor = Some(page.next?);
    }
}

/// Reads until it is as wished.
pub(crate) async fn until<R: ResourceType>(
    port: &Arc<dyn Port<R>>,
    id: &R::Id,
    wish: impl Fn(Option<&R::Observed>) -> bool,
) -> Option<R::Observed> {
    for _ in 0..600 {
        let seen = port.read(id).await.unwrap();
        if wish(seen.as_ref()) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{} {id} never came to be as wished", R::NAME);
}

/// Makes it, and holds the reply, the read and the list to the same identity and tags.
pub(crate) async fn made<R: ResourceType>(
    port: &Arc<dyn Port<R>>,
    change: R::Change,
) -> R::Observed {
    let id = R::changed(&change);
    assert_eq!(
        port.read(&id).await.unwrap(),
        None,
        "{} {id} is there already",
        R::NAME
    );
    let reply = port.perform(&change).await.unwrap();
    let read = port
        .read(&id)
        .await
        .unwrap()
        .expect("what was made is there");
    assert!(
        !R::lacks_details(&read),
        "a single read tells everything: {read:?}"
    );
    if let Some(reply) = reply {
        assert_eq!(R::id(&reply), Some(id.clone()));
        if let (Some(reply), Some(read)) = (R::tags(&reply), R::tags(&read)) {
            assert_eq!(reply, read, "the reply tells other tags");
        }
    }
    let mut listed = listed(port, &id).await.expect("the list shows it");
    R::absorb(&mut listed, &read);
    if !R::in_transition(&read) {
        assert_eq!(listed, read, "the list and the read tell different things");
    }
    read
}

/// The kind of an error that must be one.
pub(crate) fn kind<T: Debug>(result: Result<T, CloudError>) -> ErrorKind {
    result.unwrap_err().kind
}
