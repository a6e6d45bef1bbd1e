//! Finds the set that an instance is to be made from. Reads only: what it finds is written into
//! status before anything is made of it.

use std::time::Duration;

use emr_api::{
    EmrInstance,
    emr_instance::{InstanceSource, RestoredSet},
};
use emr_cloud::CloudError;
use emr_model::{
    Progress,
    instance::{self, NoSet},
    progress::Notice,
};
use emr_resource::{
    cluster_snapshot::{self, ClusterSnapshot},
    recovery_point::RecoveryPoint,
};
use emr_runtime::{Key, ReconcileError};
use kube::ResourceExt;

use super::{gather::World, pass::Pass};
use crate::Context;

/// The set that it is made from is written down before anything is made; `None` once it is, and where
/// there is none to be.
pub(super) async fn decide(
    context: &Context,
    object: &EmrInstance,
    world: &World,
) -> Result<Option<Pass>, ReconcileError> {
    let decided = object
        .status
        .as_ref()
        .is_some_and(|status| status.restored.is_some());
    let Some(source) = object.spec.restore_from.as_ref().filter(|_| !decided) else {
        return Ok(None);
    };
    let set = match find(context, object, world, source).await? {
        Ok(set) => set,
        Err(none) => {
            let progress = none.progress();
            let stalled = matches!(progress, Progress::Stalled(_));
            let failure = || ReconcileError::slow(none.reason(), none.to_string());
            return Ok(Some(Pass::of(progress, stalled.then(failure))));
        }
    };
    let notice = Notice::new("SetFound", "both halves of its set are there");
    let mut pass = Pass::of(Progress::Working(notice), None);
    pass.findings.restored = Some(set);
    pass.look_again = Some(Duration::ZERO);
    Ok(Some(pass))
}

/// The set, or why there is none.
pub(crate) async fn find(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    source: &InstanceSource,
) -> Result<Result<RestoredSet, NoSet>, ReconcileError> {
    if let Some(name) = &source.backup {
        let key = Key {
            namespace: object.namespace(),
            name: name.clone(),
        };
        let backup = context.mirrors.backups.cloned(&key).await?;
        return Ok(instance::set_of_backup(object, name, backup.as_ref()));
    }
    let arn = source.snapshot_arn.as_deref().unwrap_or_default();
    let Some(snapshot) = snapshot(world, arn).await? else {
        return Ok(Err(NoSet::NoHalf(arn.to_owned())));
    };
    let vault = world.landing.status.backup_vault.as_deref();
    let other = match instance::other_half(source, vault.unwrap_or_default(), &snapshot) {
        Ok(other) => other,
        Err(none) => return Ok(Err(none)),
    };
    let account = &world.landing.account;
    let point = account.confirm::<RecoveryPoint>(&other).await;
    let Some(point) = point.map_err(|error| failed(&error))? else {
        return Ok(Err(NoSet::NoHalf(other.arn.to_string())));
    };
    let cluster = world.landing.cluster();
    Ok(instance::set_of_halves(object, cluster, &snapshot, &point))
}

/// `arn:aws:rds:region:account:cluster-snapshot:NAME`, of this account and region alone.
async fn snapshot(
    world: &World,
    arn: &str,
) -> Result<Option<cluster_snapshot::Observed>, ReconcileError> {
    let Some((_, name)) = arn.split_once(":cluster-snapshot:") else {
        return Ok(None);
    };
    let account = &world.landing.account;
    let seen = account.confirm::<ClusterSnapshot>(&name.into()).await;
    let seen = seen.map_err(|error| failed(&error))?;
    Ok(seen
        .filter(|seen| seen.arn.as_str() == arn)
        .map(|seen| (*seen).clone()))
}

fn failed(error: &CloudError) -> ReconcileError {
    let message = format!("failed to look at the set: {error}. {}", error.advice());
    if error.kind.needs_person() {
        ReconcileError::slow(error.reason(), message)
    } else {
        ReconcileError::soon(error.reason(), message)
    }
}
