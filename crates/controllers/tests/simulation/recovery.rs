//! How long it takes until a clinic works again, in virtual time, with the delays of AWS that one sees in a
//! quiet account. The table in docs/operations.md holds what is measured here.

use std::{future::Future, time::Duration};

use emr_api::emr_restore::RestorePhase;
use emr_cloud::memory::{Memory, Room};
use emr_runtime::memory::MemoryServer;
use k8s_openapi::api::apps::v1::Deployment;
use kube::{Api, api::DeleteParams};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::{
    drills::DRILL,
    lives, prerequisites,
    world::{INSTANCE, LONG, NAMESPACE, Origin, World},
};

const TABLE: &str = include_str!("../../../../docs/operations.md");
const SAMPLE: &str = include_str!("../../../../deploy/samples/openemr.yaml");

/// Minutes until it is so, begun ones counted.
async fn minutes<F: Future<Output = bool>>(world: &World, is_so: impl Fn() -> F) -> u64 {
    let since = Instant::now();
    while !is_so().await {
        assert!(since.elapsed() < LONG, "it never comes:\n{}", world.state());
        sleep(Duration::from_secs(1)).await;
    }
    since.elapsed().as_secs().div_ceil(60)
}

async fn deployment(world: &World) -> Option<Deployment> {
    let name = format!("{INSTANCE}-openemr");
    let api = Api::<Deployment>::namespaced(world.client.clone(), NAMESPACE);
    api.get_opt(&name).await.unwrap()
}

async fn workers(world: &World) -> bool {
    let status = deployment(world).await.and_then(|of| of.status);
    status
        .and_then(|of| of.available_replicas)
        .unwrap_or_default()
        > 0
}

async fn application() -> u64 {
    let world = World::running(Origin::ready());
    let api = Api::<Deployment>::namespaced(world.client.clone(), NAMESPACE);
    let name = format!("{INSTANCE}-openemr");
    api.delete(&name, &DeleteParams::default()).await.unwrap();
    minutes(&world, || workers(&world)).await
}

async fn cache() -> u64 {
    let world = World::running(Origin::ready());
    assert_eq!(world.look(Room::tamper_lose_caches), 1);
    let (lost, back) = (|| async { !world.serves().await }, || world.serves());
    minutes(&world, lost).await + minutes(&world, back).await
}

async fn until_back(world: &World, safety_set: &str) -> u64 {
    let spec = json!({"safetySet": safety_set, "release": "Automatic"});
    world.put_back(&spec).await;
    minutes(world, || world.is_put_back(RestorePhase::Complete)).await
}

async fn database() -> u64 {
    let world = World::running(Origin::backed_up());
    world.lose_the_cluster();
    until_back(&world, "Skip").await
}

async fn files() -> u64 {
    let world = World::running(Origin::backed_up());
    world.look(|room| {
        let token = room.file_systems().remove(0);
        assert!(room.tamper_lose_file_system(&token));
    });
    until_back(&world, "Skip").await
}

/// In all, and of that how long nothing works.
async fn records() -> (u64, u64) {
    let world = World::running(Origin::backed_up());
    world.put_back(&json!({"release": "Automatic"})).await;
    let made = minutes(&world, || world.is_put_back(RestorePhase::Switching)).await;
    let quiet = minutes(&world, || world.is_put_back(RestorePhase::Complete)).await;
    (made + quiet, quiet)
}

async fn drill() -> u64 {
    let world = World::running(Origin::backed_up());
    world.drill(&json!({})).await;
    let checked = || async { world.drilled(DRILL).await.checked_at.is_some() };
    minutes(&world, checked).await
}

/// Namespace, cluster, database and file system: what is left is what AWS keeps of the set.
async fn everything() -> u64 {
    let before = World::thaw(Origin::backed_up());
    let (snapshot, original) = before.look(|room| {
        let (cluster, files) = (room.clusters().remove(0), room.file_systems().remove(0));
        assert!(room.tamper_lose_cluster(&cluster) && room.tamper_lose_file_system(&files));
        (room.copies().0.remove(0), cluster)
    });
    let kube = MemoryServer::new(2);
    let mut world = before.rebuilt(kube);
    prerequisites::install(&world).await;
    let (platform, instance) = SAMPLE.rsplit_once("---\n").unwrap();
    world.apply(platform).await;
    // Under another name: security groups and the cache of the old one are there, and were made for it.
    let again = instance.replace("name: riverside\n", "name: again\n");
    let restored = format!("{again}  restoreFrom: {{snapshotArn: {snapshot:?}}}\n");
    world.apply(&restored).await;
    world.start();
    let fenced = || async {
        let again = world.instances().get("again").await.unwrap();
        again.status.and_then(|of| of.phase).as_deref() == Some("Fenced")
    };
    let took = minutes(&world, fenced).await;
    world.look(|room| {
        let cluster = room.clusters().remove(0);
        assert_eq!(room.data_in(&cluster).unwrap().0, original);
    });
    world.judge.verdict(&world).unwrap();
    took
}

impl World {
    /// The same account of AWS, and a cluster that knows nothing of it.
    fn rebuilt(&self, kube: MemoryServer) -> Self {
        for crd in emr_api::crd::all() {
            kube.define(&crd);
        }
        kube.create_namespace(NAMESPACE);
        let frozen = self.aws.freeze().expect("AWS is at rest");
        Self::of(Memory::thaw(&frozen), kube)
    }
}

#[test]
fn the_table_in_the_documents_is_what_is_measured() {
    let rows = lives::run(async {
        let (all, quiet) = records().await;
        [
            ("The workers' Deployment is deleted", application().await),
            ("The cache is lost", cache().await),
            ("The database is lost", database().await),
            ("The files are lost", files().await),
            ("Wrong records, put back in place", all),
            ("… of that, nothing works", quiet),
            ("A drill, until its copy is checked", drill().await),
            (
                "Everything is lost, Kubernetes included",
                everything().await,
            ),
        ]
    });
    let mut wrong = Vec::new();
    for (what, minutes) in rows {
        println!("simulation: {what}: {minutes} min");
        let row = TABLE.lines().find(|line| line.contains(what));
        if !row.is_some_and(|row| row.contains(&format!("| {minutes} min |"))) {
            wrong.push(format!(
                "{what}: {minutes} min, and docs/operations.md has {row:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
