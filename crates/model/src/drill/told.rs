//! What people read of a drill, on it and on its instance.

use emr_api::{
    EmrDrill,
    conditions::{self, Beside, Verdict},
    emr_drill::{DrillPhase, EmrDrillStatus},
};
use kube::ResourceExt;

use crate::progress::{Notice, Progress};

/// What is said of a drill that is over, and whether it is as it was asked for.
pub fn resting(drill: &EmrDrill, status: &EmrDrillStatus) -> (Progress, Option<String>) {
    if status.phase == DrillPhase::Passed {
        return (Progress::Settled, Some(passed(status)));
    }
    let message = format!(
        "{}. Mend the cause and hold another EmrDrill of EmrInstance {}",
        failure(status),
        drill.spec.instance_ref.name
    );
    (Progress::Stalled(Notice::new("DrillFailed", message)), None)
}

/// What the newest drill that is over proves of its instance; `None` before one is.
pub fn proven(drills: &[EmrDrill]) -> Option<Beside> {
    let over = drills.iter().filter_map(|drill| {
        let status = drill.status.as_ref()?;
        status.phase.is_over().then_some((drill, status))
    });
    let (drill, status) = over.max_by_key(|(drill, status)| {
        // One that never began counts from when it was asked for.
        let created = drill.metadata.creation_timestamp.as_ref();
        let created = created.map(|at| at.0.to_string());
        (status.started_at.clone().or(created), drill.name_any())
    })?;
    let name = drill.name_any();
    let passes = status.phase == DrillPhase::Passed;
    let (reason, message) = if passes {
        (
            "DrillPassed",
            format!("EmrDrill {name}: {}", passed(status)),
        )
    } else {
        (
            "DrillFailed",
            format!("EmrDrill {name}: {}", failure(status)),
        )
    };
    Some(Beside {
        kind: conditions::RESTORE_PROVEN,
        verdict: Verdict::from_bool(passes),
        reason: reason.to_owned(),
        message,
    })
}

fn passed(status: &EmrDrillStatus) -> String {
    let word = |of: &Option<String>| of.clone().unwrap_or_else(|| "unknown".to_owned());
    let checked = status.checked.as_ref();
    let checked = checked.map(|told| format!(" ({told})")).unwrap_or_default();
    format!(
        "EmrBackup {} brought the instance back in {}{checked}; it was {} old",
        word(&status.backup),
        word(&status.recovery_time),
        word(&status.data_age)
    )
}

fn failure(status: &EmrDrillStatus) -> String {
    let usual = || "it failed".to_owned();
    status.failure.clone().unwrap_or_else(usual)
}
