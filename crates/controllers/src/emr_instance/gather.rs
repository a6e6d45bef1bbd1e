//! What an instance's next step depends on. Reads only.

use emr_api::{
    CacheCluster, EmrBackup, EmrInstance, ManagedDatabase, SharedFileSystem,
    emr_backup::{BackupPhase, Consistency},
};
use emr_runtime::{Key, ReconcileError};

use super::KIND;
use crate::{
    Context,
    emr_backup::gather::instance_key,
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
    /// The backup for which it stands still.
    pub(super) quiet_for: Option<EmrBackup>,
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
    let stops = |backup: &EmrBackup| {
        let phase = backup.status.as_ref().map(|status| status.phase);
        backup.spec.consistency == Consistency::Quiesced
            && phase.is_some_and(BackupPhase::is_under_way)
            && backup.metadata.deletion_timestamp.is_none()
            && instance_key(backup) == key
    };
    let quiet_for = mirrors.backups.select(stops).await?;
    Ok(Ok(World {
        quiet_for: quiet_for.into_iter().next(),
        landing,
        neighbours,
        database,
        cache,
        files,
    }))
}
