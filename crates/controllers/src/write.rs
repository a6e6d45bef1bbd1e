//! Objects as they should be: read where they may have changed, compared, and applied only where
//! they differ.

use emr_runtime::{Error, Key, ReconcileError, apply::apply_as};
use kube::{
    Api, Resource, ResourceExt,
    api::{ApiResource, DynamicObject},
};
use serde::Serialize;

use crate::Context;

/// Keeps an object of a kind known by its type, as it should be. With `once`, one that exists is
/// left as it is.
pub(crate) async fn keep<K>(
    context: &Context,
    desired: &K,
    once: bool,
) -> Result<(), ReconcileError>
where
    K: Resource<DynamicType = ()> + Serialize,
{
    let resource = ApiResource::erase::<K>(&());
    let value = serde_json::to_value(desired);
    keep_value(context, &resource, value, once).await
}

/// Keeps an object whose kind stands in it.
pub(crate) async fn keep_any(
    context: &Context,
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
    keep_value(context, &resource, value, once).await
}

async fn keep_value(
    context: &Context,
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
    let value = value.map_err(encode)?;
    let wish = context.upkeep.wish(value.to_string().as_bytes());
    let desired: DynamicObject = serde_json::from_value(value).map_err(encode)?;
    let key = Key::of(&desired);
    if context.upkeep.holds(resource, &key, wish) {
        return Ok(());
    }
    let client = &context.client;
    let api: Api<DynamicObject> = match &key.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, resource),
        None => Api::all_with(client.clone(), resource),
    };
    let live = api
        .get_opt(&key.name)
        .await
        .map_err(|error| Error::request("get", &resource.kind, &key.name, error))?;
    let found = match live {
        Some(live) if once => live,
        live => apply_as(client, resource, &desired, live.as_ref())
            .await?
            .into_object(),
    };
    if let Some(version) = found.resource_version() {
        context.upkeep.keep(resource, &key, wish, version);
    }
    Ok(())
}
