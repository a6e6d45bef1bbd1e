//! Nothing is deleted before both halves of the set are seen complete (safety.md 3).

use crate::world::{Origin, World};

#[tokio::test(start_paused = true)]
async fn a_set_goes_only_once_both_halves_are_copied() {
    let mut world = World::thaw(Origin::ready());
    world.start();
    world.delete().await;
    world.until_gone().await;
    let calls = world.aws.mutations();
    let operations: Vec<_> = calls.iter().map(|call| call.operation).collect();
    for needed in [
        "CreateDBClusterSnapshot",
        "StartBackupJob",
        "DeleteDBCluster",
        "DeleteFileSystem",
    ] {
        assert!(
            operations.contains(&needed),
            "{needed} is missing: {operations:?}"
        );
    }
    world.judge.verdict(&world).unwrap();
    let left = world.inventory();
    for gone in [
        "db-cluster",
        "db-instance",
        "file-system",
        "access-point",
        "cache",
        "cache-user",
    ] {
        assert!(!left.contains_key(gone), "{gone} is left: {left:?}");
    }
    for kept in [
        "snapshot",
        "backup-job",
        "retained-backup",
        "secret",
        "log-group",
        "key",
    ] {
        assert!(left.contains_key(kept), "{kept} is gone: {left:?}");
    }
    println!("simulation: deleted by {} calls", calls.len());
}
