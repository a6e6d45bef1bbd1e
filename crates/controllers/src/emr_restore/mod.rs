//! EmrRestore: an instance put back to a set, in place.
//!
//! ```text
//! begin    Pending              may it begin, and from which set     one status write
//! secure   Securing             a set of what runs                   an EmrBackup
//! make     Making               database and files beside the old    child objects
//! verify   Verifying            files in place, both halves opened   Jobs
//! switch   Switching            waits until the instance runs on it  (its own controller does it)
//! keep     Complete             the old ones aside, until confirmed
//! discard  Discarding           the old ones go, as their policy says
//! clear    Failing              what was made goes
//! leave    being deleted
//! ```
//! Invariant: a phase is written before what it does begins; until `Switching` the instance is as it
//! was, from then on it runs to its end.

mod begin;
mod candidate;
mod clear;
mod make;
mod switch;

use std::time::Duration;

use emr_api::{
    EmrRestore,
    emr_backup::InstanceRef,
    emr_restore::{EmrRestoreStatus, RestorePhase},
};
use emr_model::{Progress, progress::Notice, restore};
use emr_runtime::{Next, ReconcileError};
use kube::Resource;

use crate::phased::{Phased, Phases};

/// The kind's name.
pub(crate) const KIND: &str = "EmrRestore";
/// How long until something is looked at that does not wake a restore.
const LOOK: Duration = Duration::from_secs(10);

impl Phases for EmrRestore {
    fn instance_ref(&self) -> &InstanceRef {
        &self.spec.instance_ref
    }

    fn word(status: &EmrRestoreStatus) -> &'static str {
        status.phase.as_str()
    }

    async fn step(pass: &Pass<'_>, going: bool) -> Result<Next, ReconcileError> {
        let phase = pass.status().phase;
        if going && phase != RestorePhase::Switching {
            return Box::pin(clear::leave(pass)).await;
        }
        // From the switch on it runs to its end: an instance that stands still must come back.
        let may_rest = phase.can_be_cancelled() && phase != RestorePhase::Failing;
        if may_rest && let Some(held) = pass.held().await {
            return held;
        }
        match phase {
            RestorePhase::Pending => Box::pin(begin::begin(pass)).await,
            RestorePhase::Securing => begin::secure(pass).await,
            RestorePhase::Making => Box::pin(make::make(pass)).await,
            RestorePhase::Verifying => Box::pin(make::verify(pass)).await,
            RestorePhase::Switching => switch::switch(pass).await,
            RestorePhase::Complete if restore::is_confirmed(pass.object) => {
                switch::confirmed(pass).await
            }
            RestorePhase::Discarding => Box::pin(switch::discard(pass)).await,
            RestorePhase::Failing => Box::pin(clear::clear(pass)).await,
            RestorePhase::Complete | RestorePhase::Discarded | RestorePhase::Failed => {
                pass.rest(pass.status()).await?;
                Ok(Next::AwaitChange)
            }
        }
    }
}

/// A restore and what its pass works with.
type Pass<'a> = Phased<'a, EmrRestore>;

impl Phased<'_, EmrRestore> {
    /// Says what is waited for, and looks again although nothing woke it.
    async fn wait(&self, notice: Notice, stalled: bool) -> Result<Next, ReconcileError> {
        let progress = if stalled {
            Progress::Stalled(notice)
        } else {
            Progress::Working(notice)
        };
        self.conclude(self.status(), progress).await?;
        Ok(Next::After(LOOK))
    }

    /// It failed before the switch: what was made for it is removed next.
    async fn fail(&self, why: &str) -> Result<Next, ReconcileError> {
        self.tell("RestoreFailed", why, true).await;
        let status = EmrRestoreStatus {
            phase: RestorePhase::Failing,
            failure: Some(why.to_owned()),
            ..self.status()
        };
        let message = format!("{why}; what was made for it is removed");
        self.turn_to(status, "RemovingCandidate", message).await
    }

    /// Nothing more is done, but said.
    async fn rest(&self, status: EmrRestoreStatus) -> Result<(), ReconcileError> {
        let told = restore::resting(self.object, &status);
        self.say_rested(status, told).await
    }

    async fn tell(&self, reason: &str, note: &str, warning: bool) {
        let (events, about) = (&self.context.events, self.object.object_ref(&()));
        if warning {
            events.warning(&about, reason, "Restore", note).await;
        } else {
            events.normal(&about, reason, "Restore", note).await;
        }
    }
}
