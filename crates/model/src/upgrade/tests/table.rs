//! The machine's table, on disk: for each application a walk as it should go, and what goes wrong.

use std::fmt::Write as _;

use super::{super::*, at, version, whose};

fn told(action: &Action) -> String {
    match action {
        Action::Settled => "settled".into(),
        Action::Refuse(error) => format!("refuse {}", error.reason()),
        Action::Write(of) => {
            let failed = of
                .failed_in
                .map_or(String::new(), |of| format!(" in {of:?}"));
            let paused = if of.paused { " paused" } else { "" };
            let set = of
                .set
                .as_deref()
                .map_or(String::new(), |set| format!(" set {set}"));
            format!(
                "write {:?}{failed}{paused}{set}\n    {}",
                of.phase, of.message
            )
        }
        Action::Work(work, notice) => format!("{work:?}\n    {}", notice.message),
        Action::Reached { version, upgrade } => {
            let next = upgrade.as_ref().map_or_else(
                || "the end".to_owned(),
                |of| format!("step {} {:?}\n    {}", of.step, of.phase, of.message),
            );
            format!("reached {version}, {next}")
        }
        Action::Abandon => "abandon".into(),
        Action::Rest(notice) => format!("rest {}", notice.reason),
    }
}

/// What came of an action, as a controller would keep it.
pub(super) fn keep(recorded: &mut Recorded, action: &Action) {
    match action {
        Action::Write(upgrade) => recorded.upgrade = Some(upgrade.clone()),
        Action::Reached { version, upgrade } => {
            recorded.version = Some(version.clone());
            recorded.upgrade.clone_from(upgrade);
        }
        Action::Abandon => recorded.upgrade = None,
        Action::Settled | Action::Refuse(_) | Action::Work(..) | Action::Rest(_) => {}
    }
}

struct Story {
    procedure: Procedure,
    wanted: Version,
    recorded: Recorded,
    text: String,
    minute: i64,
}

impl Story {
    fn new(procedure: Procedure, from: &str, to: &str) -> Self {
        Self {
            procedure,
            wanted: version(to),
            recorded: Recorded {
                version: Some(version(from)),
                upgrade: None,
            },
            text: String::new(),
            minute: 0,
        }
    }

    fn see(&mut self, what: &str, seen: &Observed) -> &mut Self {
        let action = next(
            &self.procedure,
            &whose(),
            &self.wanted,
            &self.recorded,
            seen,
            at(self.minute),
        );
        writeln!(self.text, "{what}: {}", told(&action)).unwrap();
        keep(&mut self.recorded, &action);
        self.minute += 1;
        self
    }

    fn after(&mut self, minutes: i64) -> &mut Self {
        self.minute += minutes;
        self
    }
}

pub(super) fn set(name: &str, state: State) -> Observed {
    Observed {
        set: Some((name.into(), state)),
        ..Observed::default()
    }
}

fn pods(versions: &[Option<&str>], rolled: bool, set: &str) -> Observed {
    Observed {
        pods: versions.iter().map(|of| of.map(version)).collect(),
        rolled,
        ..self::set(set, State::Done)
    }
}

fn migrated(state: State) -> Observed {
    Observed {
        migrations: state,
        ..pods(&[Some("4.2.6")], true, "s1")
    }
}

#[test]
fn medplum_two_minors_with_a_pause() {
    let nothing = Observed::default();
    let mut story = Story::new(Procedure::medplum(), "4.1.12", "4.3.15");
    story
        .see("begin", &nothing)
        .see("no set", &nothing)
        .see(
            "being taken",
            &set("s1", State::Running("both halves".into())),
        )
        .see("complete", &set("s1", State::Done))
        .see(
            "old pods",
            &pods(&[Some("4.1.12"), Some("4.1.12")], false, "s1"),
        )
        .see("half", &pods(&[Some("4.1.12"), Some("4.2.6")], false, "s1"))
        .see("rolled", &pods(&[None, Some("4.2.6")], true, "s1"))
        .see("one is silent", &pods(&[None, Some("4.2.6")], true, "s1"))
        .see(
            "one is old",
            &pods(&[Some("4.1.12"), Some("4.2.6")], true, "s1"),
        )
        .see("all", &pods(&[Some("4.2.6"), Some("4.2.6")], true, "s1"))
        .see("unknown", &migrated(State::Absent))
        .see("running", &migrated(State::Running("v13: 3 of 9".into())))
        .after(60 * 72)
        .see("for days", &migrated(State::Running("v13: 8 of 9".into())));
    let held = Observed {
        wish: Wish::Pause,
        ..migrated(State::Done)
    };
    story
        .see("paused", &held)
        .see("still", &held)
        .see("resumed", &migrated(State::Done))
        .see("finished", &migrated(State::Done))
        .see("the first set is no longer enough", &nothing)
        .see("second set", &set("s2", State::Done))
        .see("rolled", &pods(&[Some("4.3.15")], true, "s2"))
        .see("all", &pods(&[Some("4.3.15")], true, "s2"))
        .see("migrated", &migrated(State::Done))
        .see("there", &nothing);
    insta::assert_snapshot!("medplum_walk", story.text);
}

