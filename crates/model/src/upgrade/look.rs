//! Whether a phase is done, from what is seen.

use super::{
    procedure::{Evidence, Procedure},
    state::{Observed, Pods, State, Upgrade, UpgradePhase, Work},
    told,
    version::Version,
};

/// What is seen of a phase.
pub(super) enum Look {
    /// It is done.
    Done,
    /// It failed, and why.
    Failed(String),
    /// The set is gone, and nothing that can't be undone has begun.
    Unsecured,
    /// This is to be done; how far it is.
    Working(Work, String),
}

/// Looks at the phase in which an upgrade stands.
pub(super) fn look(procedure: &Procedure, upgrade: &Upgrade, seen: &Observed) -> Look {
    let step = &upgrade.step;
    match upgrade.phase {
        UpgradePhase::Stopping if seen.pods.is_empty() => Look::Done,
        UpgradePhase::Stopping => {
            Look::Working(Work::StopPods, format!("{} pods left", seen.pods.len()))
        }
        UpgradePhase::Securing => {
            let stopped = procedure.pods_in(upgrade.phase) == Pods::Stopped;
            let work = Work::TakeSet {
                quiesced: upgrade.irreversible || stopped,
            };
            match seen.set.as_ref().map(|(_, state)| state) {
                Some(State::Done) if stopped && !seen.pods.is_empty() => {
                    Look::Failed("pods ran while the set was taken".into())
                }
                Some(State::Done) => Look::Done,
                Some(State::Failed(why)) => Look::Failed(why.clone()),
                Some(State::Running(how)) => Look::Working(work, how.clone()),
                Some(State::Absent) | None => Look::Working(work, String::new()),
            }
        }
        UpgradePhase::Rolling if seen.rolled && !seen.pods.is_empty() => Look::Done,
        UpgradePhase::Rolling => {
            let begun = seen.pods.iter().any(|pod| told::is_of(pod.as_ref(), step));
            let working = Look::Working(Work::Roll, String::new());
            secured(procedure, upgrade, seen, begun, working)
        }
        UpgradePhase::Verifying => match procedure.evidence {
            Evidence::PodVersions if seen.rolled && is_everywhere(seen, step) => Look::Done,
            Evidence::PodVersions => Look::Working(Work::Look, told::versions(seen, step)),
            Evidence::Level => match seen.level {
                None => Look::Working(Work::Look, "the level of the data is being read".into()),
                Some(level) if level.after == level.image && level.before < level.after => {
                    Look::Done
                }
                Some(level) => Look::Failed(told::level(level)),
            },
        },
        UpgradePhase::Migrating => match &seen.migrations {
            State::Done => Look::Done,
            State::Failed(why) => Look::Failed(why.clone()),
            State::Running(how) => Look::Working(Work::Look, how.clone()),
            State::Absent if procedure.evidence == Evidence::PodVersions => {
                Look::Working(Work::Look, "the server is asked".into())
            }
            State::Absent => {
                let detail = "the Job is being started".into();
                let working = Look::Working(Work::Migrate, detail);
                secured(procedure, upgrade, seen, false, working)
            }
        },
        UpgradePhase::Failed => Look::Failed(String::new()),
    }
}

/// Every pod answers, and with the step's release: which build of it a server is it says in its own way.
fn is_everywhere(seen: &Observed, step: &Version) -> bool {
    let is_new = |pod: &Option<Version>| told::is_of(pod.as_ref(), step);
    !seen.pods.is_empty() && seen.pods.iter().all(is_new)
}

/// What can't be undone begins only while the set of this step is seen to be complete.
fn secured(
    procedure: &Procedure,
    upgrade: &Upgrade,
    seen: &Observed,
    begun: bool,
    otherwise: Look,
) -> Look {
    let begins = procedure.after(UpgradePhase::Securing) == Some(upgrade.phase);
    let complete =
        matches!(&seen.set, Some((name, State::Done)) if Some(name) == upgrade.set.as_ref());
    if complete || begun || !begins {
        otherwise
    } else {
        Look::Unsecured
    }
}
