//! An instance while its database user is replaced, as far as that touches who can sign in: status, secrets,
//! database, `sqlconf.php`, pods and Jobs, and what each of them may do next.

use emr_api::emr_instance::DatabaseUser::{self, A, B};

use super::super::*;

/// A password, by the rotation that made it; 0 is the installation's.
type Password = i64;

/// Where a Job is. What is after its effect may be lost: it then fails, and is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    Absent,
    Begun,
    Granted,
    Effective,
    Complete,
    Failed,
    Refused,
}

impl Job {
    fn runs(self) -> bool {
        matches!(self, Self::Begun | Self::Granted | Self::Effective)
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Pod {
    holds: (DatabaseUser, Password),
    revision: Option<Revision>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct World {
    status: DatabaseUsers,
    asked: u8,
    clock: i64,
    forgot: bool,
    secret: [Password; 2],
    /// Password, and whether it is locked.
    database: [Option<(Password, bool)>; 2],
    file: (DatabaseUser, Password),
    pods: [Pod; 2],
    template: Option<Revision>,
    /// What the Job is for, and where it is.
    job: (Option<(Step, Time)>, Job),
}

fn at(user: DatabaseUser) -> usize {
    usize::from(user == B)
}

impl World {
    pub(super) fn installed() -> Self {
        let pod = || Pod {
            holds: (A, 0),
            revision: None,
        };
        Self {
            status: DatabaseUsers::default(),
            asked: 0,
            clock: 0,
            forgot: false,
            secret: [0, -1],
            database: [Some((0, false)), None],
            file: (A, 0),
            pods: [pod(), pod()],
            template: None,
            job: (None, Job::Absent),
        }
    }

    fn lets_in(&self, (user, password): (DatabaseUser, Password)) -> bool {
        self.database[at(user)] == Some((password, false))
    }

    /// Nobody is shut out.
    pub(super) fn serves(&self) -> bool {
        let all = self.pods.iter().map(|pod| pod.holds).chain([self.file]);
        all.into_iter().all(|held| self.lets_in(held))
    }

    fn rolled(&self) -> bool {
        let wanted = revision(&self.status);
        self.template == wanted && self.pods.iter().all(|pod| pod.revision == wanted)
    }

    /// Everything that was asked for is done, with a password of its own, and one user is left.
    pub(super) fn rests(&self) -> bool {
        let other = self.database[at(self.file.0.other())];
        let since = self.status.since.as_ref().map(|at| at.0.as_second());
        self.status.rotation.is_none()
            && self.status.answered == self.wanted()
            && self.rolled()
            && self.status.active == self.file.0
            && (self.asked == 0 || since == Some(self.file.1))
            && other.is_none_or(|(_, locked)| locked)
    }

    fn wanted(&self) -> Option<String> {
        (self.asked > 0).then(|| self.asked.to_string())
    }

    /// The Job of the phase, if it is this rotation's.
    fn of_phase(&self) -> Job {
        let wanted = self.status.rotation.as_ref();
        let wanted = wanted.map(|of| (step(&self.status), of.began.clone()));
        if self.job.0 == wanted {
            self.job.1
        } else {
            Job::Absent
        }
    }

    fn looked(&self) -> Self {
        let wanted = self.wanted();
        let began = self
            .status
            .rotation
            .as_ref()
            .map(|of| of.began.0.as_second());
        let job = self.of_phase();
        let seen = Seen {
            wanted: wanted.as_deref(),
            may_begin: self.rolled(),
            renewed: began == Some(self.secret[at(self.status.active.other())]),
            switched: job == Job::Complete,
            rolled: self.rolled(),
            retired: job == Job::Complete,
            in_use: job == Job::Refused,
        };
        let now = Timestamp::from_second(self.clock + 1).unwrap();
        let mut after = self.clone();
        after.status = next(&self.status, &seen, now);
        let begins = |of: &DatabaseUsers| of.rotation.as_ref().map(|of| of.began.clone());
        after.clock += i64::from(begins(&after.status) != begins(&self.status));
        after
    }

    fn acted(&self) -> Self {
        let mut after = self.clone();
        let Some(rotation) = &self.status.rotation else {
            return after;
        };
        match step(&self.status) {
            Step::Rest => {}
            Step::Renew(user) => after.secret[at(user)] = rotation.began.0.as_second(),
            Step::Roll => after.template = revision(&self.status),
            step @ (Step::Switch(_) | Step::Retire(_)) => {
                let mine = (step, rotation.began.clone());
                let (of, job) = &self.job;
                after.job = match job {
                    // One at a time: another's is deleted first, and so is one that failed.
                    _ if of.as_ref().is_some_and(|of| *of != mine) => (None, Job::Absent),
                    Job::Failed | Job::Refused => (None, Job::Absent),
                    Job::Absent => (Some(mine), Job::Begun),
                    job => (Some(mine), *job),
                };
            }
        }
        after
    }

    fn job_goes_on(&self) -> Self {
        let mut after = self.clone();
        let (Some((step, _)), job) = &self.job else {
            return after;
        };
        after.job.1 = match (step, job) {
            (Step::Switch(user), Job::Begun) => {
                let password = self.secret[at(*user)];
                if self.file.0 == *user && self.file.1 != password {
                    Job::Refused
                } else {
                    after.database[at(*user)] = Some((password, false));
                    Job::Granted
                }
            }
            // Seen to open the database before it is written.
            (Step::Switch(user), Job::Granted) => {
                let held = (*user, self.secret[at(*user)]);
                if self.lets_in(held) {
                    after.file = held;
                    Job::Effective
                } else {
                    Job::Failed
                }
            }
            (Step::Retire(user), Job::Begun) if self.file.0 == *user => Job::Refused,
            (Step::Retire(user), Job::Begun) => {
                if let Some((_, locked)) = &mut after.database[at(*user)] {
                    *locked = true;
                }
                Job::Effective
            }
            (_, Job::Effective) => Job::Complete,
            (_, job) => *job,
        };
        after
    }

    /// What may come next, and what did it.
    pub(super) fn successors(&self) -> Vec<(&'static str, Self)> {
        let mut all = vec![
            ("look", self.looked()),
            ("act", self.acted()),
            ("job", self.job_goes_on()),
        ];
        let mut and = |what, change: &dyn Fn(&mut Self)| {
            let mut after = self.clone();
            change(&mut after);
            all.push((what, after));
        };
        if self.job.1.runs() {
            and("job dies", &|of| of.job.1 = Job::Failed);
        }
        // Every pass applies the Deployment.
        and("apply", &|of| of.template = revision(&of.status));
        for nth in 0..self.pods.len() {
            and("pod", &|of| {
                of.pods[nth] = Pod {
                    holds: of.file,
                    revision: of.template.clone(),
                };
            });
        }
        if self.asked < 2 {
            and("ask", &|of| of.asked += 1);
        }
        if !self.forgot {
            // Its stores are taken up by an instance that knows nothing; objects went with the old one.
            and("made anew", &|of| {
                *of = Self {
                    status: DatabaseUsers::default(),
                    forgot: true,
                    template: None,
                    job: (None, Job::Absent),
                    pods: Self::installed().pods.map(|pod| Pod {
                        holds: of.file,
                        ..pod
                    }),
                    ..of.clone()
                };
            });
        }
        all.retain(|(_, after)| after != self);
        all
    }
}
