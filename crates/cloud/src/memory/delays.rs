//! How long states last. The defaults are what one sees in a quiet account.

use std::time::Duration;

/// How long states last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delays {
    /// The way of a call there, and half of it back.
    pub latency: Duration,
    /// A DB cluster is created.
    pub cluster_creating: Duration,
    /// A DB cluster, member or cache is modified.
    pub modifying: Duration,
    /// A DB cluster or cache is deleted.
    pub deleting: Duration,
    /// A member is created.
    pub instance_creating: Duration,
    /// A member is deleted.
    pub instance_deleting: Duration,
    /// A snapshot is taken.
    pub snapshot: Duration,
    /// A serverless cache is created.
    pub cache_creating: Duration,
    /// A user or user group is created, changed or deleted.
    pub users: Duration,
    /// A file system or access point is created, changed or deleted.
    pub files: Duration,
    /// A mount target is created or deleted.
    pub mount_target: Duration,
    /// A backup job runs.
    pub backup: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            latency: Duration::from_millis(50),
            cluster_creating: seconds(60),
            modifying: seconds(45),
            deleting: seconds(120),
            instance_creating: seconds(420),
            instance_deleting: seconds(240),
            snapshot: seconds(180),
            cache_creating: seconds(300),
            users: seconds(15),
            files: seconds(10),
            mount_target: seconds(90),
            backup: seconds(240),
        }
    }
}

impl Delays {
    /// Every state lasts `time`, and a call takes none.
    pub const fn all(time: Duration) -> Self {
        Self {
            latency: Duration::ZERO,
            cluster_creating: time,
            modifying: time,
            deleting: time,
            instance_creating: time,
            instance_deleting: time,
            snapshot: time,
            cache_creating: time,
            users: time,
            files: time,
            mount_target: time,
            backup: time,
        }
    }
}
