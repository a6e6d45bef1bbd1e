//! What people read of an upgrade, and the one line that brings back what was before.

use jiff::SignedDuration;
use serde_json::json;

use super::{
    path::path,
    procedure::Procedure,
    state::{Level, Observed, Upgrade, UpgradePhase},
    version::Version,
};
use crate::{progress::Notice, workload::Instance};

/// The line that puts an instance back to a set.
pub fn restore_line(namespace: &str, instance: &str, set: &str) -> String {
    let restore = json!({
        "apiVersion": "emrstack.dev/v1alpha1",
        "kind": "EmrRestore",
        "metadata": {"name": format!("undo-{set}"), "namespace": namespace},
        "spec": {"instanceRef": {"name": instance}, "from": {"backup": set}},
    });
    format!("echo '{restore}' | kubectl create -f -")
}

/// A person holds it.
pub(super) fn paused() -> Notice {
    Notice::new(
        "UpgradePaused",
        "the upgrade is paused: remove the annotation emrstack.dev/paused to go on",
    )
}

/// What a phase does, and where it stands in the whole.
pub(super) fn phase(procedure: &Procedure, installed: &Version, upgrade: &Upgrade) -> String {
    let Upgrade { from, to, step, .. } = upgrade;
    let left = path(installed, to, &procedure.catalogue).map_or(1, |steps| steps.len());
    let done = path(from, installed, &procedure.catalogue).map_or(0, |steps| steps.len());
    let name = procedure.catalogue.application;
    let what = match upgrade.phase {
        UpgradePhase::Stopping => "the pods are being stopped".to_owned(),
        UpgradePhase::Securing => "a set is taken first".to_owned(),
        UpgradePhase::Rolling => format!("the pods are replaced by those of {step}"),
        UpgradePhase::Verifying => format!("whether {step} is what runs is looked at"),
        UpgradePhase::Migrating => "the data is being migrated".to_owned(),
        UpgradePhase::Failed => "it stopped".to_owned(),
    };
    let nth = done + 1;
    let all = done + left;
    format!("{name} {from} to {to}, step {nth} of {all} to {step}: {what}")
}

/// The same, with how far it is.
pub(super) fn working(upgrade: &Upgrade, detail: &str) -> Notice {
    let message = match detail {
        "" => upgrade.message.clone(),
        detail => format!("{} ({detail})", upgrade.message),
    };
    Notice::new("Upgrading", message)
}

/// Whether a pod reports the step's release.
pub(super) fn is_of(pod: Option<&Version>, step: &Version) -> bool {
    pod.is_some_and(|version| version.release() == step.release())
}

/// Which pods do not run the step's version yet.
pub(super) fn versions(seen: &Observed, step: &Version) -> String {
    let all = seen.pods.len();
    let there = seen
        .pods
        .iter()
        .filter(|pod| is_of(pod.as_ref(), step))
        .count();
    format!("{there} of {all} pods report {step}")
}

/// A phase that takes longer than it ever should.
pub(super) fn too_late(limit: SignedDuration, detail: &str) -> String {
    let minutes = limit.as_mins();
    match detail {
        "" => format!("it is not done after {minutes} min"),
        detail => format!("it is not done after {minutes} min: {detail}"),
    }
}

/// A migration that did not bring the data to where the image is.
pub(super) fn level(level: Level) -> String {
    let Level {
        before,
        after,
        image,
    } = level;
    if after == image {
        format!(
            "the data was at the image's level {image} already, so nothing was migrated: this release \
             brings no step for the database by itself"
        )
    } else {
        format!("the data went from level {before} to {after}, the image's is {image}")
    }
}

/// Why it stopped, what holds now, and the way out.
pub(super) fn failure(
    procedure: &Procedure,
    whose: &Instance,
    installed: &Version,
    upgrade: &Upgrade,
    why: &str,
) -> String {
    let (name, field) = (procedure.catalogue.application, procedure.catalogue.field);
    let Upgrade { step, phase, .. } = upgrade;
    let stopped = format!("the upgrade of {name} to {step} stopped in {phase:?}: {why}");
    if procedure.is_before_the_step(*phase) {
        return format!(
            "{stopped}. Nothing was changed and {installed} is what runs; put that right and set the \
             annotation emrstack.dev/reconcile-requested-at to try again, or set {field} to {installed}"
        );
    }
    let set = upgrade.set.as_deref().unwrap_or_default();
    let line = restore_line(whose.namespace.as_str(), whose.name.as_str(), set);
    format!(
        "{stopped}. The set {set} from before it is kept. To go back, set {field} to {installed} and run: {line}"
    )
}
