//! Trouble at every point of a stack's life: the same end as if nothing had happened, nothing twice
//! (invariant 2), every error overcome (invariant 6), no rule broken on the way.
//!
//! A life has three phases; the later two start from a stack that was made once.

mod crashes;
mod faults;

use std::fmt;

use serde_json::json;

use crate::{
    lies::Lie,
    lives,
    points::{Point, Request, Trouble},
    same::End,
    world::{Origin, World},
};

/// A part of a full OpenEMR stack's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// From the manifest to Ready.
    Creation,
    /// Capacity, parameters, readers, retention, replicas, cache, lifecycle and access change.
    Update,
    /// Deletion under the default policy, `Snapshot`.
    Deletion,
}

pub(crate) const PHASES: [Phase; 3] = [Phase::Creation, Phase::Update, Phase::Deletion];

impl Phase {
    async fn open(self, lie: &Lie) -> World {
        let world = match self {
            Self::Creation => World::new().await,
            Self::Update | Self::Deletion => World::thaw(Origin::ready()),
        };
        world.lying(lie)
    }

    async fn go(self, world: &mut World) {
        world.start();
        match self {
            Self::Creation => {}
            Self::Update => {
                let edit = json!({"spec": {
                    "database": {"managed": {
                        "capacity": {"minAcu": 1, "maxAcu": 64},
                        "readers": 2,
                        "parameters": {"max_allowed_packet": "67108864"},
                        "backupRetentionDays": 14,
                    }},
                    "cache": {"managed": {"maxDataGb": 20}},
                    "files": {"managed": {"lifecycle": {"toIaDays": 60}}},
                    "scaling": {"minReplicas": 4},
                    "access": {"allowedCidrs": ["198.51.100.0/24", "203.0.113.0/24"]},
                }});
                world.edit(&edit).await;
            }
            Self::Deletion => world.delete().await,
        }
    }

    async fn end(self, world: &World) -> Result<(), String> {
        match self {
            Self::Creation | Self::Update => world.try_ready().await,
            Self::Deletion => world.try_gone().await,
        }
    }

    /// A life without trouble: how it ends, and every request on the way.
    pub(crate) fn undisturbed(self) -> Undisturbed {
        lives::run(async {
            let mut world = self.open(&Lie::default()).await;
            self.go(&mut world).await;
            self.end(&world).await.unwrap();
            world.judge.verdict(&world).unwrap();
            Undisturbed {
                end: End::of(&world),
                points: world.troubles.points(),
            }
        })
    }
}

/// A life without trouble.
pub(crate) struct Undisturbed {
    pub(crate) end: End,
    pub(crate) points: Vec<Point>,
}

impl Undisturbed {
    /// The points that change AWS.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Point> {
        let calls = self.points.iter();
        calls.filter(|point| matches!(point.request, Request::Call(_)))
    }

    /// The points that change Kubernetes.
    pub(crate) fn writes(&self) -> impl Iterator<Item = &Point> {
        let writes = self.points.iter();
        writes.filter(|point| matches!(point.request, Request::Write(_)))
    }

    /// The first, the middle and the last read of each operation and resource type.
    pub(crate) fn reads(&self) -> Vec<&Point> {
        let mut reads: Vec<_> = self.points.iter().collect();
        reads.retain(|point| matches!(point.request, Request::Read(..)));
        let count = |of: &Point| {
            reads
                .iter()
                .filter(|read| read.request == of.request)
                .count()
        };
        let wanted = |read: &&&Point| {
            let all = count(read);
            read.nth == 1 || read.nth == all.div_ceil(2) || read.nth == all
        };
        reads.iter().filter(wanted).copied().collect()
    }
}

/// One life with one trouble.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) phase: Phase,
    pub(crate) point: Point,
    pub(crate) trouble: Trouble,
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {:?} at {}", self.phase, self.trouble, self.point)
    }
}

/// Lives a job and compares.
pub(crate) async fn live(job: &Job, wanted: &End, lie: &Lie) -> Result<(), String> {
    let mut world = job.phase.open(lie).await;
    let is_read = matches!(job.point.request, Request::Read(..));
    // A read is tried three times: only then has it failed.
    for _ in 0..if is_read { 3 } else { 1 } {
        world.troubles.arm(&job.point, job.trouble);
    }
    job.phase.go(&mut world).await;
    if crashes::ends_the_process(job.trouble) {
        world.survive().await?;
    }
    job.phase.end(&world).await?;
    if !is_read && !world.troubles.all_fired() {
        return Err("it never happened".to_owned());
    }
    wanted.compare(&End::of(&world))?;
    world.judge.verdict(&world)
}
