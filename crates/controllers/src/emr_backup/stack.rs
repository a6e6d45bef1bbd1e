//! How a set is looked at, and taken or removed.

use std::collections::BTreeMap;

use async_trait::async_trait;
use emr_api::{
    EmrBackup,
    emr_backup::{BackupSource, EmrBackupStatus},
};
use emr_cloud::{Account, CloudError, Watcher};
use emr_model::{
    backup::{self, BackupSeen, BackupStack},
    owner_of,
};
use emr_resource::{
    Change, Step,
    backup_job::BackupJobs,
    cluster_snapshot::ClusterSnapshot,
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

#[async_trait]
impl Stack for BackupPass<'_> {
    type Seen = BackupSeen;

    async fn observe(&self, account: &Account) -> Result<BackupSeen, CloudError> {
        let (stack, watcher) = (self.stack, &self.watcher);
        let id = &stack.snapshot.id;
        let mut snapshot = account.get::<ClusterSnapshot>(id, watcher).await?;
        if snapshot.is_none() && self.aim == Aim::Remove {
            // A list may lag, and a half that is believed gone would stay for ever.
            snapshot = account.confirm::<ClusterSnapshot>(id).await?;
        }
        let mut seen = BackupSeen {
            snapshot: owned(snapshot),
            jobs: None,
            points: BTreeMap::new(),
        };
        let points = if let Some(known) = &self.known {
            vec![known.clone()]
        } else {
            let jobs = account.get::<BackupJobs>(&stack.job.resource_arn, watcher);
            seen.jobs = owned(jobs.await?);
            backup::candidates(stack, &seen)
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
    let known = status.set.as_ref().map(|set| recovery_point::Id {
        vault: VaultName::new(&set.files.vault),
        arn: Arn::new(&set.files.recovery_point_arn),
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
