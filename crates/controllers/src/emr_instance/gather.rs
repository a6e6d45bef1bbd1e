//! What an instance's next step depends on. Reads only.

use emr_api::{CacheCluster, EmrInstance, ManagedDatabase, SharedFileSystem};
use emr_runtime::{Key, ReconcileError};

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
    let (mirrors, key) = (&context.mirrors, Key::of(object));
    let database = mirrors.databases.cloned(&key).await?;
    let placed = database
        .as_ref()
        .and_then(|database| database.status.as_ref()?.placement.as_ref());
    let platform = &object.spec.platform_ref.name;
    let landing = match land(context, object, KIND, platform, placed).await {
        Ok(landing) => landing,
        Err(not) => return Ok(Err(not)),
    };
    let cache = mirrors.caches.cloned(&key).await?;
    let files = mirrors.files.cloned(&key).await?;
    // The watch keeps order: what came to this name before the object did is there.
    let same = |other: &EmrInstance| other.spec.hostname == object.spec.hostname;
    let neighbours = mirrors.instances.select(same).await?;
    Ok(Ok(World {
        landing,
        neighbours,
        database,
        cache,
        files,
    }))
}
