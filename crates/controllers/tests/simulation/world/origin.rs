//! A world at rest, from which any number of runs start.

use std::{sync::LazyLock, thread};

use emr_cloud::memory::{self, Memory};
use emr_runtime::memory::{self as kubernetes, MemoryServer};

use super::World;
use crate::lives;

/// A world at rest, from which any number of runs start.
pub(crate) struct Origin {
    aws: memory::Frozen,
    kube: kubernetes::Frozen,
}

impl Origin {
    /// With the sample Ready. Simulated once, for all tests.
    pub(crate) fn ready() -> &'static Self {
        static READY: LazyLock<Origin> = LazyLock::new(|| {
            let life = thread::spawn(|| {
                lives::run(async {
                    let mut world = World::new().await;
                    world.start();
                    world.until_ready().await;
                    world.kill().await;
                    world.freeze()
                })
            });
            life.join().unwrap()
        });
        &READY
    }
}

impl World {
    /// Goes on from there.
    pub(crate) fn thaw(origin: &Origin) -> Self {
        Self::of(Memory::thaw(&origin.aws), MemoryServer::thaw(&origin.kube))
    }

    pub(crate) fn freeze(&self) -> Origin {
        Origin {
            aws: self.aws.freeze().expect("AWS is at rest"),
            kube: self.kube.freeze(),
        }
    }
}
