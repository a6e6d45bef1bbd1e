//! What an instance's next step depends on. Reads only.

use emr_api::{
    CacheCluster, EmrBackup, EmrInstance, EmrRestore, ManagedDatabase, ObjectStore,
    SharedFileSystem,
    emr_backup::{BackupPhase, Consistency},
    emr_restore::RestorePhase,
};
use emr_runtime::{Key, ReconcileError};

use super::KIND;
use crate::{
    Context,
    children::stores_key,
    landing::{Landing, NotLanded, land},
    phased::is_of,
};

/// What an instance's next step depends on.
pub(crate) struct World {
    /// Where it lands.
    pub(crate) landing: Landing,
    /// Instances with the same host name.
    pub(crate) neighbours: Vec<EmrInstance>,
    /// Its database.
    pub(crate) database: Option<ManagedDatabase>,
    /// Its cache.
    pub(crate) cache: Option<CacheCluster>,
    /// Its files.
    pub(crate) files: Option<SharedFileSystem>,
    /// Its bucket.
    pub(crate) objects: Option<ObjectStore>,
    /// The backup for which it stands still.
    pub(crate) quiet_for: Option<EmrBackup>,
    /// The restore whose stores it is to change over to.
    pub(crate) switches_for: Option<EmrRestore>,
}

/// Reads it.
pub(crate) async fn gather(
    context: &Context,
    object: &EmrInstance,
) -> Result<Result<World, Box<NotLanded>>, ReconcileError> {
    let (mirrors, key) = (&context.mirrors, Key::of(object));
    let stores = stores_key(object);
    let database = mirrors.databases.cloned(&stores).await?;
    let placed = database
        .as_ref()
        .and_then(|database| database.status.as_ref()?.placement.as_ref());
    let platform = &object.spec.platform_ref.name;
    let landing = match land(context, object, KIND, platform, placed).await {
        Ok(landing) => landing,
        Err(not) => return Ok(Err(not)),
    };
    let cache = mirrors.caches.cloned(&key).await?;
    let files = mirrors.files.cloned(&stores).await?;
    let objects = mirrors.objects.cloned(&key).await?;
    // The watch keeps order: what came to this name before the object did is there.
    let same = |other: &EmrInstance| other.spec.hostname == object.spec.hostname;
    let neighbours = mirrors.instances.select(same).await?;
    let stops = |backup: &EmrBackup| {
        let phase = backup.status.as_ref().map(|status| status.phase);
        backup.spec.consistency == Consistency::Quiesced
            && phase.is_some_and(BackupPhase::is_under_way)
            && backup.metadata.deletion_timestamp.is_none()
            && is_of(backup, &key)
    };
    let quiet_for = mirrors.backups.select(stops).await?;
    let switches = |restore: &EmrRestore| {
        let status = restore.status.as_ref();
        status.is_some_and(|of| of.phase == RestorePhase::Switching)
            && restore.metadata.namespace == object.metadata.namespace
            && Some(&restore.spec.instance_ref.name) == object.metadata.name.as_ref()
            && status.and_then(|of| of.candidate.as_ref()) != Some(&stores.name)
    };
    let switches_for = mirrors.restores.select(switches).await?;
    Ok(Ok(World {
        switches_for: switches_for.into_iter().next(),
        quiet_for: quiet_for.into_iter().next(),
        landing,
        neighbours,
        database,
        cache,
        files,
        objects,
    }))
}
