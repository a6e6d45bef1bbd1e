//! Trouble at every point of a stack's life: the same end as if nothing had happened, nothing twice
//! (invariant 2), every error overcome (invariant 6), no rule broken on the way.
//!
//! A life has thirteen phases; the later twelve start from a stack that was made once.

mod broken;
mod crashes;
mod faults;

use std::{collections::BTreeMap, fmt};

pub(crate) use crashes::ends_the_process;

use emr_api::{emr_backup::BackupPhase, emr_drill::DrillPhase, emr_restore::RestorePhase};
use serde_json::json;

use crate::{
    lies::Lie,
    lives,
    points::{Point, Request, Trouble},
    queue::User,
    same::End,
    world::{Origin, SET, World},
};

/// A part of a full stack's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// From the manifest to Ready.
    Creation,
    /// Capacity, parameters, readers, retention, replicas, cache, lifecycle and access change.
    Update,
    /// Deletion under the default policy, `Snapshot`.
    Deletion,
    /// Somebody deletes the DB cluster: that is told, and nothing is put in its place.
    Loss,
    /// An exact set is taken: pods stop, both halves are copied, pods come back.
    Backup,
    /// The days of a set are over.
    Expiry,
    /// An instance is made from a set, beside the one that runs.
    Restore,
    /// An instance is put back to a set, in place.
    InPlace,
    /// A drill is held with a set, and its copy wiped.
    Drill,
    /// A cache that holds jobs is made, changed, given another token, and deleted, beside the rest.
    Queue,
    /// An object store beside the instance: from the manifest to Ready.
    Objects,
    /// The same store, empty, deleted under `Delete`.
    NoObjects,
    /// An instance of Medplum beside the one of OpenEMR: from its manifest to Ready.
    Medplum,
}

pub(crate) const PHASES: [Phase; 13] = [
    Phase::Creation,
    Phase::Update,
    Phase::Deletion,
    Phase::Loss,
    Phase::Backup,
    Phase::Expiry,
    Phase::Restore,
    Phase::InPlace,
    Phase::Drill,
    Phase::Queue,
    Phase::Objects,
    Phase::NoObjects,
    Phase::Medplum,
];

impl Phase {
    /// The world in which it begins, without an operator.
    pub(crate) async fn open(self, lie: &Lie) -> World {
        let world = match self {
            Self::Creation => World::new().await,
            Self::Update | Self::Deletion | Self::Loss | Self::Backup | Self::Queue => {
                World::thaw(Origin::ready())
            }
            Self::Objects | Self::Medplum => {
                let world = World::thaw(Origin::ready());
                world.install_pod_identity_agent().await;
                world
            }
            Self::NoObjects => World::thaw(Origin::stored()),
            Self::Expiry => World::thaw(Origin::about_to_expire()),
            Self::Restore | Self::InPlace | Self::Drill => World::thaw(Origin::backed_up()),
        };
        world.lying(lie)
    }

    /// What it begins with.
    pub(crate) async fn act(self, world: &World) {
        match self {
            Self::Creation | Self::Expiry => {}
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
            Self::Loss => world.lose_the_cluster(),
            Self::Objects => world.store_objects("Delete").await,
            Self::NoObjects => world.delete_store().await,
            Self::Medplum => world.medplum().await,
            Self::Restore => world.restore_from(&json!({"backup": SET})).await,
            Self::InPlace => world.put_back(&json!({"release": "Automatic"})).await,
            Self::Drill => world.drill(&json!({})).await,
            // Whatever becomes of the operator, its user goes on.
            Self::Queue => drop(tokio::spawn(User::of(world).live())),
            Self::Backup => {
                world
                    .back_up(SET, &json!({"consistency": "Quiesced"}))
                    .await;
            }
        }
    }

