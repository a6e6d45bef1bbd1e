//! What became of a pass: one status write, events, and when to look again.

use std::time::Duration;

use emr_api::{
    conditions::{self, Beside, Reported},
    labels,
    policy::ManagementPolicy,
};
use emr_model::progress::{Held, Progress};
use emr_runtime::{Next, ReconcileError, status::patch_status_if_changed};
use k8s_openapi::{
    api::core::v1::ObjectReference,
    apimachinery::pkg::apis::meta::v1::{Condition, ObjectMeta},
};
use kube::{Api, Resource, ResourceExt};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Context, children, drive::Driven};

/// How long until a stalled object is looked at although nothing woke it.
const STALLED_AGAIN: Duration = Duration::from_mins(5);
/// How long until a child in deletion looks again whether it is still used: neither the instance
/// nor its pods wake it.
const IN_USE_AGAIN: Duration = Duration::from_secs(3);

/// The longest list of changes in an event, in bytes: with what stands before it, the API server
/// takes 1,024.
const LONGEST_NOTE: usize = 960;

/// Whether the object is held, by annotation or by policy.
pub(crate) fn hold<K: Resource>(object: &K, policy: ManagementPolicy) -> Option<Held> {
    let paused = object
        .annotations()
        .get(labels::PAUSED)
        .is_some_and(|value| value == "true");
    match policy {
        _ if paused => Some(Held::Paused),
        ManagementPolicy::Observe => Some(Held::Observed),
        ManagementPolicy::Full => None,
    }
}

/// True when what was changed was drift, not a wish of the user's: the object was settled at this
/// generation before, or drift is still being repaired.
pub(crate) fn is_drift(old: &impl Reported, generation: Option<i64>, performed: &[String]) -> bool {
    let repairing = conditions::find(old.conditions(), conditions::DRIFT_DETECTED).is_some();
    generation == Some(old.observed_generation())
        && (repairing || (is_calm(old.conditions()) && !performed.is_empty()))
}

/// True when nothing was left to do at this generation.
pub(crate) fn is_settled(meta: &ObjectMeta, observed: i64, told: &[Condition]) -> bool {
    meta.deletion_timestamp.is_none() && meta.generation == Some(observed) && is_calm(told)
}

fn is_calm(told: &[Condition]) -> bool {
    let has = |kind| conditions::find(told, kind).is_some();
    conditions::is_true(told, conditions::READY)
        && !has(conditions::RECONCILING)
        && !has(conditions::STALLED)
}

/// A word for the metric that counts objects by state.
pub(crate) fn phase(conditions: Option<&[Condition]>) -> String {
    let conditions = conditions.unwrap_or_default();
    let is = |kind| conditions::is_true(conditions, kind);
    match (is(conditions::STALLED), is(conditions::READY)) {
        (true, _) => "Stalled",
        (false, true) => "Ready",
        (false, false) => "Progressing",
    }
    .to_owned()
}

/// What a pass came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How far the object has come.
    pub(crate) progress: Progress,
    /// A sentence when what depends on the object can use it.
    pub(crate) usable: Option<String>,
    /// What went wrong, for the one place that reports it.
    pub(crate) failure: Option<ReconcileError>,
    /// Somebody changed AWS, and it is being put back.
    pub(crate) drift: bool,
    /// What is told beside the object's own progress.
    pub(crate) beside: Vec<Beside>,
}

impl From<Progress> for Outcome {
    fn from(progress: Progress) -> Self {
        Self {
            progress,
            usable: None,
            failure: None,
            drift: false,
            beside: Vec::new(),
        }
    }
}

impl<S> From<Driven<S>> for Outcome {
    fn from(driven: Driven<S>) -> Self {
        Self {
            progress: driven.progress,
            usable: None,
            failure: driven.failure,
            drift: false,
            beside: Vec::new(),
        }
    }
}

/// Writes the status, if it differs, and says when to look again.
pub(crate) async fn conclude<K, S>(
    context: &Context,
    api: &Api<K>,
    object: &K,
    mut status: S,
    outcome: Outcome,
) -> Result<Next, ReconcileError>
where
    K: Resource<DynamicType = ()> + Serialize + DeserializeOwned,
    S: Reported + Serialize,
{
    let Outcome {
        progress,
        usable,
        failure,
        drift,
        beside,
    } = outcome;
    let generation = object.meta().generation.unwrap_or_default();
    let repairing = drift && !progress.is_settled() && !matches!(progress, Progress::Held { .. });
    let conditions = progress
        .conditions(
            status.conditions(),
            generation,
            context.now(),
            usable.as_deref(),
        )
        .set_if(
            repairing,
            conditions::DRIFT_DETECTED,
            "Repairing",
            "somebody changed AWS; it is being put back, events tell what",
        )
        .beside(&beside)
        .finish();
    status.report(generation, conditions);
    patch_status_if_changed(api, object, &status).await?;
    next(&progress, failure)
}

/// Tells of what was changed in AWS.
pub(crate) async fn tell(
    context: &Context,
    about: &ObjectReference,
    performed: &[String],
    drift: bool,
) {
    let events = &context.events;
    for changes in notes(performed) {
        if drift {
            let note = format!("somebody changed AWS; repaired: {changes}");
            events
                .warning(about, "DriftRepaired", "Repair", &note)
                .await;
        } else {
            events.normal(about, "Applied", "Apply", &changes).await;
        }
    }
}

/// What was changed in one pass, in as few notes as it fits: each event is a write.
fn notes(performed: &[String]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for change in performed {
        match notes.last_mut() {
            Some(note) if note.len() + change.len() + 2 <= LONGEST_NOTE => {
                note.push_str("; ");
                note.push_str(change);
            }
            _ => notes.push(change.clone()),
        }
    }
    notes
}

/// When to look again.
pub(crate) fn next(
    progress: &Progress,
    failure: Option<ReconcileError>,
) -> Result<Next, ReconcileError> {
    match (failure, progress) {
        (Some(failure), _) => Err(failure),
        (None, Progress::Stalled(_)) => Ok(Next::After(STALLED_AGAIN)),
        (None, Progress::Working(notice)) if children::IN_USE.contains(&notice.reason.as_str()) => {
            Ok(Next::After(IN_USE_AGAIN))
        }
        (None, _) => Ok(Next::AwaitChange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_share_a_note_as_long_as_it_fits() {
        let short = ["create a", "create b"].map(str::to_owned);
        assert_eq!(notes(&short), ["create a; create b"]);
        let long: Vec<_> = (0..5).map(|n| format!("{n}{}", "x".repeat(400))).collect();
        let notes = notes(&long);
        assert_eq!(notes.len(), 3);
        assert!(notes.iter().all(|note| note.len() <= LONGEST_NOTE));
        assert!(
            long.iter()
                .all(|change| notes.iter().any(|note| note.contains(change)))
        );
        assert!(super::notes(&[]).is_empty());
    }
}