#[test]
fn openemr_stops_first() {
    let nothing = Observed::default();
    let level = |before, after, image| Observed {
        level: Some(Level {
            before,
            after,
            image,
        }),
        migrations: State::Done,
        ..set("s1", State::Done)
    };
    let mut story = Story::new(Procedure::openemr(), "7.0.4", "8.2.0");
    story
        .see("begin", &nothing)
        .see("pods run", &pods(&[None, None], false, "-"))
        .see("none left", &nothing)
        .see("no set", &nothing)
        .see("complete", &set("s1", State::Done))
        .see("no Job", &set("s1", State::Done))
        .see(
            "the Job runs",
            &Observed {
                migrations: State::Running("20 min".into()),
                ..set("s1", State::Done)
            },
        )
        .see("it is done", &level(8, 12, 12))
        .see("level", &level(8, 12, 12))
        .see("no pods", &level(8, 12, 12))
        .see("rolled", &pods(&[None, None], true, "s1"))
        .see("there", &nothing);
    insta::assert_snapshot!("openemr_walk", story.text);
}

#[test]
fn what_goes_wrong_stops_and_says_the_way_out() {
    let nothing = Observed::default();
    let retry = Observed {
        wish: Wish::Retry,
        ..Observed::default()
    };
    let mut text = String::new();
    let mut tell =
        |title: &str, story: &Story| write!(text, "# {title}\n{}\n", story.text).unwrap();

    let mut story = Story::new(Procedure::medplum(), "4.2.0", "4.2.6");
    story
        .see("begin", &nothing)
        .see("a patch is secured beside what runs", &nothing)
        .see("failed", &set("s1", State::Failed("no vault".into())))
        .see("rests", &nothing)
        .see("again", &retry)
        .see("taken", &set("s2", State::Done))
        .see("the set goes away", &pods(&[Some("4.2.0")], false, "s3"))
        .see("taken anew", &set("s3", State::Done))
        .see(
            "pods don't come",
            &pods(&[Some("4.2.0"), None], false, "s3"),
        )
        .after(60 * 3)
        .see("too late", &pods(&[Some("4.2.0"), None], false, "s3"))
        .see("again", &retry)
        .see("rolled", &pods(&[Some("4.2.6")], true, "s3"))
        .see("all", &pods(&[Some("4.2.6")], true, "s3"))
        .see(
            "migration fails",
            &migrated(State::Failed("v12: timeout".into())),
        );
    tell("Medplum", &story);

    let mut story = Story::new(Procedure::openemr(), "8.1.0", "8.2.0");
    story
        .see("begin", &nothing)
        .see("stopped", &nothing)
        .see("a pod ran", &pods(&[None], false, "s1"))
        .see("again", &retry)
        .see("stopped", &nothing)
        .see("set", &set("s2", State::Done))
        .see(
            "the Job fails",
            &Observed {
                migrations: State::Failed("exit 1".into()),
                ..set("s2", State::Done)
            },
        )
        .see("a Job is not run over what it left", &retry);
    tell("OpenEMR", &story);

    let mut story = Story::new(Procedure::openemr(), "8.4.0", "8.4.1");
    story
        .see("begin", &nothing)
        .see("stopped", &nothing)
        .see("set", &set("s1", State::Done));
    let stays = Observed {
        migrations: State::Done,
        level: Some(Level {
            before: 14,
            after: 14,
            image: 14,
        }),
        ..set("s1", State::Done)
    };
    story.see("done", &stays).see("level", &stays);
    tell("OpenEMR, a patch that migrates nothing", &story);

    let mut story = Story::new(Procedure::medplum(), "4.1.12", "4.3.15");
    story.see("begin", &nothing);
    story.wanted = version("4.1.12");
    story.see("never mind", &nothing).see("as it was", &nothing);
    story.wanted = version("4.3.15");
    story
        .see("yes", &nothing)
        .see("set", &set("s1", State::Done));
    story.wanted = version("4.1.12");
    story
        .see("too late for that", &pods(&[Some("4.2.6")], true, "s1"))
        .see("verified", &pods(&[Some("4.2.6")], true, "s1"))
        .see("the step ends", &migrated(State::Done))
        .see("then it is refused", &nothing);
    tell("Another wish", &story);

    let mut story = Story::new(Procedure::openemr(), "8.2.0", "8.2.0-2026-05-01");
    let approved = |word: &str| Observed {
        approved: Some(word.into()),
        ..Observed::default()
    };
    story
        .see("another build", &nothing)
        .see("another word", &approved("8.2.0-2026-04-01"))
        .see("accepted", &approved("8.2.0-2026-05-01"))
        .see("there", &nothing);
    tell("Another build", &story);
    insta::assert_snapshot!("what_goes_wrong", text);
}

/// Who is stopped when it fails, and who runs on.
#[test]
fn pods_of_an_upgrade_that_failed() {
    let upgrade = |failed_in| Upgrade {
        from: version("8.1.0"),
        to: version("8.2.0"),
        step: version("8.2.0"),
        irreversible: true,
        began: at(0),
        phase: UpgradePhase::Failed,
        since: at(0),
        attempt: 2,
        set: None,
        failed_in: Some(failed_in),
        paused: false,
        message: String::new(),
    };
    let (openemr, medplum) = (Procedure::openemr(), Procedure::medplum());
    let pods = |of: &Procedure, failed_in| of.pods(&upgrade(failed_in));
    assert_eq!(pods(&openemr, UpgradePhase::Stopping), Pods::Old);
    assert_eq!(pods(&openemr, UpgradePhase::Securing), Pods::Old);
    assert_eq!(pods(&openemr, UpgradePhase::Migrating), Pods::Stopped);
    assert_eq!(pods(&openemr, UpgradePhase::Verifying), Pods::Stopped);
    assert_eq!(pods(&openemr, UpgradePhase::Rolling), Pods::New);
    assert_eq!(pods(&medplum, UpgradePhase::Securing), Pods::Old);
    assert_eq!(pods(&medplum, UpgradePhase::Migrating), Pods::New);
    let name = upgrade(UpgradePhase::Securing).set_name("riverside");
    assert_eq!(name, "riverside-before-8-2-0-20261123120000-2");
}
