//! A world at rest, from which any number of runs start.

use std::{future::Future, sync::LazyLock, thread};

use emr_api::emr_backup::BackupPhase;
use emr_cloud::memory::{self, Memory};
use emr_runtime::memory::{self as kubernetes, MemoryServer};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::sleep;

use super::World;
use crate::{lies::Lie, lives, operator::Surroundings, servers::Servers};

/// The name of a set.
pub(crate) const SET: &str = "nightly";

/// A world at rest, from which any number of runs start.
pub(crate) struct Origin {
    aws: memory::Frozen,
    kube: kubernetes::Frozen,
}

impl Origin {
    /// With the sample Ready. Simulated once, for all tests.
    pub(crate) fn ready() -> &'static Self {
        static READY: LazyLock<Origin> = LazyLock::new(|| {
            lived(|| async {
                let mut world = World::new().await;
                world.start();
                world.until_ready().await;
                world.kill().await;
                world.freeze()
            })
        });
        &READY
    }

    /// With the sample Ready, and a database of RDS with a replica beside it.
    pub(crate) fn rds() -> &'static Self {
        static RDS: LazyLock<Origin> = LazyLock::new(|| {
            lived(|| async {
                let mut world = World::thaw(Origin::ready());
                world.start();
                let spec = json!({"rdsPostgres": {"readReplicas": 1}});
                world.rds(crate::postgresql::NAME, spec).await;
                let settled = world.try_rds_settled(crate::postgresql::NAME).await;
                settled.unwrap();
                world.until_quiet().await.unwrap();
                world.kill().await;
                world.freeze()
            })
        });
        &RDS
    }

    /// With Medplum Ready beside the sample.
    pub(crate) fn medplum() -> &'static Self {
        static MEDPLUM: LazyLock<Origin> = LazyLock::new(|| {
            lived(|| async {
                let mut world = World::thaw(Origin::ready());
                world.start();
                world.medplum().await;
                world.until_medplum_serves().await;
                world.until_quiet().await.unwrap();
                world.kill().await;
                world.freeze()
            })
        });
        &MEDPLUM
    }

    /// With the sample Ready and a set of it that is kept.
    pub(crate) fn backed_up() -> &'static Self {
        static BACKED_UP: LazyLock<Origin> = LazyLock::new(|| {
            lived(|| async {
                let mut world = World::thaw(Origin::ready());
                world.start();
                let spec = json!({"consistency": "Quiesced"});
                world.back_up(SET, &spec).await;
                world.until_phase(SET, BackupPhase::Complete).await.unwrap();
                world.until_ready().await;
                world.kill().await;
                world.freeze()
            })
        });
        &BACKED_UP
    }

    /// With Medplum Ready beside the sample, and a set of it that is kept.
    pub(crate) fn medplum_backed_up() -> &'static Self {
        static BACKED_UP: LazyLock<Origin> = LazyLock::new(|| {
            lived(|| async {
                let mut world = World::thaw(Origin::medplum());
                world.start();
                world.back_medplum_up("Online").await;
                world.until_phase(SET, BackupPhase::Complete).await.unwrap();
                world.until_quiet().await.unwrap();
                world.kill().await;
                world.freeze()
            })
        });
        &BACKED_UP
    }

    /// With the sample Ready and an object store beside it.
    pub(crate) fn stored() -> &'static Self {
        static STORED: LazyLock<Origin> = LazyLock::new(|| {
            lived(|| async {
                let mut world = World::thaw(Origin::ready());
                world.start();
                world.install_pod_identity_agent().await;
                world.store_objects("Delete").await;
                world.until_stored().await.unwrap();
                world.kill().await;
                world.freeze()
            })
        });
        &STORED
    }

    /// With the sample Ready and a set of it that expires in three minutes.
    pub(crate) fn about_to_expire() -> &'static Self {
        static EXPIRING: LazyLock<Origin> = LazyLock::new(|| {
            lived(|| async {
                let mut world = World::thaw(Origin::ready());
                world.start();
                world.back_up(SET, &json!({"keepDays": 1})).await;
                world.until_phase(SET, BackupPhase::Complete).await.unwrap();
                world.until_ready().await;
                let status = world.backups().get(SET).await.unwrap().status.unwrap();
                let expires: Timestamp = status.expires_at.unwrap().parse().unwrap();
                let left = expires.duration_since(world.aws.now()) - SignedDuration::from_mins(3);
                sleep(left.try_into().unwrap()).await;
                world.kill().await;
                world.freeze()
            })
        });
        &EXPIRING
    }
}

/// What came of a life, under a clock of its own.
fn lived<F: Future<Output = Origin>>(life: impl FnOnce() -> F + Send + 'static) -> Origin {
    thread::spawn(|| lives::run(life())).join().unwrap()
}

impl Origin {
    /// Adds what another world came to hold since both were the same. It is to take little room;
    /// only instances are searched for again and again.
    pub(crate) fn join(&mut self, other: Self) {
        let mut kube = other.kube;
        kube.write_out(|object| object["kind"] == "EmrInstance");
        self.aws.join(other.aws);
        self.kube.join(kube);
    }

    /// What an operator finds there, where nothing else moves.
    pub(crate) fn alone(&self) -> Surroundings {
        let kube = MemoryServer::thaw(&self.kube);
        Surroundings {
            aws: Memory::thaw(&self.aws),
            servers: Servers::of(&kube),
            kube,
            lie: Lie::default(),
            seed: 1,
        }
    }
}

impl World {
    /// Goes on from there, with an operator that knows nothing.
    pub(crate) fn running(origin: &Origin) -> Self {
        let mut world = Self::thaw(origin);
        world.start();
        world
    }

    /// Goes on from there.
    pub(crate) fn thaw(origin: &Origin) -> Self {
        Self::of(Memory::thaw(&origin.aws), MemoryServer::thaw(&origin.kube))
    }

    /// Goes on from there, with other UIDs than other worlds that do.
    pub(crate) fn thaw_apart(origin: &Origin, seed: u64) -> Self {
        let kube = origin.kube.reseeded(seed);
        Self::of(Memory::thaw(&origin.aws), MemoryServer::thaw(&kube))
    }

    pub(crate) fn freeze(&self) -> Origin {
        Origin {
            aws: self.aws.freeze().expect("AWS is at rest"),
            kube: self.kube.freeze(),
        }
    }
}
