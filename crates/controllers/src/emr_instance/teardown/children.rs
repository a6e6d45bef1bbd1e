//! The children on their way out; each keeps what its policy keeps.

use std::fmt::Debug;

use emr_api::{CacheCluster, EmrInstance, ManagedDatabase, SharedFileSystem, labels};
use emr_model::Progress;
use emr_runtime::{Error, ReconcileError};
use kube::{
    Api, Resource, ResourceExt,
    api::{Patch, PatchParams},
};
use serde::de::DeserializeOwned;

use super::{objects::delete, waiting};
use crate::{Context, children::belongs_to_instance};

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
    if left.is_empty() {
        return Ok(None);
    }
    Ok(Some(waiting(
        "DeletingStores",
        format!("waiting for {} to go", left.join(", ")),
    )))
}

async fn drop_child<K>(
    context: &Context,
    object: &EmrInstance,
    confirmed: bool,
) -> Result<Option<String>, ReconcileError>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned,
{
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let api = Api::<K>::namespaced(context.client.clone(), &namespace);
    let kind = K::kind(&()).into_owned();
    let child = api
        .get_opt(&name)
        .await
        .map_err(|error| Error::request("get", &kind, &name, error))?;
    let Some(child) = child.filter(belongs_to_instance) else {
        return Ok(None);
    };
    if confirmed && child.annotations().get(labels::CONFIRM_DELETE) != Some(&name) {
        let patch = serde_json::json!({
            "metadata": {"annotations": {labels::CONFIRM_DELETE: name}}
        });
        api.patch(&name, &PatchParams::default(), &Patch::Merge(&patch))
            .await
            .map_err(|error| Error::request("annotate", &kind, &name, error))?;
    }
    delete(&api, &child).await?;
    Ok(Some(format!("{kind} {name}")))
}
