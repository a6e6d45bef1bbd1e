//! The connection ceiling: pods times connections never exceed what the database accepts
//! (safety.md 16).

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

/// Of what the database accepts, what pods may use.
pub(crate) const fn usable(max_connections: u32) -> u32 {
    max_connections / 10 * (10 - RESERVED_TENTHS)
        + max_connections % 10 * (10 - RESERVED_TENTHS) / 10
}

/// The most pods that are there during a rolling update.
pub(crate) const fn at_once(max: u32) -> u32 {
    max + max.div_ceil(SURGE_DIVISOR)
}

/// The most pods of which, rolling updates included, so many are there; at least one.
pub(crate) fn ceiling(at_once: u32) -> i32 {
    // The most m with m + ceil(m / 4) <= at_once.
    let ceiling = u64::from(at_once) * u64::from(SURGE_DIVISOR) / u64::from(SURGE_DIVISOR + 1);
    i32::try_from(ceiling.max(1)).unwrap_or(i32::MAX)
}

/// Bounds the replicas by the database's connections, a rolling update's additional pods included.
/// At least one pod remains, however small the database: it waits rather than fails. `raise` says where
/// there are more connections to be had.
pub(crate) fn limit(
    (min, max): (i32, i32),
    max_connections: u32,
    per_pod: u32,
    raise: &str,
) -> Limited {
    let ceiling = ceiling(usable(max_connections) / per_pod.max(1));
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
             pods instead of {max}; raise {raise} for more"
        )),
    }
}
