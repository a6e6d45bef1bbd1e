//! Ownership tags: the one record, kept with the resource itself, of whose it is.
//!
//! | tag | value |
//! |---|---|
//! | `emrstack.dev/managed-by` | `emr-operator` |
//! | `emrstack.dev/cluster` | the Kubernetes cluster's name |
//! | `emrstack.dev/kind` | the custom resource's kind |
//! | `emrstack.dev/namespace` | its namespace; absent for cluster-scoped kinds |
//! | `emrstack.dev/name` | its name |
//! | `emrstack.dev/uid` | its UID, so that a rebuilt cluster is told from the old one |
//!
//! The halves of a set carry more ([`SET`], [`SET_ID`] and what follows): with them alone a set is found
//! and restored where no custom resource is left.
//!
//! Invariant: whatever [`claim`] does not call [`Claim::Ours`] is never changed or deleted.

use crate::{Refusal, Step, Tags, UserTags};

/// Who manages it: always `emr-operator`.
pub const MANAGED_BY: &str = "emrstack.dev/managed-by";
/// The Kubernetes cluster's name.
pub const CLUSTER: &str = "emrstack.dev/cluster";
/// The custom resource's kind.
pub const KIND: &str = "emrstack.dev/kind";
/// The custom resource's namespace.
pub const NAMESPACE: &str = "emrstack.dev/namespace";
/// The custom resource's name.
pub const NAME: &str = "emrstack.dev/name";
/// The custom resource's UID.
pub const UID: &str = "emrstack.dev/uid";
/// Groups the halves of one set: database and files of the same `EmrInstance`.
pub const SET: &str = "emrstack.dev/set";
/// Tells one set from every other: both halves carry it.
pub const SET_ID: &str = "emrstack.dev/set-id";
/// On the database's half of a set: the vault and ARN of the files' half, `vault/arn`.
pub const OTHER_HALF: &str = "emrstack.dev/other-half";
/// The UID of the instance that a set was taken of: the names of its secrets derive from it.
pub const INSTANCE_UID: &str = "emrstack.dev/instance-uid";
/// The application that a set was taken of, and its version: `openemr/8.2.0`.
pub const APPLICATION: &str = "emrstack.dev/application";
/// The key without which a set can't be opened.
pub const KEY: &str = "emrstack.dev/kms-key";
/// On a half of a set, set by whoever administers the AWS account: another namespace that may restore it.
pub const SHARED_WITH: &str = "emrstack.dev/shared-with";
/// How a set was taken.
pub const CONSISTENCY: &str = "emrstack.dev/consistency";
/// Which recurring backups cover it: backup plans select by this tag.
pub const BACKUP: &str = "emrstack.dev/backup";
/// The value of [`MANAGED_BY`].
pub const OPERATOR: &str = "emr-operator";

/// The custom resource on whose behalf a resource exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner {
    /// The Kubernetes cluster's name.
    pub cluster: String,
    /// The custom resource's kind.
    pub kind: String,
    /// Its namespace; empty for a cluster-scoped kind.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its UID.
    pub uid: String,
}

impl Owner {
    /// The tags that mark a resource as this owner's, over the user's own tags.
    pub fn tags(&self, user: &UserTags) -> Tags {
        let mut tags = user.clone();
        tags.insert(MANAGED_BY.into(), OPERATOR.into());
        tags.insert(CLUSTER.into(), self.cluster.clone());
        tags.insert(KIND.into(), self.kind.clone());
        if !self.namespace.is_empty() {
            tags.insert(NAMESPACE.into(), self.namespace.clone());
        }
        tags.insert(NAME.into(), self.name.clone());
        tags.insert(UID.into(), self.uid.clone());
        tags.into()
    }

    /// Tags of what several owners of a cluster share, such as parameter groups.
    pub fn shared_tags(&self, user: &UserTags) -> Tags {
        let mut tags = user.clone();
        tags.insert(MANAGED_BY.into(), OPERATOR.into());
        tags.insert(CLUSTER.into(), self.cluster.clone());
        tags.into()
    }

    /// `namespace/name`, or the name alone for a cluster-scoped kind.
    pub fn path(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        }
    }
}

/// Whose a resource is, judged by its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This owner's.
    Ours,
    /// Made for an object of the same name with another UID: a cluster rebuilt from Git, say.
    Orphan {
        /// The UID it carries.
        uid: String,
    },
    /// Anybody else's.
    Foreign,
}

/// Judges whose a resource is.
pub fn claim(tags: &Tags, owner: &Owner) -> Claim {
    let is = |key: &str, value: &str| tags.get(key).map_or("", String::as_str) == value;
    let same_object = is(MANAGED_BY, OPERATOR)
        && is(CLUSTER, &owner.cluster)
        && is(KIND, &owner.kind)
        && is(NAMESPACE, &owner.namespace)
        && is(NAME, &owner.name);
    match tags.get(UID) {
        Some(uid) if same_object && *uid == owner.uid => Claim::Ours,
        Some(uid) if same_object => Claim::Orphan { uid: uid.clone() },
        _ => Claim::Foreign,
    }
}

