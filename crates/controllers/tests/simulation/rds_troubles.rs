//! Trouble at every point of the life of a database of RDS, as in [`matrix`](crate::matrix): the same end as if
//! nothing had happened.
//!
//! Every crash; of failures those that leave it open whether a call was done, and refusals.

use emr_cloud::{ErrorKind, memory as aws};
use emr_runtime::memory as kubernetes;
use serde_json::json;

use crate::{
    lives::{self, assert_all_well},
    points::{Point, Request, Trouble},
    postgresql::NAME,
    same::End,
    world::{Origin, World},
};

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// From the manifest to Ready, with a replica.
    Creation,
    /// Class, room and replicas change.
    Update,
    /// From another, which is there.
    Restore,
    /// Deletion under the default policy, `Snapshot`.
    Deletion,
}

const PHASES: [Phase; 4] = [
    Phase::Creation,
    Phase::Update,
    Phase::Restore,
    Phase::Deletion,
];
const COPY: &str = "copy";

const CALL: [aws::Fault; 6] = [
    aws::Fault::CrashBefore,
    aws::Fault::CrashAfter,
    aws::Fault::LostBefore,
    aws::Fault::LostAfter,
    aws::Fault::Refuse(ErrorKind::Throttled),
    aws::Fault::Refuse(ErrorKind::AccessDenied),
];
const WRITE: [kubernetes::Fault; 3] = [
    kubernetes::Fault::CrashBefore,
    kubernetes::Fault::CrashAfter,
    kubernetes::Fault::LostAfter,
];

impl Phase {
    fn open(self) -> World {
        World::thaw(match self {
            Self::Creation => Origin::ready(),
            Self::Update | Self::Restore | Self::Deletion => Origin::rds(),
        })
    }

    async fn act(self, world: &World) {
        match self {
            Self::Creation => {
                world
                    .rds(NAME, json!({"rdsPostgres": {"readReplicas": 1}}))
                    .await;
            }
            Self::Update => {
                let spec = json!({"rdsPostgres": {
                    "instanceClass": "db.r6g.xlarge", "readReplicas": 2,
                    "storage": {"allocatedGb": 400, "maxAllocatedGb": 4000},
                }, "backupRetentionDays": 14});
                world.change_rds(NAME, &spec).await;
            }
            Self::Restore => {
                let original = world.rds_of(NAME).unwrap();
                let from = json!({"restoreFrom": {"pointInTime": {"instanceId": original}}});
                world.rds(COPY, from).await;
            }
            Self::Deletion => world.delete_rds(NAME).await,
        }
    }

    async fn end(self, world: &World) -> Result<(), String> {
        match self {
            Self::Creation | Self::Update => world.try_rds_settled(NAME).await,
            Self::Restore => world.try_rds_settled(COPY).await,
            Self::Deletion => world.try_rds_gone(NAME).await,
        }?;
        world.until_quiet().await
    }

    fn undisturbed(self) -> (End, Vec<Point>) {
        lives::run(async {
            let mut world = self.open();
            world.start();
            self.act(&world).await;
            self.end(&world).await.unwrap();
            world.judge.verdict(&world).unwrap();
            (End::of(&world), world.troubles.points())
        })
    }
}

/// One life with one trouble.
struct Job {
    phase: Phase,
    point: Point,
    trouble: Trouble,
}

impl std::fmt::Display for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}, {:?} at {}", self.phase, self.trouble, self.point)
    }
}

async fn live(job: &Job, wanted: &End) -> Result<(), String> {
    let mut world = job.phase.open();
    world.troubles.arm_for(&job.point, job.trouble, 1);
    world.start();
    job.phase.act(&world).await;
    let ended = if crate::matrix::ends_the_process(job.trouble) {
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
    if !world.troubles.all_fired() {
        return Err("it never happened".to_owned());
    }
    wanted.compare(&End::of(&world))
}

fn jobs(phase: Phase, points: &[Point]) -> Vec<Job> {
    let job = |point: &Point, trouble| Job {
        phase,
        point: point.clone(),
        trouble,
    };
    let of = |point: &Point| match &point.request {
        // An event is called by the moment at which it is told, which a trouble elsewhere may shift.
        Request::Write(to) if to.starts_with("PATCH events") => Vec::new(),
        Request::Call(_) => CALL.map(|fault| job(point, Trouble::Aws(fault))).into(),
        Request::Write(_) => WRITE
            .map(|fault| job(point, Trouble::Kubernetes(fault)))
            .into(),
        Request::Read(..) => Vec::new(),
    };
    points.iter().flat_map(of).collect()
}

#[test]
fn trouble_at_any_point_of_rds_leads_to_the_same_end() {
    for phase in PHASES {
        let (end, points) = phase.undisturbed();
        let jobs = jobs(phase, &points);
        let bad = lives::each(&jobs, async |job| live(job, &end).await);
        println!("simulation: RDS: {phase:?}: {} troubles", jobs.len());
        assert!(jobs.len() > 40, "{phase:?}: {} troubles", jobs.len());
        assert_all_well(&bad);
    }
}
