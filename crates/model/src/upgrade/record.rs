//! An upgrade as status holds it, and what follows from it for the application's objects.

use std::time::Duration;

use emr_api::{
    EmrInstance,
    emr_instance::{EmrInstanceStatus, UpgradeStatus},
    labels,
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;

use super::{
    procedure::Procedure,
    state::{Pods, Recorded, Upgrade, UpgradePhase, Wish},
    version::VersionError,
};

/// What the application's objects are built for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The version of the pods.
    pub version: String,
    /// Whether no pod may run.
    pub stopped: bool,
    /// Whether an exact set may be taken: not while a Job migrates the data. What it left when it failed may be,
    /// as evidence.
    pub may_be_copied: bool,
}

/// What they are built for now: what is installed, and from the phase on in which the pods are replaced, the
/// version of the step under way. `wanted` is the spec's, which holds for the install alone.
pub fn target(status: Option<&EmrInstanceStatus>, procedure: &Procedure, wanted: &str) -> Target {
    let installed = status.and_then(|status| status.version.clone());
    let under_way = status.and_then(|status| status.upgrade.as_ref());
    let pods = under_way.map_or(Pods::Old, |upgrade| {
        procedure.pods_at(upgrade.phase, upgrade.failed_in)
    });
    let step = under_way.filter(|_| pods == Pods::New);
    Target {
        version: step
            .map(|upgrade| upgrade.step.clone())
            .or(installed)
            .unwrap_or_else(|| wanted.to_owned()),
        stopped: pods == Pods::Stopped,
        may_be_copied: pods != Pods::Stopped
            || under_way.is_some_and(|of| {
                of.phase == UpgradePhase::Failed || procedure.is_before_the_step(of.phase)
            }),
    }
}

/// Whether there is anything to do or to tell: another version is wanted, or an upgrade is under way.
pub fn concerns(status: Option<&EmrInstanceStatus>, wanted: &str) -> bool {
    status.is_some_and(|status| {
        let installed = status.version.as_deref();
        status.upgrade.is_some() || installed.is_some_and(|installed| installed != wanted)
    })
}

/// What status remembers.
pub fn recorded(status: Option<&EmrInstanceStatus>) -> Result<Recorded, VersionError> {
    let Some(status) = status else {
        return Ok(Recorded::default());
    };
    let version = status.version.as_deref().map(str::parse).transpose()?;
    let upgrade = status.upgrade.as_ref().map(read).transpose()?;
    Ok(Recorded { version, upgrade })
}

fn read(status: &UpgradeStatus) -> Result<Upgrade, VersionError> {
    Ok(Upgrade {
        from: status.from.parse()?,
        to: status.to.parse()?,
        step: status.step.parse()?,
        irreversible: status.irreversible,
        began: status.began.0,
        phase: status.phase,
        since: status.since.0,
        attempt: status.attempt,
        set: status.set.clone(),
        failed_in: status.failed_in,
        paused: status.paused,
        message: status.message.clone(),
    })
}

/// An upgrade as status is to hold it. When it fails, the last request for another look is remembered with it,
/// so that only a later one has it tried again.
pub fn remember(instance: &EmrInstance, upgrade: &Upgrade) -> UpgradeStatus {
    let before = under_way(instance).filter(|before| before.phase == UpgradePhase::Failed);
    let failed_at_request = match (upgrade.phase, before) {
        (UpgradePhase::Failed, Some(before)) => before.failed_at_request.clone(),
        (UpgradePhase::Failed, None) => request(instance),
        _ => None,
    };
    UpgradeStatus {
        from: upgrade.from.to_string(),
        to: upgrade.to.to_string(),
        step: upgrade.step.to_string(),
        irreversible: upgrade.irreversible,
        began: Time(upgrade.began),
        phase: upgrade.phase,
        since: Time(upgrade.since),
        attempt: upgrade.attempt,
        set: upgrade.set.clone(),
        failed_in: upgrade.failed_in,
        failed_at_request,
        paused: upgrade.paused,
        message: upgrade.message.clone(),
    }
}

/// What a person asks of it. `held`: nothing may be changed, by annotation or by policy.
pub fn wish(instance: &EmrInstance, held: bool) -> Wish {
    if held {
        return Wish::Pause;
    }
    let failed = under_way(instance).filter(|upgrade| upgrade.phase == UpgradePhase::Failed);
    let asked = request(instance);
    match failed {
        Some(failed) if asked.is_some() && asked != failed.failed_at_request => Wish::Retry,
        _ => Wish::None,
    }
}

fn under_way(instance: &EmrInstance) -> Option<&UpgradeStatus> {
    instance.status.as_ref()?.upgrade.as_ref()
}

fn request(instance: &EmrInstance) -> Option<String> {
    instance
        .annotations()
        .get(labels::RECONCILE_REQUESTED_AT)
        .cloned()
}

/// When to look again at a phase that nothing wakes the instance for: soon at first, and the seldomer the longer
/// it lasts, so that a migration of days is asked for once a minute.
pub fn look_again(since: Timestamp, now: Timestamp) -> Duration {
    const SOONEST: Duration = Duration::from_secs(2);
    const LATEST: Duration = Duration::from_mins(1);
    let lasted = Duration::try_from(now.duration_since(since)).unwrap_or_default();
    (lasted / 8).clamp(SOONEST, LATEST)
}
