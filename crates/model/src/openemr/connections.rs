//! The connection ceiling: pods times connections never exceed what the database accepts
//! (safety.md 16).

use crate::workload::{Limited, connections};

/// The most database connections of a pod; Apache's `MaxRequestWorkers` enforces it.
pub const CONNECTIONS_PER_POD: u32 = 40;

/// Bounds the replicas by the database's connections, a rolling update's additional pods included.
/// At least one pod remains, however small the database: its Apache waits rather than fails.
pub fn limit_replicas(min: i32, max: i32, max_connections: u32, per_pod: u32) -> Limited {
    let raise = "spec.database.managed.capacity.maxAcu";
    connections::limit((min, max), max_connections, per_pod, raise)
}

/// The connections that Aurora MySQL Serverless v2 accepts by its greatest capacity, between two
/// rows the lower.
///
/// Source: Amazon Aurora User Guide, "Performance and scaling for Aurora Serverless v2", section
/// "Maximum connections for Aurora Serverless v2": the default of `max_connections` derives from
/// the memory at the greatest capacity, and stays constant while the cluster scales.
pub fn aurora_mysql_max_connections(max_acu: f64) -> u32 {
    const TABLE: [(f64, u32); 8] = [
        (1.0, 90),
        (4.0, 135),
        (8.0, 1000),
        (16.0, 2000),
        (32.0, 3000),
        (64.0, 4000),
        (128.0, 5000),
        (192.0, 6000),
    ];
    TABLE
        .iter()
        .rev()
        .find(|(acu, _)| max_acu >= *acu)
        .map_or(TABLE[0].1, |(_, connections)| *connections)
}
