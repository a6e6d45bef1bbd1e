//! Whose a resource is, from the object it is made for.

use emr_resource::{Owner, Tags};
use kube::{Resource, ResourceExt};

/// The owner that tags name.
pub fn owner_of<K: Resource<DynamicType = ()>>(object: &K, cluster: &str) -> Owner {
    Owner {
        cluster: cluster.to_owned(),
        kind: K::kind(&()).into_owned(),
        namespace: object.namespace().unwrap_or_default(),
        name: object.name_any(),
        uid: object.uid().unwrap_or_default(),
    }
}

/// The tags of an owner's resource, with the set it belongs to: an instance's database and files
/// carry the same one (safety.md 2).
pub fn data_tags(owner: &Owner, user: &Tags) -> Tags {
    let mut tags = owner.tags(user);
    tags.insert(emr_resource::ownership::SET.into(), owner.path());
    tags
}
