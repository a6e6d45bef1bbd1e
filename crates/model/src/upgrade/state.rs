//! What is remembered and seen of an upgrade, and what may come next.

use jiff::Timestamp;

use super::{path::UpgradeError, version::Version};
use crate::{object_name, progress::Notice};

pub use emr_api::emr_instance::UpgradePhase;

/// What status remembers of an application's version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// What is installed: the version of the last step that was finished. `None` before the install.
    pub version: Option<Version>,
    /// The upgrade under way.
    pub upgrade: Option<Upgrade>,
}

/// An upgrade under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The version with which the whole upgrade began.
    pub from: Version,
    /// The version at its end.
    pub to: Version,
    /// The version of the step under way.
    pub step: Version,
    /// Whether only a set undoes this step.
    pub irreversible: bool,
    /// When this step began.
    pub began: Timestamp,
    /// Where the step stands.
    pub phase: UpgradePhase,
    /// When that phase began, or went on after a pause.
    pub since: Timestamp,
    /// Which set of this step is being taken, or was: from 1.
    pub attempt: u32,
    /// The EmrBackup that secures this step, once it is complete.
    pub set: Option<String>,
    /// The phase in which it failed.
    pub failed_in: Option<UpgradePhase>,
    /// Whether a person has paused it.
    pub paused: bool,
    /// What people read.
    pub message: String,
}

impl Upgrade {
    /// The name of the EmrBackup that secures the step: another one for each attempt, and for each time that
    /// the step is begun, so that no older set is ever taken for it.
    pub fn set_name(&self, instance: &str) -> String {
        let step = self.step.to_string().replace('.', "-").to_lowercase();
        let began = self.began.strftime("%Y%m%d%H%M%S");
        object_name(instance, &format!("before-{step}-{began}-{}", self.attempt))
    }
}

/// What a piece of work has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It was not begun.
    #[default]
    Absent,
    /// It runs, or can't be asked just now. How far it is, for people.
    Running(String),
    /// It is done.
    Done,
    /// It failed, and why.
    Failed(String),
}

/// The level of the data, as a migration Job tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Before the migration.
    pub before: u32,
    /// After it.
    pub after: u32,
    /// What the image brings data to.
    pub image: u32,
}

/// What a person asks of an upgrade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing.
    #[default]
    None,
    /// To begin nothing more (`emrstack.dev/paused`).
    Pause,
    /// To try again what failed: `emrstack.dev/reconcile-requested-at` has changed since it did.
    Retry,
}

/// What is seen of an application that is being upgraded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// What a person asks for.
    pub wish: Wish,
    /// The version that a person has accepted, by the annotation `emrstack.dev/approved`.
    pub approved: Option<String>,
    /// Each pod that exists and the version that it reports; `None`: it does not answer.
    pub pods: Vec<Option<Version>>,
    /// Whether the Deployments' pods are all those of the step's image, and available.
    pub rolled: bool,
    /// The EmrBackup of this step and attempt ([`Upgrade::set_name`]), by name, and what it has come to.
    pub set: Option<(String, State)>,
    /// The migrations of this step: a Job, or the server's own `AsyncJob`s.
    pub migrations: State,
    /// What the Job said of the data's level.
    pub level: Option<Level>,
}

/// How the pods are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pods {
    /// As they are: the installed version.
    Old,
    /// None.
    Stopped,
    /// Those of the step's version.
    New,
}

/// Work of a phase, idempotent: it is asked for until it is seen to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// See that no pod runs.
    StopPods,
    /// Take a set; with the application standing still or beside it.
    TakeSet {
        /// Whether the application stands still.
        quiesced: bool,
    },
    /// Replace the pods by those of the step's version.
    Roll,
    /// Run the Job that migrates, once.
    Migrate,
    /// Look again: it moves by itself.
    Look,
}

/// What comes next. What is written to status is written before the work that follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// What is installed is what is wanted, or nothing is installed yet.
    Settled,
    /// It can't be done; `status.upgrade` stays absent.
    Refuse(UpgradeError),
    /// Write this, then look again.
    Write(Upgrade),
    /// Do this and wait; what people read meanwhile.
    Work(Work, Notice),
    /// The step is done: remember its version, and what comes after it. Then look again.
    Reached {
        /// What is installed from now on.
        version: Version,
        /// The next step; `None` at the end.
        upgrade: Option<Upgrade>,
    },
    /// Nothing was changed yet and something else is wanted: forget the upgrade, then look again.
    Abandon,
    /// Nothing is done until a person acts.
    Rest(Notice),
}
