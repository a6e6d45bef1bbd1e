//! Objects as they should be: read, compared, and applied only where they differ.

use emr_runtime::{Error, ReconcileError, apply::apply_as};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{ApiResource, DynamicObject},
};
use serde::Serialize;

/// Keeps an object of a kind known by its type, as it should be. With `once`, one that exists is
/// left as it is.
pub(crate) async fn keep<K>(client: &Client, desired: &K, once: bool) -> Result<(), ReconcileError>
where
    K: Resource<DynamicType = ()> + Serialize,
{
    let resource = ApiResource::erase::<K>(&());
    let value = serde_json::to_value(desired);
    keep_value(client, &resource, value, once).await
}

/// Keeps an object whose kind stands in it.
pub(crate) async fn keep_any(
    client: &Client,
    desired: &(impl Serialize + Sync),
    once: bool,
) -> Result<(), ReconcileError> {
    let value = serde_json::to_value(desired);
    let text = |field: &str| {
        let value = value.as_ref().ok()?;
        Some(value.get(field)?.as_str()?.to_owned())
    };
    let (api_version, kind) = (
        text("apiVersion").unwrap_or_default(),
        text("kind").unwrap_or_default(),
    );
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    let resource = ApiResource::from_gvk(&kube::api::GroupVersionKind::gvk(group, version, &kind));
    keep_value(client, &resource, value, once).await
}

async fn keep_value(
    client: &Client,
    resource: &ApiResource,
    value: Result<serde_json::Value, serde_json::Error>,
    once: bool,
) -> Result<(), ReconcileError> {
    let encode = |source| {
        ReconcileError::from(Error::Encode {
            kind: resource.kind.clone(),
            source,
        })
    };
    let desired: DynamicObject = value.and_then(serde_json::from_value).map_err(encode)?;
    let api: Api<DynamicObject> = match desired.namespace() {
        Some(namespace) => Api::namespaced_with(client.clone(), &namespace, resource),
        None => Api::all_with(client.clone(), resource),
    };
    let name = desired.name_any();
    let live = api
        .get_opt(&name)
        .await
        .map_err(|error| Error::request("get", &resource.kind, &name, error))?;
    if once && live.is_some() {
        return Ok(());
    }
    apply_as(client, resource, &desired, live.as_ref()).await?;
    Ok(())
}
