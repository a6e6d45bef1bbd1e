//! Whose a resource is, from the object it is made for.

use emr_resource::{Owner, Tags, UserTags};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
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

/// Makes an object go with its owner, whose deletion does not wait for it.
pub(crate) fn goes_with<K: Resource<DynamicType = ()>>(owner: &K) -> OwnerReference {
    OwnerReference {
        api_version: K::api_version(&()).into_owned(),
        kind: K::kind(&()).into_owned(),
        name: owner.name_any(),
        uid: owner.uid().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(false),
    }
}

/// `{owner}-{purpose}` as the name of an object, cut with a hash where the owner's is too long.
pub fn object_name(owner: &str, purpose: &str) -> String {
    const LIMIT: usize = 253;
    let name = format!("{owner}-{purpose}");
    if name.len() <= LIMIT {
        return name;
    }
    let hash = emr_resource::names::hash(&[owner]);
    let room = LIMIT - purpose.len() - hash.len() - 2;
    format!(
        "{}-{hash}-{purpose}",
        owner[..room].trim_end_matches(['-', '.'])
    )
}

/// What people read in the console, cut to the 255 characters that EC2 and ElastiCache take.
pub(crate) fn description(text: &str) -> String {
    text.chars().take(255).collect()
}

/// Which recurring backups cover something that holds data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Covered {
    /// A database: daily, weekly, monthly.
    Database,
    /// Files: the same.
    Files,
    /// Files: hourly, too.
    FilesHourly,
}

impl Covered {
    pub(crate) const ALL: [Self; 3] = [Self::Database, Self::Files, Self::FilesHourly];

    /// The value of the tag that backup plans select by.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Files => "files",
            Self::FilesHourly => "files-hourly",
        }
    }

    /// These tags, and that.
    pub(crate) fn tag(self, tags: &Tags) -> Tags {
        let mut tags = tags.clone();
        tags.insert(emr_resource::ownership::BACKUP.into(), self.as_str().into());
        tags
    }
}

/// The tags of an owner's resource, with the set it belongs to: an instance's database and files
/// carry the same one (safety.md 2).
pub fn data_tags(owner: &Owner, user: &UserTags) -> Tags {
    let mut tags = owner.tags(user);
    tags.insert(emr_resource::ownership::SET.into(), owner.path());
    tags
}

#[cfg(test)]
mod tests {
    use super::object_name;

    #[test]
    fn the_longest_names_are_cut_and_stay_apart() {
        let (a, b) = (
            format!("{}a", "x".repeat(252)),
            format!("{}b", "x".repeat(252)),
        );
        assert_eq!(object_name("riverside", "cache"), "riverside-cache");
        assert!(object_name(&a, "database-master").len() <= 253);
        assert_ne!(object_name(&a, "cache"), object_name(&b, "cache"));
    }
}