/// Judges whose a shared resource is: anything that this cluster's operator made is ours.
pub fn claim_shared(tags: &Tags, cluster: &str) -> Claim {
    let is = |key: &str, value: &str| tags.get(key).is_some_and(|tag| tag == value);
    if is(MANAGED_BY, OPERATOR) && is(CLUSTER, cluster) {
        Claim::Ours
    } else {
        Claim::Foreign
    }
}

/// Refuses what is not this owner's, naming the resource as `what`; settled when it is.
pub fn guard<C>(what: &str, tags: &Tags, owner: &Owner) -> Step<C> {
    match claim(tags, owner) {
        Claim::Ours => Step::Settled,
        Claim::Orphan { uid } => Step::refuse(
            Refusal::ORPHAN_FOUND,
            format!(
                "{what} was made for {} {} with uid {uid}, which no longer exists. Adopt it, or \
                 remove it in AWS once its data is safe.",
                owner.kind,
                owner.path()
            ),
        ),
        Claim::Foreign => Step::refuse(
            Refusal::FOREIGN_RESOURCE,
            format!(
                "{what} exists in AWS and was not made for {} {}. It is left alone: rename the \
                 object, or remove the resource in AWS.",
                owner.kind,
                owner.path()
            ),
        ),
    }
}

/// Whether a namespace may have what carries these tags: it was made for it, or whoever administers the
/// AWS account says so. Who may create objects in one namespace must not be able to read another's records
/// by their ARN.
pub fn may_have(tags: &Tags, cluster: &str, namespace: &str) -> bool {
    let tag = |key: &str| tags.get(key).map_or("", String::as_str);
    let made_here = tag(MANAGED_BY) == OPERATOR && tag(CLUSTER) == cluster;
    made_here && tag(NAMESPACE) == namespace || tag(SHARED_WITH) == namespace
}

/// Refuses to make this owner's data from something that is not there (`None`), or not its namespace's.
pub fn source<C>(what: &str, tags: Option<&Tags>, owner: &Owner) -> Step<C> {
    match tags {
        None => Step::refuse(
            Refusal::SOURCE_MISSING,
            format!(
                "{what}, from which this is to be made, is not in this account and region. Nothing is made: \
                 name another in a new object."
            ),
        ),
        Some(tags) if may_have(tags, &owner.cluster, &owner.namespace) => Step::Settled,
        Some(_) => Step::refuse(
            Refusal::SOURCE_NOT_SHARED,
            format!(
                "{what} was not made for namespace {namespace}, and nobody let it have that. Whoever \
                 administers the AWS account can, with the tag {SHARED_WITH}={namespace} on it.",
                namespace = owner.namespace
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner {
            cluster: "clinics".into(),
            kind: "ManagedDatabase".into(),
            namespace: "a".into(),
            name: "b".into(),
            uid: "1".into(),
        }
    }

    #[test]
    fn only_an_exact_match_is_ours() {
        let tags = owner().tags(&Tags::new());
        assert_eq!(claim(&tags, &owner()), Claim::Ours);
        for key in [MANAGED_BY, CLUSTER, KIND, NAMESPACE, NAME, UID] {
            let mut lacking = tags.clone();
            lacking.remove(key);
            assert_eq!(claim(&lacking, &owner()), Claim::Foreign, "without {key}");
        }
    }

    #[test]
    fn another_uid_is_an_orphan() {
        let mut tags = owner().tags(&Tags::new());
        tags.insert(UID.into(), "2".into());
        assert_eq!(claim(&tags, &owner()), Claim::Orphan { uid: "2".into() });
    }

    #[test]
    fn a_users_tag_never_overrides_ownership() {
        let user = Tags::from([(UID.to_owned(), "forged".to_owned())]);
        assert_eq!(claim(&owner().tags(&user), &owner()), Claim::Ours);
    }

    #[test]
    fn another_namespaces_data_is_had_only_where_it_was_shared() {
        let of = |tags: Option<&Tags>| source::<()>("snapshot s", tags, &owner());
        let reason = |step: &Step<()>| match step {
            Step::Refuse(refused) => refused.reason,
            _ => "",
        };
        let mut tags = owner().tags(&Tags::new());
        tags.insert(UID.into(), "of a deleted one".into());
        assert!(of(Some(&tags)).is_settled());
        tags.insert(NAMESPACE.into(), "another".into());
        assert_eq!(reason(&of(Some(&tags))), Refusal::SOURCE_NOT_SHARED);
        tags.insert(SHARED_WITH.into(), "a".into());
        assert!(of(Some(&tags)).is_settled());
        assert_eq!(reason(&of(None)), Refusal::SOURCE_MISSING);
        assert_eq!(reason(&of(Some(&Tags::new()))), Refusal::SOURCE_NOT_SHARED);
    }
}
