//! Every state that can be reached by any sequence of observations.
//!
//! A judge that knows nothing of the machine's code remembers whether the set of the step under way was
//! ever seen complete, and which versions were installed, and looks at each action.

use std::collections::{BTreeSet, VecDeque};

use super::{super::*, at, table::keep, version, whose};

/// What the judge remembers beside what the controller does.
#[derive(Clone)]
struct World {
    recorded: Recorded,
    secured: bool,
}

/// Everything that can be seen, in a few kinds each.
fn all_seen(old: &Version, step: &Version) -> Vec<Observed> {
    let sets = [
        None,
        Some(("s".to_owned(), State::Running(String::new()))),
        Some(("s".to_owned(), State::Failed(String::new()))),
        Some(("s".to_owned(), State::Done)),
    ];
    let pods = [
        vec![],
        vec![Some(old.clone()), None],
        vec![Some(step.clone()), Some(old.clone())],
        vec![Some(step.clone()), Some(step.clone())],
    ];
    let migrations = [
        State::Absent,
        State::Running(String::new()),
        State::Failed(String::new()),
        State::Done,
    ];
    let level = |after| Level {
        before: 1,
        after,
        image: 2,
    };
    let mut all = Vec::new();
    for set in &sets {
        for pods in &pods {
            for migrations in &migrations {
                for level in [None, Some(level(1)), Some(level(2))] {
                    for flag in 0..6 {
                        all.push(Observed {
                            wish: [Wish::None, Wish::Pause, Wish::Retry][flag % 3],
                            rolled: flag > 2,
                            approved: None,
                            pods: pods.clone(),
                            set: set.clone(),
                            migrations: migrations.clone(),
                            level,
                        });
                    }
                }
            }
        }
    }
    all
}

/// The state without what doesn't decide: what people read, and the time.
fn key(world: &World) -> String {
    let upgrade = world.recorded.upgrade.clone().map(|of| Upgrade {
        message: String::new(),
        since: at(0),
        attempt: 0,
        ..of
    });
    format!("{:?} {upgrade:?} {}", world.recorded.version, world.secured)
}

fn judge(procedure: &Procedure, from: &str, wishes: &[&str]) -> usize {
    let wishes: Vec<Version> = wishes.iter().map(|of| version(of)).collect();
    let start = World {
        recorded: Recorded {
            version: Some(version(from)),
            upgrade: None,
        },
        secured: false,
    };
    let mut known = BTreeSet::from([key(&start)]);
    let mut queue = VecDeque::from([start]);
    while let Some(world) = queue.pop_front() {
        let installed = world.recorded.version.clone().unwrap();
        let step = world.recorded.upgrade.as_ref().map(|of| of.step.clone());
        let step = step.unwrap_or_else(|| installed.clone());
        for seen in all_seen(&installed, &step) {
            for wanted in &wishes {
                for minute in [0, 60 * 24] {
                    let mut after = world.clone();
                    after.look(&seen);
                    let recorded = &after.recorded;
                    let action = next(procedure, &whose(), wanted, recorded, &seen, at(minute));
                    after.check(procedure, &installed, &action);
                    keep(&mut after.recorded, &action);
                    let now = after.recorded.upgrade.as_ref();
                    if now.is_none_or(|of| of.set.is_none()) {
                        after.secured = false;
                    }
                    if let Some(upgrade) = &mut after.recorded.upgrade {
                        upgrade.since = at(0);
                    }
                    if known.insert(key(&after)) {
                        queue.push_back(after);
                    }
                }
            }
        }
    }
    known.len()
}

impl World {
    fn look(&mut self, seen: &Observed) {
        self.secured |= matches!(&seen.set, Some((_, State::Done)));
    }

    fn check(&self, procedure: &Procedure, installed: &Version, action: &Action) {
        let what = format!("{:?} {action:?}", self.recorded);
        if let Action::Work(Work::Roll | Work::Migrate, _) = action {
            assert!(self.secured, "not secured: {what}");
        }
        if let Action::Write(of) = action {
            if procedure.pods(of) == Pods::New || of.phase == UpgradePhase::Migrating {
                assert!(self.secured && of.set.is_some(), "not secured: {what}");
            }
            assert!(of.step > *installed, "back: {what}");
            self.check_step(procedure, installed, &of.step);
        }
        if let Action::Reached { version, .. } = action {
            assert!(self.secured, "not secured: {what}");
            assert!(version > installed, "back: {what}");
            self.check_step(procedure, installed, version);
        }
    }

    #[expect(clippy::unused_self, reason = "reads as the judge's")]
    fn check_step(&self, procedure: &Procedure, from: &Version, to: &Version) {
        if procedure.catalogue.walk == Walk::Direct {
            return;
        }
        for waypoint in ["3.3.0", "4.0.4", "4.1.12", "4.2.6"] {
            let waypoint = version(waypoint).release();
            let skipped = from.release() < waypoint && to.release().minor() > waypoint.minor();
            assert!(!skipped, "{from} to {to} skips {waypoint}");
        }
    }
}

#[test]
fn no_sequence_skips_a_minor_or_goes_on_without_a_set() {
    let wishes = ["4.1.3", "4.2.6", "4.3.15", "9.0.0"];
    let medplum = judge(&Procedure::medplum(), "4.1.3", &wishes);
    let openemr = judge(&Procedure::openemr(), "8.1.0", &["8.1.0", "8.2.0", "8.4.0"]);
    assert!(
        medplum > 40 && openemr > 20,
        "{medplum} {openemr}: hardly anything was reached"
    );
}
