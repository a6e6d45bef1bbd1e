//! From a wish to a complete set.

use std::time::Duration;

use emr_api::emr_backup::{BackupPhase, EmrBackupStatus};
use emr_model::{
    Progress,
    backup::{self, BackupSeen, BackupStack},
    progress::Notice,
};
use emr_runtime::{Class, Next, ReconcileError};
use jiff::{SignedDuration, Timestamp};
use kube::Resource;

use super::{
    Pass,
    gather::{gather, with_versions},
    stack::{Aim, drive_set, landing},
};
use crate::{
    drive::Driven,
    report::{Outcome, hold},
};

/// How long until a backup that waits for another looks again.
const TURN: Duration = Duration::from_secs(30);

/// It begins, once there is something whole to copy.
pub(super) async fn begin(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let (context, object) = (pass.context, pass.object);
    if let Some(why) = hold(object, emr_api::policy::ManagementPolicy::Full) {
        let pending = Vec::new();
        return pass
            .conclude(pass.status(), Progress::Held { why, pending })
            .await;
    }
    let (moment, landing) = match gather(context, object).await? {
        Ok(found) => found,
        Err(not) => return pass.conclude(pass.status(), not).await,
    };
    let cluster = landing.as_ref().map_or("", |landing| landing.cluster());
    let mut source = match backup::ready_to_begin(object, &moment, cluster) {
        Ok(source) => source,
        Err(not) => {
            pass.conclude(pass.status(), not.progress()).await?;
            return Ok(match not {
                backup::NotYet::Another(_) => Next::After(TURN),
                _ => Next::AwaitChange,
            });
        }
    };
    if let Some(landing) = &landing {
        with_versions(&landing.account, &mut source).await?;
    }
    let status = backup::begin(object, source, to_the_second(context.now()));
    let message = match status.phase {
        BackupPhase::Quiescing => {
            let events = &context.events;
            let note = format!(
                "the pods of EmrInstance {} stop now and come back when both halves are complete",
                object.spec.instance_ref.name
            );
            let about = object.object_ref(&());
            events.normal(&about, "Quiescing", "Backup", &note).await;
            note
        }
        _ => "both halves are being taken".to_owned(),
    };
    pass.turn_to(status, "Beginning", message).await
}

/// What is left of the time that the application may stand still; nothing is limited under `Online`.
fn left(pass: &Pass<'_>) -> Option<SignedDuration> {
    if pass.object.spec.consistency != emr_api::emr_backup::Consistency::Quiesced {
        return None;
    }
    let started: Timestamp = pass.status().started_at?.parse().ok()?;
    let limit = backup::quiet_limit(pass.object);
    Some(limit - pass.context.now().duration_since(started))
}

/// How often a set that is being taken is looked at although nothing woke it.
const LOOK: SignedDuration = SignedDuration::from_mins(2);

async fn too_late(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let limit = backup::quiet_limit(pass.object);
    pass.fail(&format!(
        "the set was not complete within {limit:#}, the longest time that the application may stand \
         still (spec.quietLimit)"
    ))
    .await
}

/// Says what is waited for, and looks again in time. What needs a person is tried again soon as well, not
/// in a quarter of an hour: the application may be standing still.
async fn wait(
    pass: &Pass<'_>,
    status: EmrBackupStatus,
    outcome: impl Into<Outcome> + Send,
    left: Option<SignedDuration>,
) -> Result<Next, ReconcileError> {
    match pass.conclude(status, outcome).await {
        Ok(next) => Ok(within(next, left)),
        Err(failure) => Err(ReconcileError {
            class: Class::Soon,
            ..failure
        }),
    }
}

/// Whichever comes first.
fn within(next: Next, left: Option<SignedDuration>) -> Next {
    let left = left.and_then(|left| Duration::try_from(left).ok());
    match (next, left) {
        (Next::AwaitChange, Some(left)) => Next::After(left),
        (Next::After(next), Some(left)) => Next::After(next.min(left)),
        (next, None) => next,
    }
}

/// The instance's own controller stops its pods; it says when all are gone.
pub(super) async fn quiesce(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let left = left(pass);
    if left.is_some_and(|left| left <= SignedDuration::ZERO) {
        return too_late(pass).await;
    }
    let Some(instance) = pass.instance().await? else {
        return pass.fail("the instance is being deleted").await;
    };
    let status = pass.status();
    if backup::is_quiet(&instance, pass.object) {
        let status = EmrBackupStatus {
            phase: BackupPhase::Copying,
            quiesced_at: Some(to_the_second(pass.context.now()).to_string()),
            ..status
        };
        return pass
            .turn_to(
                status,
                "Copying",
                "no pod runs; both halves are being taken",
            )
            .await;
    }
    let message = format!(
        "the pods of EmrInstance {} are being stopped",
        pass.object.spec.instance_ref.name
    );
    let progress = Progress::Working(Notice::new("StoppingPods", message));
    wait(pass, status, progress, left).await
}

/// Both halves, side by side.
pub(super) async fn copy(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let (context, object) = (pass.context, pass.object);
    let left = left(pass);
    let status = pass.status();
    let Some(source) = status.source.clone() else {
        return pass.fail("status.source was removed").await;
    };
    if left.is_some_and(|left| left <= SignedDuration::ZERO) {
        return too_late(pass).await;
    }
    let landing = match landing(context, object, &source).await {
        Ok(landing) => landing,
        Err(not) => return wait(pass, status, not, left).await,
    };
    let (stack, driven) = drive_set(context, object, &landing, &status, &source, Aim::Take).await?;
    if driven.failure.is_none() {
        match &driven.progress {
            Progress::Stalled(refused) => return pass.fail(&refused.message).await,
            Progress::Settled => return finish(pass, status, &stack, driven).await,
            _ => {}
        }
    }
    let left = Some(left.unwrap_or(LOOK).min(LOOK));
    wait(pass, status, driven, left).await
}

async fn finish(
    pass: &Pass<'_>,
    status: EmrBackupStatus,
    stack: &BackupStack,
    driven: Driven<BackupSeen>,
) -> Result<Next, ReconcileError> {
    let seen = driven.seen.unwrap_or_default();
    let (Some(database), Some(files)) = (&seen.database, backup::copied(stack, &seen)) else {
        return pass.conclude(status, Outcome::from(driven.progress)).await;
    };
    let now = to_the_second(pass.context.now());
    let status = backup::complete(pass.object, &status, database, files, now);
    let quiet = status.quiet_for.as_deref();
    let quiet = quiet.map_or_else(String::new, |quiet| format!(" after {quiet} of quiet"));
    let note = format!("both halves of the set are complete{quiet}");
    let events = &pass.context.events;
    let about = pass.object.object_ref(&());
    events
        .normal(&about, "BackupComplete", "Backup", &note)
        .await;
    pass.come_to_rest(status).await
}

/// AWS Backup tells times to the second.
fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
