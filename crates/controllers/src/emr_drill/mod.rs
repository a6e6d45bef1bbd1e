//! EmrDrill: a copy from a set, looked at, timed and wiped.
//!
//! ```text
//! begin    Pending      which set                          one status write
//! restore  Restoring    a copy of the instance from it     an EmrInstance
//! check    Checking     tables, keys, documents            a Job beside the copy's workers
//! clear    Clearing     the copy goes                      then the verdict
//! leave    being deleted
//! ```
//! Invariant: nothing of a drill is left when it is over, however it went, and the instance never notices
//! that one was held.

mod begin;
mod check;
mod clear;

use std::time::Duration;

use emr_api::{
    EmrDrill, EmrInstance,
    emr_backup::InstanceRef,
    emr_drill::{DrillPhase, EmrDrillStatus},
};
use emr_model::{Progress, drill, progress::Notice};
use emr_runtime::{Key, Next, ReconcileError};
use kube::{Resource, ResourceExt};

use crate::phased::{Phased, Phases};

/// The kind's name.
pub(crate) const KIND: &str = "EmrDrill";
/// How long until something is looked at that does not wake a drill.
const LOOK: Duration = Duration::from_secs(10);

impl Phases for EmrDrill {
    fn instance_ref(&self) -> &InstanceRef {
        &self.spec.instance_ref
    }

    fn word(status: &EmrDrillStatus) -> &'static str {
        status.phase.as_str()
    }

    async fn step(pass: &Pass<'_>, going: bool) -> Result<Next, ReconcileError> {
        if going {
            return clear::leave(pass).await;
        }
        let phase = pass.status().phase;
        // A copy of a clinic's records is wiped whoever pauses what.
        let may_rest = !phase.is_over() && phase != DrillPhase::Clearing;
        if may_rest && let Some(held) = pass.held().await {
            return held;
        }
        let may_be_late = matches!(phase, DrillPhase::Restoring | DrillPhase::Checking);
        if may_be_late && let Some(limit) = drill::is_too_late(pass.object, pass.context.now()) {
            return pass.give_up(limit).await;
        }
        match phase {
            DrillPhase::Pending => begin::begin(pass).await,
            DrillPhase::Restoring => begin::restore(pass).await,
            DrillPhase::Checking => Box::pin(check::check(pass)).await,
            DrillPhase::Clearing => clear::clear(pass).await,
            DrillPhase::Passed | DrillPhase::Failed => {
                pass.rest(pass.status()).await?;
                Ok(Next::AwaitChange)
            }
        }
    }
}

/// A drill and what its pass works with.
type Pass<'a> = Phased<'a, EmrDrill>;

impl Phased<'_, EmrDrill> {
    /// The copy.
    async fn copy(&self) -> Result<Option<EmrInstance>, ReconcileError> {
        let key = Key {
            namespace: self.object.namespace(),
            name: drill::copy_name(self.object),
        };
        let copy = self.context.mirrors.instances.cloned(&key).await?;
        Ok(copy.filter(|copy| drill::is_copy(self.object, copy)))
    }

    /// Says what is waited for, and looks again although nothing woke it.
    async fn wait(&self, notice: Notice) -> Result<Next, ReconcileError> {
        self.conclude(self.status(), Progress::Working(notice))
            .await?;
        Ok(Next::After(LOOK))
    }

    /// What was found, and why it failed if it did: the copy is wiped next, and then it is told.
    async fn judged(
        &self,
        found: Option<String>,
        failure: Option<String>,
    ) -> Result<Next, ReconcileError> {
        let now = self.context.now();
        let message = match &failure {
            Some(why) => format!("{why}; the copy is wiped"),
            None => "the copy is whole; it is wiped".to_owned(),
        };
        let status = drill::checked(self.status(), found, failure, now);
        self.turn_to(status, "WipingCopy", message).await
    }

    /// Its time is over.
    async fn give_up(&self, limit: jiff::SignedDuration) -> Result<Next, ReconcileError> {
        let status = self.status();
        let waits = emr_api::conditions::find(&status.conditions, emr_api::conditions::READY);
        let waits = waits.map(|ready| format!(": {}", ready.message));
        let why = format!(
            "the copy was not restored and checked within {limit:#}{}",
            waits.unwrap_or_default()
        );
        self.judged(None, Some(why)).await
    }

    /// Nothing more is done, but said.
    async fn rest(&self, status: EmrDrillStatus) -> Result<(), ReconcileError> {
        let told = drill::resting(self.object, &status);
        self.say_rested(status, told).await
    }

    /// The verdict, once: on the drill, and on the instance, where people look.
    async fn announce(&self, status: &EmrDrillStatus) -> Result<(), ReconcileError> {
        self.context.metrics.drilled(status);
        let (progress, usable) = drill::resting(self.object, status);
        let note = usable.or_else(|| progress.notice().map(|told| told.message.clone()));
        let note = note.unwrap_or_default();
        let events = &self.context.events;
        let instance = self.instance().await?;
        let named = instance.map(|instance| instance.object_ref(&()));
        for about in named.into_iter().chain([self.object.object_ref(&())]) {
            if status.phase == DrillPhase::Passed {
                events.normal(&about, "DrillPassed", "Drill", &note).await;
            } else {
                events.warning(&about, "DrillFailed", "Drill", &note).await;
            }
        }
        Ok(())
    }
}
