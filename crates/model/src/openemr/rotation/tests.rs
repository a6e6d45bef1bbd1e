//! Every order in which operator, Jobs, pods and crashes may follow each other, up to two requests and one
//! loss of the instance: nobody is ever shut out, and each ends with one user that is active.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use emr_api::emr_instance::DatabaseUser::{self, A, B};

use super::*;

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
struct World {
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
    fn installed() -> Self {
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
    fn serves(&self) -> bool {
        let all = self.pods.iter().map(|pod| pod.holds).chain([self.file]);
        all.into_iter().all(|held| self.lets_in(held))
    }

    fn rolled(&self) -> bool {
        let wanted = revision(&self.status);
        self.template == wanted && self.pods.iter().all(|pod| pod.revision == wanted)
    }

    /// Everything that was asked for is done, with a password of its own, and one user is left.
    fn rests(&self) -> bool {
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
    fn successors(&self) -> Vec<(&'static str, Self)> {
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

/// What led to a state, on a shortest way.
fn story<'a>(before: &[Vec<(usize, &'a str)>], mut nth: usize) -> Vec<&'a str> {
    let mut story = Vec::new();
    while let Some(&(earlier, what)) = before[nth].first() {
        story.insert(0, what);
        nth = earlier;
    }
    story
}

#[test]
fn nobody_is_shut_out_in_any_order_and_one_user_is_left() {
    let mut known = BTreeMap::from([(format!("{:?}", World::installed()), 0)]);
    let mut before: Vec<Vec<(usize, &str)>> = vec![Vec::new()];
    let mut resting = BTreeSet::new();
    let mut to_see = VecDeque::from([(0, World::installed())]);
    while let Some((nth, world)) = to_see.pop_front() {
        assert!(world.serves(), "{:?}: {world:#?}", story(&before, nth));
        if world.rests() {
            resting.insert(nth);
        }
        for (what, after) in world.successors() {
            let next = known.len();
            let found = *known.entry(format!("{after:?}")).or_insert(next);
            if found == next {
                before.push(Vec::new());
                to_see.push_back((found, after));
            }
            before[found].push((nth, what));
        }
    }
    assert!(known.len() > 1000, "{} states", known.len());
    let mut can_rest = resting.clone();
    let mut from: Vec<usize> = resting.into_iter().collect();
    while let Some(nth) = from.pop() {
        for &(earlier, _) in &before[nth] {
            if can_rest.insert(earlier) {
                from.push(earlier);
            }
        }
    }
    let stuck = known.iter().find(|(_, nth)| !can_rest.contains(nth));
    assert_eq!(stuck, None, "it never ends");
}

#[test]
fn a_request_is_carried_out_once() {
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let mut users = DatabaseUsers::default();
    assert_eq!(revision(&users), None, "nothing rolls before the first");
    let all = Seen {
        wanted: Some("spring"),
        may_begin: true,
        renewed: true,
        switched: true,
        rolled: true,
        retired: true,
        in_use: false,
    };
    let busy = Seen {
        may_begin: false,
        ..all
    };
    assert_eq!(next(&users, &busy, now), users);
    let mut steps = Vec::new();
    for _ in 0..8 {
        users = next(&users, &all, now);
        steps.push(step(&users));
    }
    let wanted = [
        Step::Renew(B),
        Step::Switch(B),
        Step::Roll,
        Step::Retire(A),
        Step::Rest,
    ];
    assert_eq!(steps[..5], wanted);
    assert!(
        steps[5..].iter().all(|step| *step == Step::Rest),
        "{steps:?}"
    );
    assert_eq!(
        (users.active, users.answered.as_deref()),
        (B, Some("spring"))
    );
    assert!(revision(&users).is_some());

    let autumn = Seen {
        wanted: Some("autumn"),
        ..all
    };
    let users = next(&users, &autumn, now);
    assert_eq!(step(&users), Step::Renew(A));
    let version = password_version(&"0b1c5a52-6f0e-4c4e-9b0d-1f6f3d0a9c11".into(), {
        users.rotation.as_ref().unwrap()
    });
    assert!((32..=64).contains(&version.as_str().len()), "{version}");
}