    /// Waits for its end.
    pub(crate) async fn end(self, world: &World) -> Result<(), String> {
        match self {
            Self::Creation | Self::Update => world.try_ready().await,
            Self::Deletion => world.try_gone().await,
            Self::Loss => world.try_loss().await,
            Self::Objects => world.until_stored().await,
            Self::NoObjects => world.until_store_gone().await,
            Self::Medplum => world.try_medplum().await,
            Self::Backup => {
                world.until_phase(SET, BackupPhase::Complete).await?;
                world.try_ready().await
            }
            Self::Restore => {
                world.until_copy_ready().await?;
                world.try_ready().await
            }
            Self::InPlace => {
                world.until_put_back(RestorePhase::Complete).await?;
                world.try_ready().await
            }
            Self::Drill => {
                world.until_drilled(DrillPhase::Passed).await?;
                world.try_ready().await
            }
            Self::Queue => {
                world.until_the_queue_is_gone().await?;
                world.try_ready().await
            }
            Self::Expiry => {
                world.until_phase(SET, BackupPhase::Expired).await?;
                world.try_ready().await
            }
        }
    }

    /// Those of its troubles that are tried. A drill makes an instance, restores it and deletes it, and each
    /// of these is a phase of which everything is tried: of a drill, all that touches its own objects is,
    /// and each fifth of the rest; of a queue, which rests beside an instance, each tenth read; of Medplum, whose
    /// stores have phases of their own, what touches the instance's objects, and each fourth of the rest. `EMR_EVERY_POINT=1`
    /// tries them all.
    pub(crate) fn tried(self, jobs: Vec<Job>) -> Vec<Job> {
        let each = match self {
            Self::Drill => 5,
            Self::Queue => 10,
            Self::Medplum => 4,
            _ => return jobs,
        };
        if std::env::var_os("EMR_EVERY_POINT").is_some() {
            return jobs;
        }
        let own = |job: &Job| match (&job.point.request, self) {
            (Request::Read(..), _) => false,
            (_, Self::Queue) => true,
            (Request::Write(to), _) => to.contains("emrdrill") || to.contains("emrinstance"),
            (Request::Call(_), _) => false,
        };
        let numbered = jobs.into_iter().enumerate();
        let kept = numbered.filter(|(index, job)| index % each == 0 || own(job));
        kept.map(|(_, job)| job).collect()
    }

    /// A life without trouble: how it ends, and every request on the way.
    pub(crate) fn undisturbed(self) -> Undisturbed {
        lives::run(async {
            let mut world = self.open(&Lie::default()).await;
            world.start();
            self.act(&world).await;
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

    /// Every read.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &Point> {
        let reads = self.points.iter();
        reads.filter(|point| matches!(point.request, Request::Read(..)))
    }

    /// The first, the middle and the last read of each operation and resource type.
    pub(crate) fn some_reads(&self) -> impl Iterator<Item = &Point> {
        let mut counts = BTreeMap::new();
        for read in self.reads() {
            counts.insert(&read.request, read.nth);
        }
        self.reads().filter(move |read| {
            let all = counts[&read.request];
            read.nth == 1 || read.nth == all.div_ceil(2) || read.nth == all
        })
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

/// Lives a job and compares. Tells whether the trouble came: how often something is read may differ.
pub(crate) async fn live(job: &Job, wanted: &End, lie: &Lie) -> Result<bool, String> {
    let mut world = job.phase.open(lie).await;
    let is_read = matches!(job.point.request, Request::Read(..));
    // A read is tried three times: only then has it failed.
    let times = if is_read { 3 } else { 1 };
    world.troubles.arm_for(&job.point, job.trouble, times);
    world.start();
    job.phase.act(&world).await;
    let ended = if crashes::ends_the_process(job.trouble) {
        world.survive().await
    } else {
        Ok(())
    };
    let ended = match ended {
        Ok(()) => job.phase.end(&world).await,
        failed => failed,
    };
    world.judge.verdict(&world)?;
    ended?;
    let happened = world.troubles.all_fired();
    if !is_read && !happened {
        return Err("it never happened".to_owned());
    }
    wanted.compare(&End::of(&world))?;
    Ok(happened)
}
