//! Finds the set that an instance is to be made from. Reads only: what it finds is written into
//! status before anything is made of it.

use std::time::Duration;

use emr_api::{
    EmrInstance,
    emr_instance::{InstanceSource, Moment, RestoredSet},
};
use emr_cloud::CloudError;
use emr_model::{
    Progress,
    instance::{self, NoSet, Origin},
    progress::Notice,
};
use emr_resource::{
    backup_job::BackupJobs,
    cluster_snapshot::{self, ClusterSnapshot},
    ids::Arn,
    recovery_point::RecoveryPoint,
};
use emr_runtime::{Key, ReconcileError};
use kube::ResourceExt;

use super::{gather::World, pass::Pass};
use crate::{Context, children::stores_key};

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
    let approved = instance::approval(object);
    let set = match find(context, object, world, source, approved).await? {
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
    approved: Option<&str>,
) -> Result<Result<RestoredSet, NoSet>, ReconcileError> {
    if object.spec.medplum.is_some() && source.backup.is_none() {
        return Ok(Err(NoSet::BackupsOnly));
    }
    if let Some(moment) = &source.point_in_time {
        let origin = origin(context, object, world, moment).await?;
        let now = context.now();
        return Ok(instance::set_at(object, moment, &origin, approved, now));
    }
    if let Some(name) = &source.backup {
        let key = Key {
            namespace: object.namespace(),
            name: name.clone(),
        };
        let backup = context.mirrors.backups.cloned(&key).await?;
        let bucket = own_bucket(object, world);
        return Ok(instance::set_of_backup(
            object,
            name,
            backup.as_ref(),
            bucket,
        ));
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

/// The bucket that the instance runs with, once it is installed: a new one has nothing in its own.
fn own_bucket<'a>(object: &EmrInstance, world: &'a World) -> Option<&'a str> {
    object.status.as_ref()?.version.as_ref()?;
    world.objects.as_ref()?.status.as_ref()?.arn.as_deref()
}

/// The instance that is to come back as it was, by what is left of it.
async fn origin(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    moment: &Moment,
) -> Result<Origin, ReconcileError> {
    let name = moment.instance.clone();
    let name = name.unwrap_or_else(|| object.name_any());
    let key = Key {
        namespace: object.namespace(),
        name: name.clone(),
    };
    let mirrors = &context.mirrors;
    let Some(instance) = mirrors.instances.cloned(&key).await? else {
        return Ok(Origin {
            name,
            ..Origin::default()
        });
    };
    let stores = stores_key(&instance);
    let database = mirrors.databases.cloned(&stores).await?;
    let files = mirrors.files.cloned(&stores).await?;
    let arn = files
        .as_ref()
        .and_then(|of| of.status.as_ref()?.arn.as_deref());
    let jobs = match arn {
        // Read once: it is asked rarely, and only before something is made.
        Some(arn) => {
            let account = &world.landing.account;
            let jobs = account.confirm::<BackupJobs>(&Arn::from(arn)).await;
            jobs.map_err(|error| failed(&error))?
        }
        None => None,
    };
    Ok(Origin {
        name,
        instance: Some(instance),
        database,
        files,
        jobs: jobs.map(|jobs| (*jobs).clone()),
    })
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
