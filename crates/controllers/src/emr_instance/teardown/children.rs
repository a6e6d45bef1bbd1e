//! The children on their way out; each keeps what its policy keeps.

use std::fmt::Debug;

use emr_api::{CacheCluster, EmrInstance, ManagedDatabase, ObjectStore, SharedFileSystem, labels};
use emr_model::{Progress, openemr::names::label_value};
use emr_runtime::{Error, ReconcileError};
use kube::{
    Api, Resource, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde::de::DeserializeOwned;

use super::{objects::delete, waiting};
use crate::{Context, children::instance_name};

/// The children, each with a UID precondition; something to wait for while one is there.
pub(super) async fn drop_children(
    context: &Context,
    object: &EmrInstance,
    confirmed: bool,
) -> Result<Option<Progress>, ReconcileError> {
    let mut left = Vec::new();
    left.extend(drop_child::<ManagedDatabase>(context, object, confirmed).await?);
    left.extend(drop_child::<CacheCluster>(context, object, confirmed).await?);
    left.extend(drop_child::<SharedFileSystem>(context, object, confirmed).await?);
    left.extend(drop_child::<ObjectStore>(context, object, confirmed).await?);
    if left.is_empty() {
        return Ok(None);
    }
    Ok(Some(waiting(
        "DeletingStores",
        format!("waiting for {} to go", left.join(", ")),
    )))
}

/// Every one of a kind: a restore may have made others beside those that the instance runs on.
async fn drop_child<K>(
    context: &Context,
    object: &EmrInstance,
    confirmed: bool,
) -> Result<Vec<String>, ReconcileError>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned,
{
    let namespace = object.namespace().unwrap_or_default();
    let api = Api::<K>::namespaced(context.client.clone(), &namespace);
    let label = label_value(&object.name_any());
    let labels = ListParams::default().labels(&format!("{}={label}", labels::INSTANCE));
    let children = api
        .list(&labels)
        .await
        .map_err(|error| Error::request("list", &K::kind(&()), &namespace, error))?;
    let mut left = Vec::new();
    for child in children {
        if instance_name(&child) == object.name_any() {
            left.push(drop(&api, &child, confirmed).await?);
        }
    }
    Ok(left)
}

/// Deletes a child that holds data, confirmed where that is needed. Hands back what it is.
pub(crate) async fn drop<K>(
    api: &Api<K>,
    child: &K,
    confirmed: bool,
) -> Result<String, ReconcileError>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    let (kind, name) = (K::kind(&()).into_owned(), child.name_any());
    if confirmed && child.annotations().get(labels::CONFIRM_DELETE) != Some(&name) {
        let patch = serde_json::json!({
            "metadata": {"annotations": {labels::CONFIRM_DELETE: name}}
        });
        api.patch(&name, &PatchParams::default(), &Patch::Merge(&patch))
            .await
            .map_err(|error| Error::request("annotate", &kind, &name, error))?;
    }
    delete(api, child).await?;
    Ok(format!("{kind} {name}"))
}
