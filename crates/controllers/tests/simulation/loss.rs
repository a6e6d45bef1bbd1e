//! A lost database or file system is never replaced by an empty one (safety.md 1).

use std::time::Duration;

use tokio::time::sleep;

use crate::world::{Origin, World};

async fn lost(kind: &str, lose: impl Fn(&World) -> bool) {
    let mut world = World::thaw(Origin::ready());
    world.start();
    world.until_ready().await;
    assert!(lose(&world));
    let after = world.inventory();
    let missing = || async { world.says_missing(kind) };
    let told = world.until("DataResourceMissing is told", missing).await;
    told.unwrap();
    let writes = world.aws.writes();
    sleep(Duration::from_hours(2)).await;
    assert_eq!(world.aws.writes(), writes, "{}", world.state());
    assert_eq!(world.inventory(), after);

    // Nor does an operator that starts anew.
    world.kill().await;
    world.start();
    sleep(Duration::from_hours(2)).await;
    assert!(world.says_missing(kind), "{}", world.state());
    assert_eq!(world.aws.writes(), writes);
    assert_eq!(world.inventory(), after);
    world.judge.verdict(&world).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lost_cluster_is_told_and_not_replaced() {
    let lose = |world: &World| {
        world.look(|room| {
            let clusters = room.clusters();
            clusters.len() == 1 && room.tamper_lose_cluster(&clusters[0])
        })
    };
    lost("ManagedDatabase", lose).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_file_system_is_told_and_not_replaced() {
    let lose = |world: &World| {
        world.look(|room| {
            let files = room.file_systems();
            files.len() == 1 && room.tamper_lose_file_system(&files[0])
        })
    };
    lost("SharedFileSystem", lose).await;
}
