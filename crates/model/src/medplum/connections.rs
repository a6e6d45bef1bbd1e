//! The connection ceiling: pods of API and workers, rolling updates included, never open more connections
//! than the database accepts (safety.md 16).

use emr_api::policy::Profile;

use crate::workload::{
    Limited,
    connections::{at_once, ceiling, usable},
};

/// How far the two pools of an instance may scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The pods that answer the API.
    pub api: Limited,
    /// The pods that run background jobs, where they have a pool of their own.
    pub workers: Option<Limited>,
}

/// Connections of each pod. The server's own default is 100, of which one thread can keep a few busy; what
/// is left over keeps other pods from coming.
pub const fn connections_per_pod(profile: Profile) -> u32 {
    match profile {
        Profile::Production => 40,
        Profile::Staging => 20,
        Profile::Development => 10,
    }
}

/// Bounds the pods of API and workers, each given as least and most. Where the database does not accept
/// all of them, both give way in proportion. At least one pod of each remains: it waits rather than fails.
pub fn limit_replicas(
    api: (i32, i32),
    workers: Option<(i32, i32)>,
    max_connections: u32,
    per_pod: u32,
) -> Limits {
    let pods = usable(max_connections) / per_pod.max(1);
    let most = |(_, max): (i32, i32)| u32::try_from(max).unwrap_or_default();
    let wanted = |pool| at_once(most(pool));
    let all = wanted(api) + workers.map_or(0, wanted);
    let limited = |pool: (i32, i32), share: u32| {
        let (min, max) = pool;
        let ceiling = ceiling(share);
        if all <= pods || max <= ceiling {
            return Limited {
                min,
                max,
                limited_by: None,
            };
        }
        Limited {
            min: min.min(ceiling),
            max: ceiling,
            limited_by: Some(format!(
                "the database accepts {max_connections} connections, of which 10 % stay free for \
                 administration: at {per_pod} a pod, rolling updates included, that makes {ceiling} pods \
                 instead of {max}; choose a larger spec.database.managed.instanceClass, or fewer in \
                 spec.medplum.config.maxConnections"
            )),
        }
    };
    // Rounded down for both, so that the sum holds.
    let share = |pool| {
        let share = u64::from(pods) * u64::from(wanted(pool)) / u64::from(all.max(1));
        u32::try_from(share).unwrap_or(pods)
    };
    Limits {
        api: limited(api, share(api)),
        workers: workers.map(|pool| limited(pool, share(pool))),
    }
}

/// The connections that RDS for PostgreSQL accepts, by the memory of its instance class in GiB.
///
/// Source: Amazon RDS User Guide, "Quotas and constraints for Amazon RDS": the default of
/// `max_connections` is `LEAST({DBInstanceClassMemory/9531392}, 5000)`, and `DBInstanceClassMemory` is what
/// operating system and RDS leave of the class's memory. AWS does not say how much that is, so a fifth is
/// counted as theirs.
pub fn rds_postgresql_max_connections(memory_gib: u32) -> u32 {
    let bytes = u64::from(memory_gib) * (1 << 30);
    let accepted = (bytes / 5 * 4 / 9_531_392).min(5000);
    u32::try_from(accepted).unwrap_or(5000)
}
