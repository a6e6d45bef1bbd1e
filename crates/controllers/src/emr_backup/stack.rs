//! How a set is looked at, and taken or removed.

use std::collections::BTreeMap;

use async_trait::async_trait;
use emr_api::{
    EmrBackup,
    emr_backup::{BackupSource, EmrBackupStatus},
};
use emr_cloud::{Account, CloudError, Has, Watcher};
use emr_model::{
    backup::{self, BackupSeen, BackupStack, DatabaseSeen, DatabaseWanted, FilesWanted},
    owner_of,
};
use emr_resource::{
    Change, ResourceType, Step,
    backup_job::BackupJobs,
    cluster_snapshot::ClusterSnapshot,
    db_snapshot::DbSnapshot,
    ids::{Arn, VaultName},
    recovery_point::{self, RecoveryPoint},
};
use emr_runtime::ReconcileError;
use jiff::Timestamp;
use kube::Resource;

use super::KIND;
use crate::{
    Context,
    context::watcher_of,
    drive::{Driven, Stack, drive, owned},
    landing::{Landing, NotLanded, land},
    report,
};

/// Whether a set is to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    Take,
    Remove,
}

struct BackupPass<'a> {
    stack: &'a BackupStack,
    /// The files' half, once it is known: jobs are told of for a month only.
    known: Option<recovery_point::Id>,
    aim: Aim,
    watcher: Watcher,
}

impl BackupPass<'_> {
    /// The database's half. A list may lag, and a half that is believed gone would stay for ever.
    async fn snapshot<T: ResourceType>(
        &self,
        account: &Account,
        id: &T::Id,
    ) -> Result<Option<T::Observed>, CloudError>
    where
        Account: Has<T>,
    {
        let mut found = account.get::<T>(id, &self.watcher).await?;
        if found.is_none() && self.aim == Aim::Remove {
            found = account.confirm::<T>(id).await?;
        }
        Ok(owned(found))
    }
}

#[async_trait]
impl Stack for BackupPass<'_> {
    type Seen = BackupSeen;

    async fn observe(&self, account: &Account) -> Result<BackupSeen, CloudError> {
        let (stack, watcher) = (self.stack, &self.watcher);
        let database = match &stack.database {
            DatabaseWanted::Cluster(of) => self
                .snapshot::<ClusterSnapshot>(account, &of.id)
                .await?
                .map(DatabaseSeen::Cluster),
            DatabaseWanted::Instance(of) => self
                .snapshot::<DbSnapshot>(account, &of.id)
                .await?
                .map(DatabaseSeen::Instance),
        };
        let mut seen = BackupSeen {
            database,
            jobs: None,
            points: BTreeMap::new(),
        };
        let points = match (&self.known, &stack.files) {
            (_, FilesWanted::Versions(_)) => Vec::new(),
            (Some(known), _) => vec![known.clone()],
            (None, FilesWanted::RecoveryPoint { job, .. }) => {
                let jobs = account.get::<BackupJobs>(&job.resource_arn, watcher);
                seen.jobs = owned(jobs.await?);
                backup::candidates(stack, &seen)
            }
        };
        for id in points {
            let found = match self.aim {
                // Read anew each time: it may be there a moment after its job is complete.
                Aim::Take => account.confirm::<RecoveryPoint>(&id).await?,
                Aim::Remove => account.get::<RecoveryPoint>(&id, watcher).await?,
            };
            if let Some(point) = owned(found) {
                seen.points.insert(id, point);
            }
        }
        Ok(seen)
    }

    fn plan(&self, seen: &BackupSeen) -> Step<Change> {
        match self.aim {
            Aim::Take => backup::plan(self.stack, seen),
            Aim::Remove => backup::remove(self.stack, seen),
        }
    }
}

/// Where the set is taken, as it was when it began.
pub(super) async fn landing(
    context: &Context,
    object: &EmrBackup,
    source: &BackupSource,
) -> Result<Landing, Box<NotLanded>> {
    land(
        context,
        object,
        KIND,
        &source.platform,
        Some(&source.placement),
    )
    .await
}

/// Drives both halves as far as they go now, and tells what was changed.
pub(super) async fn drive_set(
    context: &Context,
    object: &EmrBackup,
    landing: &Landing,
    status: &EmrBackupStatus,
    source: &BackupSource,
    aim: Aim,
) -> Result<(BackupStack, Driven<BackupSeen>), ReconcileError> {
    let owner = owner_of(object, landing.cluster());
    let since = status.quiesced_at.as_ref().or(status.started_at.as_ref());
    let since = since.and_then(|at| at.parse::<Timestamp>().ok());
    let since = since.ok_or_else(|| {
        ReconcileError::slow(
            "InvalidObject",
            "status.startedAt was removed or is no time",
        )
    })?;
    let stack = backup::desire(&owner, object, source, since, &landing.spec.tags);
    let stack = stack.ok_or_else(|| {
        ReconcileError::slow(
            "InvalidObject",
            "status.source was changed and names no database or no files",
        )
    })?;
    let known = status.set.as_ref().and_then(|set| {
        Some(recovery_point::Id {
            vault: VaultName::new(set.files.vault.as_deref()?),
            arn: Arn::new(set.files.recovery_point_arn.as_deref()?),
        })
    });
    let pass = BackupPass {
        stack: &stack,
        known,
        aim,
        watcher: watcher_of(object, KIND),
    };
    let driven = drive(&landing.account, &*context.permit, None, &pass).await;
    report::tell(context, &object.object_ref(&()), &driven.performed, false).await;
    Ok((stack, driven))
}
