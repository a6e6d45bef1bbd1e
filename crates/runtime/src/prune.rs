//! Deletes what is no longer wanted, of kinds that hold nothing.
//!
//! Invariant: only a kind that the caller lists, only an object that carries all of the labels,
//! and only the very object that was seen (its UID is a precondition) is ever deleted. Without
//! labels nothing is.

use std::collections::{BTreeMap, BTreeSet};

use kube::{
    Api, Client, Resource,
    api::{
        ApiResource, DeleteParams, DynamicObject, ListParams, PartialObjectMeta, Preconditions,
        PropagationPolicy,
    },
};

use crate::{Error, Result};

/// An object among those of several kinds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
}

impl Member {
    /// An object of a typed kind.
    pub fn of<K: Resource<DynamicType: Default>>(object: &K) -> Self {
        let kind = K::DynamicType::default();
        Self {
            group: K::group(&kind).into_owned(),
            kind: K::kind(&kind).into_owned(),
            name: object.meta().name.clone().unwrap_or_default(),
        }
    }
}

/// What a search for prunable objects found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which object.
    pub member: Member,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its UID.
    pub uid: String,
    /// It is being deleted already.
    pub leaving: bool,
}

/// Decides what goes: allowed, ours by label, not wanted, and not on its way already.
pub fn unwanted<'a>(
    found: &'a [Found],
    labels: &BTreeMap<String, String>,
    allowed: &[ApiResource],
    wanted: &BTreeSet<Member>,
) -> Vec<&'a Found> {
    if labels.is_empty() {
        return Vec::new();
    }
    found
        .iter()
        .filter(|object| {
            let is_allowed = allowed
                .iter()
                .any(|kind| kind.group == object.member.group && kind.kind == object.member.kind);
            let is_ours = labels
                .iter()
                .all(|(key, value)| object.labels.get(key) == Some(value));
            is_allowed
                && is_ours
                && !object.leaving
                && !object.uid.is_empty()
                && !wanted.contains(&object.member)
        })
        .collect()
}

/// Deletes what `unwanted` picks in a namespace. Returns what was deleted.
pub async fn prune(
    client: &Client,
    namespace: &str,
    labels: &BTreeMap<String, String>,
    allowed: &[ApiResource],
    wanted: &BTreeSet<Member>,
) -> Result<Vec<Member>> {
    let mut deleted = Vec::new();
    if labels.is_empty() {
        return Ok(deleted);
    }
    for kind in allowed {
        let found = list(client, namespace, labels, kind).await?;
        for object in unwanted(&found, labels, allowed, wanted) {
            if delete(client, namespace, kind, object).await? {
                deleted.push(object.member.clone());
            }
        }
    }
    Ok(deleted)
}

async fn list(
    client: &Client,
    namespace: &str,
    labels: &BTreeMap<String, String>,
    kind: &ApiResource,
) -> Result<Vec<Found>> {
    let selector: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let api: Api<PartialObjectMeta<DynamicObject>> =
        Api::namespaced_with(client.clone(), namespace, kind);
    let list = api
        .list(&ListParams::default().labels(&selector.join(",")))
        .await
        .map_err(|error| Error::request("list", &kind.kind, namespace, error))?;
    Ok(list
        .items
        .into_iter()
        .map(|object| Found {
            member: Member {
                group: kind.group.clone(),
                kind: kind.kind.clone(),
                name: object.metadata.name.unwrap_or_default(),
            },
            labels: object.metadata.labels.unwrap_or_default(),
            uid: object.metadata.uid.unwrap_or_default(),
            leaving: object.metadata.deletion_timestamp.is_some(),
        })
        .collect())
}

/// Returns false if the object was gone, or another one stands in its place.
async fn delete(
    client: &Client,
    namespace: &str,
    kind: &ApiResource,
    object: &Found,
) -> Result<bool> {
    let name = object.member.name.as_str();
    let (api, full) = crate::apply::dynamic(client, kind, Some(namespace), name);
    let params = DeleteParams {
        propagation_policy: Some(PropagationPolicy::Background),
        preconditions: Some(Preconditions {
            uid: Some(object.uid.clone()),
            resource_version: None,
        }),
        ..DeleteParams::default()
    };
    match api.delete(name, &params).await {
        Ok(_) => {
            tracing::info!(kind = %kind.kind, name = %full, "deleted what is no longer wanted");
            Ok(true)
        }
        Err(error) => {
            let error = Error::request("delete", &kind.kind, &full, error);
            if error.is_not_found() || error.is_conflict() {
                Ok(false)
            } else {
                Err(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    fn labels(value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("stack".to_owned(), value.to_owned())])
    }

    fn found(kind: &str, name: &str) -> Found {
        Found {
            member: Member {
                group: String::new(),
                kind: kind.to_owned(),
                name: name.to_owned(),
            },
            labels: labels("a"),
            uid: "1".to_owned(),
            leaving: false,
        }
    }

    #[test]
    fn only_what_is_allowed_ours_unwanted_and_still_there_goes() {
        let allowed = [ApiResource::erase::<ConfigMap>(&())];
        let keep = found("ConfigMap", "keep");
        let wanted = BTreeSet::from([keep.member.clone()]);
        let gone = found("ConfigMap", "old");
        let all = [
            keep,
            gone.clone(),
            found("Secret", "not-allowed"),
            Found {
                labels: labels("b"),
                ..found("ConfigMap", "anothers")
            },
            Found {
                leaving: true,
                ..found("ConfigMap", "leaving")
            },
            Found {
                uid: String::new(),
                ..found("ConfigMap", "unknown")
            },
        ];
        assert_eq!(unwanted(&all, &labels("a"), &allowed, &wanted), [&gone]);
        assert!(unwanted(&all, &BTreeMap::new(), &allowed, &wanted).is_empty());
    }
}
