//! How one of two database users takes the place of the other without anybody being shut out (safety.md 8).
//!
//! ```text
//! a new request -> Renewing   the idle user has a new password in its secret
//!               -> Switching  a Job: the database accepts it, sqlconf.php names it
//!               -> Rolling    every pod was started after that
//!               -> Retiring   a Job: the former user is locked
//! ```
//! Invariant: whoever `sqlconf.php` names can sign in, and so can whoever a pod was started with. A user is
//! locked, or given another password, only while no pod has it.
//!
//! A phase is noted before what it does begins, and everything that it does may be done again: a crash
//! anywhere leads to the same end. Should status and `sqlconf.php` name different users (an instance that
//! was made anew on its old data knows nothing of a rotation), the file is right: the Jobs refuse to touch
//! its user, and the pods are rolled before anything else is done. One Job runs at a time: one of another
//! rotation is deleted first.

mod job;
#[cfg(test)]
mod tests;

use emr_api::emr_instance::{DatabaseUser, DatabaseUsers, RotationPhase, UserRotation};
use emr_resource::{ids::SecretVersion, names::hash};
use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};

use crate::workload::{InstanceUid, Revision};

pub use job::{Turn, retire, switch, told};

/// What is seen of a rotation's effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, looked up in another place"
)]
pub struct Seen<'a> {
    /// What the annotation asks for: any new value asks for the other user.
    pub wanted: Option<&'a str>,
    /// Nothing else is under way with the instance, and its pods are [`rolled`](Self::rolled).
    pub may_begin: bool,
    /// The idle user's secret has [this rotation's version](password_version), and so has the Secret that
    /// Jobs read.
    pub renewed: bool,
    /// The Job that switches is complete.
    pub switched: bool,
    /// Every pod was started from a template with [this revision](revision), is available, and no other is
    /// left, not even one that ends.
    pub rolled: bool,
    /// The Job that retires is complete.
    pub retired: bool,
    /// A Job refused because `sqlconf.php` names the user that is idle by status.
    pub in_use: bool,
}

/// What is to be done now. Each may be done any number of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Rest,
    /// Give this user a new password in its secret, under [this rotation's version](password_version).
    Renew(DatabaseUser),
    /// Have the Job made that switches to this user.
    Switch(DatabaseUser),
    /// Apply the Deployment with the new [`revision`].
    Roll,
    /// Have the Job made that locks this user.
    Retire(DatabaseUser),
}

/// What is to be done in the phase that is noted.
pub fn step(users: &DatabaseUsers) -> Step {
    let idle = users.active.other();
    match users.rotation.as_ref().map(|rotation| rotation.phase) {
        None => Step::Rest,
        Some(RotationPhase::Renewing) => Step::Renew(idle),
        Some(RotationPhase::Switching) => Step::Switch(idle),
        Some(RotationPhase::Rolling) => Step::Roll,
        Some(RotationPhase::Retiring) => Step::Retire(idle),
    }
}

/// What status is to remember after this look; what [`step`] says of it is done once it is written.
pub fn next(users: &DatabaseUsers, seen: &Seen<'_>, now: Timestamp) -> DatabaseUsers {
    let mut users = users.clone();
    let Some(rotation) = &mut users.rotation else {
        let request = seen
            .wanted
            .filter(|wanted| users.answered.as_deref() != Some(*wanted) && seen.may_begin);
        users.rotation = request.map(|request| UserRotation {
            request: Some(request.to_owned()),
            phase: RotationPhase::Renewing,
            began: Time(now),
        });
        return users;
    };
    match rotation.phase {
        // Not our turn: the pods are brought to the file's user. What was asked for comes after that.
        RotationPhase::Switching | RotationPhase::Retiring if seen.in_use => {
            *rotation = UserRotation {
                request: users.answered.clone(),
                phase: RotationPhase::Rolling,
                began: Time(now),
            };
            users.since = Some(Time(now));
            users.active = users.active.other();
        }
        RotationPhase::Renewing if seen.renewed => rotation.phase = RotationPhase::Switching,
        RotationPhase::Switching if seen.switched => {
            rotation.phase = RotationPhase::Rolling;
            users.since = Some(rotation.began.clone());
            users.active = users.active.other();
        }
        RotationPhase::Rolling if seen.rolled => rotation.phase = RotationPhase::Retiring,
        RotationPhase::Retiring if seen.retired => {
            users.answered = rotation.request.take();
            users.rotation = None;
        }
        _ => {}
    }
    users
}

/// The version of the idle user's secret that holds this rotation's password: the call that makes it names
/// it, so that a second one finds what the first made. 32 to 64 characters, as Secrets Manager asks
/// (`PutSecretValue`, `ClientRequestToken`).
pub fn password_version(uid: &InstanceUid, rotation: &UserRotation) -> SecretVersion {
    let began = rotation.began.0.as_second();
    SecretVersion::new(format!("{uid}-{began}"))
}

/// What pods are started with, beside everything else: another one replaces them. `None` while nothing has
/// ever been rotated.
pub fn revision(users: &DatabaseUsers) -> Option<Revision> {
    let since = users.since.as_ref()?.0.to_string();
    let name = match users.active {
        DatabaseUser::A => "a",
        DatabaseUser::B => "b",
    };
    Some(Revision::new(hash(&[name, &since])))
}
