//! What an instance's next step depends on. Reads only.

use emr_api::{CacheCluster, EmrInstance, ManagedDatabase, SharedFileSystem};
use emr_runtime::{Error, ReconcileError};
use kube::{Api, ResourceExt, api::ListParams};

use super::KIND;
use crate::{
    Context,
    landing::{Landing, NotLanded, land},
};

/// What an instance's next step depends on.
pub(super) struct World {
    /// Where it lands.
    pub(super) landing: Landing,
    /// Instances with the same host name.
    pub(super) neighbours: Vec<EmrInstance>,
    /// Its database.
    pub(super) database: Option<ManagedDatabase>,
    /// Its cache.
    pub(super) cache: Option<CacheCluster>,
    /// Its files.
    pub(super) files: Option<SharedFileSystem>,
}

/// Reads it.
pub(super) async fn gather(
    context: &Context,
    object: &EmrInstance,
) -> Result<Result<World, Box<NotLanded>>, ReconcileError> {
    let (client, namespace) = (&context.client, object.namespace().unwrap_or_default());
    let name = object.name_any();
    let database: Option<ManagedDatabase> = Api::namespaced(client.clone(), &namespace)
        .get_opt(&name)
        .await
        .map_err(|error| Error::request("get", "ManagedDatabase", &name, error))?;
    let placed = database
        .as_ref()
        .and_then(|database| database.status.as_ref()?.placement.as_ref());
    let platform = &object.spec.platform_ref.name;
    let landing = match land(context, object, KIND, platform, placed).await {
        Ok(landing) => landing,
        Err(not) => return Ok(Err(not)),
    };
    let cache = Api::namespaced(client.clone(), &namespace)
        .get_opt(&name)
        .await
        .map_err(|error| Error::request("get", "CacheCluster", &name, error))?;
    let files = Api::namespaced(client.clone(), &namespace)
        .get_opt(&name)
        .await
        .map_err(|error| Error::request("get", "SharedFileSystem", &name, error))?;
    let same = ListParams::default().fields(&format!("spec.hostname={}", object.spec.hostname));
    let neighbours = Api::<EmrInstance>::all(client.clone())
        .list(&same)
        .await
        .map_err(|error| Error::request("list", KIND, "all", error))?
        .items;
    Ok(Ok(World {
        landing,
        neighbours,
        database,
        cache,
        files,
    }))
}
