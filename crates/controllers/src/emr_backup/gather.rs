//! What a backup finds when it is to begin. Reads only.

use emr_api::{
    EmrBackup,
    emr_backup::{BackupSource, EmrBackupStatus},
};
use emr_cloud::Account;
use emr_model::backup::Moment;
use emr_resource::{ids::SecretName, secret::Secret};
use emr_runtime::ReconcileError;

use super::KIND;
use crate::{
    Context,
    children::stores_key,
    landing::{Landing, NotLanded, land},
    phased::{another, instance_key},
    report::hold,
};

type Found = (Moment, Option<Landing>);

/// Looks. There is no landing without an instance.
pub(super) async fn gather(
    context: &Context,
    object: &EmrBackup,
) -> Result<Result<Found, Box<NotLanded>>, ReconcileError> {
    let (mirrors, key) = (&context.mirrors, instance_key(object));
    let Some(instance) = mirrors.instances.cloned(&key).await? else {
        return Ok(Ok((Moment::default(), None)));
    };
    let stores = stores_key(&instance);
    let database = mirrors.databases.cloned(&stores).await?;
    let is_under_way = |of: &EmrBackupStatus| of.phase.is_under_way();
    let mut moment = Moment {
        held: hold(&instance, instance.spec.management_policy).is_some(),
        files: mirrors.files.cloned(&stores).await?,
        objects: mirrors.objects.cloned(&key).await?,
        another: another(&mirrors.backups, object, is_under_way).await?,
        vault: None,
        database,
        instance: None,
    };
    let placed = moment
        .database
        .as_ref()
        .and_then(|database| database.status.as_ref()?.placement.as_ref());
    let platform = &instance.spec.platform_ref.name;
    let landing = match land(context, object, KIND, platform, placed).await {
        Ok(landing) => landing,
        Err(not) => return Ok(Err(not)),
    };
    let status = &landing.status;
    moment.vault = status
        .backup_vault
        .clone()
        .zip(status.backup_role_arn.clone());
    moment.instance = Some(instance);
    Ok(Ok((moment, Some(landing))))
}

/// Fills the versions of the secrets in: a set is opened with the credentials of its time.
pub(super) async fn with_versions(
    account: &Account,
    source: &mut BackupSource,
) -> Result<(), ReconcileError> {
    for secret in &mut source.secrets {
        let name = SecretName::new(&secret.name);
        let seen = account.confirm::<Secret>(&name).await.map_err(|error| {
            ReconcileError::soon(error.reason(), format!("can't read {name}: {error}"))
        })?;
        secret.version = seen.and_then(|seen| seen.version.as_ref().map(ToString::to_string));
    }
    Ok(())
}
