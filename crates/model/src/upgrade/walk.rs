//! The walk along an upgrade's steps: what comes next, from what status remembers and what is seen.

use jiff::Timestamp;

use super::{
    look::{Look, look},
    path::{Step, UpgradeError, path},
    procedure::{Evidence, Procedure, limit},
    state::{Action, Observed, Recorded, Upgrade, UpgradePhase, Wish},
    told,
    version::Version,
};
use crate::{progress::Notice, workload::Instance};

/// What comes next for an instance of an application whose spec wants `wanted`.
pub fn next(
    procedure: &Procedure,
    whose: &Instance,
    wanted: &Version,
    recorded: &Recorded,
    seen: &Observed,
    now: Timestamp,
) -> Action {
    let Some(version) = &recorded.version else {
        return Action::Settled;
    };
    let paused = seen.wish == Wish::Pause;
    match &recorded.upgrade {
        Some(upgrade) => on_the_way(procedure, whose, wanted, version, upgrade, seen, now),
        None => match path(version, wanted, &procedure.catalogue) {
            // Another build of one release: the pods are replaced, and nothing else is to be done.
            Err(UpgradeError::SameRelease { to, .. })
                if !paused && seen.approved == Some(to.to_string()) =>
            {
                Action::Reached {
                    version: to,
                    upgrade: None,
                }
            }
            Err(error) => Action::Refuse(error),
            Ok(steps) => match begin(procedure, version, version, wanted, steps, now) {
                Some(_) if paused => Action::Rest(told::paused()),
                Some(upgrade) => Action::Write(upgrade),
                None => Action::Settled,
            },
        },
    }
}

/// The first of these steps, begun.
fn begin(
    procedure: &Procedure,
    from: &Version,
    installed: &Version,
    to: &Version,
    steps: Vec<Step>,
    now: Timestamp,
) -> Option<Upgrade> {
    let step = steps.into_iter().next()?;
    let phase = procedure.first();
    let upgrade = Upgrade {
        from: from.clone(),
        to: to.clone(),
        step: step.to,
        irreversible: step.irreversible,
        began: now,
        phase,
        since: now,
        attempt: 1,
        set: None,
        failed_in: None,
        paused: false,
        message: String::new(),
    };
    let message = told::phase(procedure, installed, &upgrade);
    Some(Upgrade { message, ..upgrade })
}

fn on_the_way(
    procedure: &Procedure,
    whose: &Instance,
    wanted: &Version,
    installed: &Version,
    upgrade: &Upgrade,
    seen: &Observed,
    now: Timestamp,
) -> Action {
    if upgrade.phase == UpgradePhase::Failed {
        return failed(procedure, wanted, installed, upgrade, seen, now);
    }
    // Until its set is complete a step has touched nothing, so another wish is heard at once.
    let untouched = procedure.is_before_the_step(upgrade.phase);
    if untouched && (*wanted != upgrade.to) {
        return Action::Abandon;
    }
    let paused = seen.wish == Wish::Pause;
    if paused != upgrade.paused {
        return Action::Write(Upgrade {
            paused,
            since: now,
            ..upgrade.clone()
        });
    }
    if paused {
        return Action::Rest(told::paused());
    }
    match look(procedure, upgrade, seen) {
        Look::Done => advance(procedure, wanted, installed, upgrade, seen, now),
        Look::Failed(why) => fail(procedure, whose, installed, upgrade, &why, now),
        Look::Unsecured => Action::Write(enter(
            procedure,
            installed,
            another_set(upgrade),
            UpgradePhase::Securing,
            now,
        )),
        Look::Working(work, detail) => {
            let limit = limit(upgrade.phase);
            match limit.filter(|limit| now.duration_since(upgrade.since) > *limit) {
                Some(limit) => {
                    let why = told::too_late(limit, &detail);
                    fail(procedure, whose, installed, upgrade, &why, now)
                }
                None => Action::Work(work, told::working(upgrade, &detail)),
            }
        }
    }
}

/// The phase is done: the next one, or the next step, or the end.
fn advance(
    procedure: &Procedure,
    wanted: &Version,
    installed: &Version,
    upgrade: &Upgrade,
    seen: &Observed,
    now: Timestamp,
) -> Action {
    let mut upgrade = upgrade.clone();
    if upgrade.phase == UpgradePhase::Securing {
        upgrade.set = seen.set.as_ref().map(|(name, _)| name.clone());
    }
    if let Some(phase) = procedure.after(upgrade.phase) {
        return Action::Write(enter(procedure, installed, upgrade, phase, now));
    }
    let reached = upgrade.step;
    // Another wish is heard between two steps. One that can't be granted is refused once this is written.
    let steps = path(&reached, wanted, &procedure.catalogue).unwrap_or_default();
    let next = begin(procedure, &upgrade.from, &reached, wanted, steps, now);
    Action::Reached {
        version: reached,
        upgrade: next,
    }
}

/// The same step, secured anew.
fn another_set(upgrade: &Upgrade) -> Upgrade {
    Upgrade {
        attempt: upgrade.attempt + 1,
        set: None,
        ..upgrade.clone()
    }
}

fn enter(
    procedure: &Procedure,
    installed: &Version,
    upgrade: Upgrade,
    phase: UpgradePhase,
    now: Timestamp,
) -> Upgrade {
    let upgrade = Upgrade {
        phase,
        since: now,
        failed_in: None,
        ..upgrade
    };
    let message = told::phase(procedure, installed, &upgrade);
    Upgrade { message, ..upgrade }
}

fn fail(
    procedure: &Procedure,
    whose: &Instance,
    installed: &Version,
    upgrade: &Upgrade,
    why: &str,
    now: Timestamp,
) -> Action {
    Action::Write(Upgrade {
        failed_in: Some(upgrade.phase),
        phase: UpgradePhase::Failed,
        since: now,
        message: told::failure(procedure, whose, installed, upgrade, why),
        ..upgrade.clone()
    })
}

/// It stopped. A person restores, which ends the upgrade, or tries again, or wants something else.
fn failed(
    procedure: &Procedure,
    wanted: &Version,
    installed: &Version,
    upgrade: &Upgrade,
    seen: &Observed,
    now: Timestamp,
) -> Action {
    let failed_in = upgrade.failed_in.unwrap_or(UpgradePhase::Securing);
    let untouched = procedure.is_before_the_step(failed_in);
    if untouched && *wanted != upgrade.to {
        return Action::Abandon;
    }
    // A Job that failed half way is not run over what it left: only the set leads back.
    let again = untouched || procedure.evidence == Evidence::PodVersions;
    if seen.wish == Wish::Retry && again {
        let (phase, upgrade) = if untouched {
            (procedure.first(), another_set(upgrade))
        } else {
            (failed_in, upgrade.clone())
        };
        return Action::Write(enter(procedure, installed, upgrade, phase, now));
    }
    Action::Rest(Notice::new("UpgradeFailed", upgrade.message.clone()))
}
