//! Nothing is deleted before both halves of the set are seen complete (safety.md 3).

use std::sync::{Arc, Mutex};

use emr_cloud::memory::{Call, Memory, Room};

use crate::{
    points::{self, Point},
    world::World,
};

/// A mutating call, and what copies there were at that moment.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    pub(crate) operation: &'static str,
    pub(crate) target: String,
    pub(crate) snapshots: usize,
    pub(crate) recovery_points: usize,
}

/// Every call with the copies of its moment.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<Noted>>>);

impl Log {
    pub(crate) fn note(&self, call: &Call, room: &Room) {
        let (snapshots, recovery_points) = room.complete_copies();
        self.0.lock().unwrap().push(Noted {
            operation: call.operation,
            target: call.target.clone(),
            snapshots,
            recovery_points,
        });
    }

    pub(crate) fn calls(&self) -> Vec<Noted> {
        self.0.lock().unwrap().clone()
    }

    /// Notes every call from now on.
    pub(crate) fn watch(aws: &Memory) -> Self {
        let log = Self::default();
        let notes = log.clone();
        points::arm(aws, None::<(Point, _)>, move |call, room| {
            notes.note(call, room);
        });
        log
    }
}

/// What in a log breaks the rule.
pub(crate) fn violations(log: &[Noted]) -> Vec<String> {
    let destroys = [
        "DeleteDBCluster",
        "DeleteDBInstance",
        "DeleteFileSystem",
        "DeleteAccessPoint",
    ];
    let bad = log
        .iter()
        .filter(|noted| destroys.contains(&noted.operation));
    bad.filter(|noted| noted.snapshots == 0 || noted.recovery_points == 0)
        .map(|noted| {
            format!(
                "{} {} with {} complete snapshots and {} complete recovery points",
                noted.operation, noted.target, noted.snapshots, noted.recovery_points
            )
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_set_goes_only_once_both_halves_are_copied() {
    let mut world = World::new().await;
    world.start();
    world.until_ready().await;
    let log = Log::watch(&world.aws);
    world.delete().await;
    world.until_gone().await;
    let calls = log.calls();
    let operations: Vec<_> = calls.iter().map(|noted| noted.operation).collect();
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
    assert_eq!(violations(&calls), [""; 0]);
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

#[test]
fn a_log_that_breaks_the_rule_is_caught() {
    let noted = |operation, snapshots, recovery_points| Noted {
        operation,
        target: "x".into(),
        snapshots,
        recovery_points,
    };
    assert_eq!(violations(&[noted("DeleteDBCluster", 1, 1)]), [""; 0]);
    assert_eq!(violations(&[noted("ModifyDBCluster", 0, 0)]), [""; 0]);
    for bad in [
        noted("DeleteDBCluster", 0, 1),
        noted("DeleteDBCluster", 1, 0),
        noted("DeleteFileSystem", 0, 1),
        noted("DeleteFileSystem", 1, 0),
        noted("DeleteDBInstance", 0, 0),
    ] {
        assert_eq!(violations(&[noted("CreateDBCluster", 0, 0), bad]).len(), 1);
    }
}
