//! EmrBackup: a set of database and files, taken together and removed together.
//!
//! ```text
//! begin    Pending               may it begin, and of what          one status write
//! quiesce  Quiescing             waits until the instance is quiet  (its own controller stops it)
//! copy     Copying               both halves                        AWS
//! keep     Complete              until it expires
//! clear    Failing, Expiring     both halves away                   AWS
//! leave    being deleted
//! ```
//! Invariant: a phase is written before what it does begins, and each pass takes one step of this list.

pub(crate) mod gather;
mod leave;
mod remove;
mod stack;
mod take;

use std::time::Duration;

use emr_api::{
    EmrBackup, EmrInstance, EmrRestore,
    emr_backup::{BackupPhase, EmrBackupStatus, InstanceRef},
};
use emr_model::backup;
use emr_runtime::{Next, ReconcileError};
use kube::{Resource, ResourceExt};

use crate::{
    context::watcher_of,
    phased::{Phased, Phases},
};

/// The kind's name, as watchers carry it.
pub(crate) const KIND: &str = "EmrBackup";

/// How long until a set that should go looks again whether something is still made from it.
const IN_USE: Duration = Duration::from_mins(2);

impl Phases for EmrBackup {
    fn instance_ref(&self) -> &InstanceRef {
        &self.spec.instance_ref
    }

    fn word(status: &EmrBackupStatus) -> &'static str {
        status.phase.as_str()
    }

    async fn step(pass: &Pass<'_>, going: bool) -> Result<Next, ReconcileError> {
        if going {
            return Box::pin(leave::leave(pass)).await;
        }
        match pass.status().phase {
            BackupPhase::Pending => Box::pin(take::begin(pass)).await,
            BackupPhase::Quiescing => take::quiesce(pass).await,
            BackupPhase::Copying => Box::pin(take::copy(pass)).await,
            BackupPhase::Complete => pass.keep().await,
            BackupPhase::Failing | BackupPhase::Expiring => Box::pin(remove::clear(pass)).await,
            BackupPhase::Failed | BackupPhase::Expired => pass.rest().await,
        }
    }
}

/// A backup and what its pass works with.
type Pass<'a> = Phased<'a, EmrBackup>;

impl Phased<'_, EmrBackup> {
    /// It failed: the application is let go at once, and what was taken is removed next.
    async fn fail(&self, why: &str) -> Result<Next, ReconcileError> {
        let old = self.status();
        let about = self.object.object_ref(&());
        let events = &self.context.events;
        events.warning(&about, "BackupFailed", "Backup", why).await;
        let status = EmrBackupStatus {
            phase: BackupPhase::Failing,
            failure: Some(why.to_owned()),
            quiet_for: backup::elapsed(old.quiesced_at.as_deref(), self.context.now()),
            ..old
        };
        self.turn_to(
            status,
            "RemovingHalves",
            format!("{why}; what was taken is removed"),
        )
        .await
    }

    /// A complete set, until it expires.
    async fn keep(&self) -> Result<Next, ReconcileError> {
        let now = self.context.now();
        let status = self.status();
        let wait = backup::next_after(&status, now);
        if wait.is_zero() && self.restored_by().await?.is_some() {
            self.rest().await?;
            return Ok(Next::After(IN_USE));
        }
        if wait.is_zero() {
            let status = EmrBackupStatus {
                phase: BackupPhase::Expiring,
                ..status
            };
            return self
                .turn_to(
                    status,
                    "Expiring",
                    "its days are over; both halves are removed",
                )
                .await;
        }
        self.rest().await?;
        Ok(Next::After(wait))
    }

    /// Who is just being made from the set: it stays until that is done.
    async fn restored_by(&self) -> Result<Option<String>, ReconcileError> {
        let (namespace, id) = (&self.object.metadata.namespace, &self.object.metadata.uid);
        let mirrors = &self.context.mirrors;
        let puts_back = |restore: &EmrRestore| {
            let status = restore.status.as_ref();
            restore.metadata.namespace == *namespace
                && status.is_some_and(|of| {
                    let set = of.set.as_ref();
                    of.phase.is_under_way() && set.is_some_and(|set| set.set_id == *id)
                })
        };
        if let Some(restore) = mirrors.restores.select(puts_back).await?.first() {
            return Ok(Some(format!("EmrRestore {}", restore.name_any())));
        }
        let comes_from = |instance: &EmrInstance| {
            let status = instance.status.as_ref();
            instance.metadata.namespace == *namespace
                && status.is_some_and(|of| {
                    let set = of.restored.as_ref();
                    of.version.is_none() && set.is_some_and(|set| set.set_id == *id)
                })
        };
        let instances = mirrors.instances.select(comes_from).await?;
        let first = instances.first();
        Ok(first.map(|instance| format!("EmrInstance {}", instance.name_any())))
    }

    /// Nothing more is done, but said.
    async fn rest(&self) -> Result<Next, ReconcileError> {
        // AWS wakes it no longer.
        self.context.accounts.forget(&watcher_of(self.object, KIND));
        // A failed one stays as it is: it is not looked at again every few minutes.
        self.say_rested(self.status(), backup::resting(&self.status()))
            .await?;
        Ok(Next::AwaitChange)
    }

    /// It came to rest; what follows from that is another pass's.
    async fn come_to_rest(&self, status: EmrBackupStatus) -> Result<Next, ReconcileError> {
        let told = backup::resting(&status);
        self.say_rested(status, told).await?;
        Ok(Next::After(Duration::ZERO))
    }
}
