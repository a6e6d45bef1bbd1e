//! Kubernetes objects of any kind: applying documents, waiting for conditions.

use std::{fmt::Debug, fs, path::Path, time::Duration};

use kube::{
    Api, Client, Resource, ResourceExt as _,
    api::{DynamicObject, Patch, PatchParams},
    core::GroupVersionKind,
    discovery::{ApiCapabilities, ApiResource, Scope, pinned_kind},
    runtime::wait::await_condition,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{Error, Result};

/// The field manager of everything that the sandbox applies.
const MANAGER: &str = "sandbox";
/// How long a kind may take from its definition to discovery.
const DISCOVERY: Duration = Duration::from_secs(10);
const DISCOVERY_RETRY: Duration = Duration::from_millis(200);

/// Applies one document by server-side apply. `namespace` is for namespaced objects without one.
pub async fn apply(
    client: &Client,
    namespace: Option<&str>,
    document: Value,
) -> Result<DynamicObject> {
    let object: DynamicObject = serde_json::from_value(document)
        .map_err(|error| Error::document("a Kubernetes object", error))?;
    let Some(types) = object.types.clone() else {
        return Err(Error::document(
            object.name_any(),
            "apiVersion and kind are missing",
        ));
    };
    let kind = GroupVersionKind::try_from(&types)
        .map_err(|error| Error::document(object.name_any(), error))?;
    let (resource, capabilities) = discover(client, &kind).await?;
    let api: Api<DynamicObject> = match capabilities.scope {
        Scope::Cluster => Api::all_with(client.clone(), &resource),
        Scope::Namespaced => {
            let own = object.namespace();
            let namespace = own.as_deref().or(namespace).unwrap_or("default");
            Api::namespaced_with(client.clone(), namespace, &resource)
        }
    };
    let name = object.name_any();
    api.patch(
        &name,
        &PatchParams::apply(MANAGER).force(),
        &Patch::Apply(&object),
    )
    .await
    .map_err(Error::kubernetes(format!("apply {} {name}", types.kind)))
}

/// What the API server serves as `kind`. A definition that was made a moment ago is discovered a
/// little after it is established, so an unknown kind is asked for again for [`DISCOVERY`].
async fn discover(
    client: &Client,
    kind: &GroupVersionKind,
) -> Result<(ApiResource, ApiCapabilities)> {
    let end = Instant::now() + DISCOVERY;
    loop {
        match pinned_kind(client, kind).await {
            Ok(found) => return Ok(found),
            Err(kube::Error::Discovery(_)) if Instant::now() < end => {
                sleep(DISCOVERY_RETRY).await;
            }
            Err(kube::Error::Discovery(_)) => {
                return Err(Error::UnknownKind {
                    kind: kind.kind.clone(),
                    api_version: kind.api_version(),
                });
            }
            Err(source) => return Err(Error::kubernetes(format!("look up {}", kind.kind))(source)),
        }
    }
}

/// Applies every document of a YAML text, in its order.
pub async fn apply_yaml(
    client: &Client,
    namespace: Option<&str>,
    text: &str,
) -> Result<Vec<DynamicObject>> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| Error::document("YAML", error))?;
    let mut applied = Vec::with_capacity(documents.len());
    for document in documents.into_iter().filter(|document| !document.is_null()) {
        applied.push(apply(client, namespace, document).await?);
    }
    Ok(applied)
}

/// Applies every document of a YAML file, in its order.
pub async fn apply_file(
    client: &Client,
    namespace: Option<&str>,
    file: &Path,
) -> Result<Vec<DynamicObject>> {
    apply_yaml(
        client,
        namespace,
        &fs::read_to_string(file).map_err(Error::file(file))?,
    )
    .await
}

/// Waits until `condition` holds for the object `name`, or for its absence (`None`), and gives the
/// object that it held for. `what` says in words what is waited for, for the error.
pub async fn wait_for<K>(
    api: &Api<K>,
    name: &str,
    what: &str,
    timeout: Duration,
    condition: impl Fn(Option<&K>) -> bool,
) -> Result<Option<K>>
where
    K: Resource + Clone + Debug + DeserializeOwned + Serialize + Send + 'static,
{
    let held = await_condition(api.clone(), name, |object: Option<&K>| condition(object));
    match tokio::time::timeout(timeout, held).await {
        Ok(Ok(object)) => Ok(object),
        Ok(Err(error)) => Err(Error::document(format!("the watch of {name}"), error)),
        Err(_) => {
            let last = api
                .get_opt(name)
                .await
                .map_err(Error::kubernetes(format!("get {name}")))?;
            let last = last.map_or_else(|| "no such object".to_owned(), |object| shown(&object));
            Err(Error::Timeout {
                what: format!("{name}: {what}"),
                after: timeout,
                last,
            })
        }
    }
}

/// An object as JSON, without what Secrets and `ConfigMaps` hold.
fn shown(object: &impl Serialize) -> String {
    let mut value = serde_json::to_value(object).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|field, _| !matches!(field.as_str(), "data" | "stringData" | "binaryData"));
    }
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    serde_json::to_string_pretty(&value).unwrap_or_default()
}
