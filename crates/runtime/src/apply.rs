//! Server-side apply, sent only when the fields we own differ.
//!
//! An apply that changes nothing still costs a write on the API server and wakes every watcher
//! whose cache disagrees, so the decision is made here, from the live object and its
//! `managedFields`. Two things count as a difference: a field we want that the live object has
//! otherwise, and a field we own and no longer want. Fields that others or defaulting filled in
//! are not ours.
//!
//! Invariant: applying what the API server answered to the same desired object is `Unchanged`.

mod diff;
mod fields;
mod value;

use std::fmt::Debug;

use kube::{
    Api, Client, Resource,
    api::{ApiResource, DynamicObject, Patch, PatchParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use diff::differences;
pub use fields::{owned_but_unwanted, owned_keys};

use crate::{Error, Result};

/// The field manager of every apply.
pub const FIELD_MANAGER: &str = emr_api::labels::OPERATOR;

/// What an apply did. It always holds the object as the API server has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied<K> {
    /// Nothing was sent.
    Unchanged(K),
    /// There was no such object.
    Created(K),
    /// Something differed.
    Changed {
        /// The object as it is now.
        object: K,
        /// The paths that differed, never their values.
        what: Vec<String>,
    },
}

impl<K> Applied<K> {
    /// The object as the API server has it.
    pub fn object(&self) -> &K {
        match self {
            Self::Unchanged(object) | Self::Created(object) | Self::Changed { object, .. } => {
                object
            }
        }
    }

    /// The object as the API server has it.
    pub fn into_object(self) -> K {
        match self {
            Self::Unchanged(object) | Self::Created(object) | Self::Changed { object, .. } => {
                object
            }
        }
    }

    /// True if something was written.
    pub fn wrote(&self) -> bool {
        !matches!(self, Self::Unchanged(_))
    }
}

/// Applies a typed object. `live` is what was read, `None` if nothing was there.
///
/// `live` must carry its `managedFields`: without them every pass would write.
pub async fn apply<K>(client: &Client, desired: &K, live: Option<&K>) -> Result<Applied<K>>
where
    K: Resource<DynamicType: Default> + Clone + Debug + Serialize + DeserializeOwned,
{
    apply_as(client, &K::DynamicType::default(), desired, live).await
}

/// Applies an object whose kind is known only now.
pub async fn apply_as<K>(
    client: &Client,
    kind: &K::DynamicType,
    desired: &K,
    live: Option<&K>,
) -> Result<Applied<K>>
where
    K: Resource + Clone + Debug + Serialize + DeserializeOwned,
{
    let resource = ApiResource::erase::<K>(kind);
    let encode = |error| Error::encode(&resource.kind, error);
    let wanted = intent(&resource, serde_json::to_value(desired).map_err(encode)?);
    let mut what = Vec::new();
    if let Some(live) = live {
        what = differences(&wanted, &serde_json::to_value(live).map_err(encode)?);
        if what.is_empty() {
            return Ok(Applied::Unchanged(live.clone()));
        }
    }
    let object = send(client, &resource, desired, &wanted).await?;
    let object = serde_json::to_value(object)
        .and_then(serde_json::from_value)
        .map_err(encode)?;
    Ok(if live.is_some() {
        tracing::info!(kind = %resource.kind, name = desired.meta().name, ?what, "applied a change");
        Applied::Changed { object, what }
    } else {
        tracing::info!(kind = %resource.kind, name = desired.meta().name, "created");
        Applied::Created(object)
    })
}

/// What we say about an object: no status, nothing that the API server writes, no nulls.
pub fn intent(resource: &ApiResource, mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
        fields.insert("apiVersion".to_owned(), resource.api_version.clone().into());
        fields.insert("kind".to_owned(), resource.kind.clone().into());
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for servers in [
            "managedFields",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "selfLink",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ] {
            metadata.remove(servers);
        }
    }
    value::drop_nulls(&mut object);
    object
}

async fn send<K: Resource>(
    client: &Client,
    resource: &ApiResource,
    desired: &K,
    wanted: &Value,
) -> Result<DynamicObject> {
    let Some(name) = desired.meta().name.as_deref() else {
        return Err(Error::Nameless {
            kind: resource.kind.clone(),
        });
    };
    let (api, full) = dynamic(client, resource, desired.meta().namespace.as_deref(), name);
    let params = PatchParams::apply(FIELD_MANAGER).force();
    api.patch(name, &params, &Patch::Apply(wanted))
        .await
        .map_err(|error| Error::request("apply", &resource.kind, &full, error))
}

/// An API for a kind that is known by value, and the name by which messages call the object.
pub(crate) fn dynamic(
    client: &Client,
    resource: &ApiResource,
    namespace: Option<&str>,
    name: &str,
) -> (Api<DynamicObject>, String) {
    match namespace {
        Some(namespace) => (
            Api::namespaced_with(client.clone(), namespace, resource),
            format!("{namespace}/{name}"),
        ),
        None => (Api::all_with(client.clone(), resource), name.to_owned()),
    }
}

#[cfg(test)]
mod tests;
