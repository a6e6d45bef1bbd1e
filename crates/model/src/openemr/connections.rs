//! The connection ceiling: pods times connections never exceed what the database accepts
//! (safety.md 16).

/// The most database connections of a pod; Apache's `MaxRequestWorkers` enforces it.
pub const CONNECTIONS_PER_POD: u32 = 40;

/// Of ten connections, one stays free for administration, upgrades and monitoring.
const RESERVED_TENTHS: u32 = 1;

/// During a rolling update there is one more pod for every four (`maxSurge: 25%`, rounded up).
const SURGE_DIVISOR: u32 = 4;

/// How far an instance may scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Least pods.
    pub min: i32,
    /// Most pods.
    pub max: i32,
    /// Why the most is less than asked for.
    pub limited_by: Option<String>,
}

/// Bounds the replicas by the database's connections, a rolling update's additional pods included.
/// At least one pod remains, however small the database: its Apache waits rather than fails.
pub fn limit_replicas(min: i32, max: i32, max_connections: u32, per_pod: u32) -> Limited {
    let usable = max_connections / 10 * (10 - RESERVED_TENTHS)
        + max_connections % 10 * (10 - RESERVED_TENTHS) / 10;
    let at_once = usable / per_pod.max(1);
    // The most m with m + ceil(m / 4) <= at_once.
    let ceiling = (at_once * SURGE_DIVISOR / (SURGE_DIVISOR + 1)).max(1);
    let ceiling = i32::try_from(ceiling).unwrap_or(i32::MAX);
    if max <= ceiling {
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
             administration: at {per_pod} a pod, rolling updates included, that makes {ceiling} \
             pods instead of {max}; raise spec.database.managed.capacity.maxAcu for more"
        )),
    }
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
