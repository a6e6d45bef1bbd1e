//! Puts our finalizer on an object and takes it off.
//!
//! Invariant: the list of finalizers that is written was read at the resource version that the
//! write names, so nobody else's finalizer is ever lost.

use std::fmt::Debug;

use kube::{
    Api, Resource, ResourceExt,
    api::{Patch, PatchParams},
};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{Error, Key, Result};

/// Adds the finalizer unless it is there. Returns the object as written, if it was.
///
/// An object that is being deleted accepts no new finalizer; it is left alone.
pub async fn ensure<K>(api: &Api<K>, object: &K, finalizer: &str) -> Result<Option<K>>
where
    K: Resource<DynamicType: Default> + Clone + Debug + DeserializeOwned,
{
    let held = object.finalizers();
    if object.meta().deletion_timestamp.is_some() || held.iter().any(|one| one == finalizer) {
        return Ok(None);
    }
    let mut finalizers = held.to_vec();
    finalizers.push(finalizer.to_owned());
    write(api, object, &finalizers).await
}

/// Takes the finalizer off, which lets the object go. Returns true if something was written.
pub async fn remove<K>(api: &Api<K>, object: &K, finalizer: &str) -> Result<bool>
where
    K: Resource<DynamicType: Default> + Clone + Debug + DeserializeOwned,
{
    let mut finalizers = object.finalizers().to_vec();
    finalizers.retain(|one| one != finalizer);
    if finalizers.len() == object.finalizers().len() {
        return Ok(false);
    }
    match write(api, object, &finalizers).await {
        Ok(_) => Ok(true),
        // It went while we were deciding: that is what was wanted.
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

async fn write<K>(api: &Api<K>, object: &K, finalizers: &[String]) -> Result<Option<K>>
where
    K: Resource<DynamicType: Default> + Clone + Debug + DeserializeOwned,
{
    let kind = K::kind(&K::DynamicType::default()).into_owned();
    let Some(name) = object.meta().name.as_deref() else {
        return Err(Error::Nameless { kind });
    };
    let patch = json!({"metadata": {
        "resourceVersion": object.meta().resource_version,
        "uid": object.meta().uid,
        "finalizers": finalizers,
    }});
    api.patch(name, &PatchParams::default(), &Patch::Merge(&patch))
        .await
        .map(Some)
        .map_err(|error| {
            Error::request(
                "set the finalizers of",
                &kind,
                &Key::of(object).to_string(),
                error,
            )
        })
}
