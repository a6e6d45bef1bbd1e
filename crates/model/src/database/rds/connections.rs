//! How many connections an instance accepts: PostgreSQL's `max_connections` follows from the memory of the
//! class, `LEAST({DBInstanceClassMemory/9531392}, 5000)`.
//! Source: RDS user guide, "Maximum number of database connections".

const CLASS_MEMORY: &str = include_str!("class_memory.txt");
const BYTES_A_CONNECTION: u64 = 9_531_392;
const MOST: u64 = 5_000;
const GIB: u64 = 1024 * 1024 * 1024;

/// GiB of memory of a class; `None` of one that the table does not know.
pub(super) fn class_memory_gib(class: &str) -> Option<u64> {
    let named = |name: &str| {
        let mut lines = CLASS_MEMORY.lines();
        let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|gib| gib.parse::<u64>().ok())
    };
    if let Some(gib) = named(class) {
        return Some(gib);
    }
    let (family, size) = class.strip_prefix("db.")?.split_once('.')?;
    let times = match size.strip_suffix("xlarge") {
        Some("") => 2,
        Some(times) => 4 * times.parse::<u64>().ok()? / 2,
        None => u64::from(size == "large"),
    };
    named(family)
        .map(|large| large * times)
        .filter(|gib| *gib > 0)
}

/// How many connections an instance of this class accepts. The operating system and RDS take a part of the
/// memory, which AWS does not put a number on: a tenth is left to them, so that the bound is never too high.
pub(super) fn max_connections(class: &str) -> Option<i32> {
    let memory = class_memory_gib(class)? * GIB / 10 * 9;
    i32::try_from((memory / BYTES_A_CONNECTION).min(MOST)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_follow_the_memory_of_the_class_up_to_a_bound() {
        for (class, gib, connections) in [
            ("db.t4g.micro", Some(1), Some(101)),
            ("db.m7g.large", Some(8), Some(811)),
            ("db.r6g.large", Some(16), Some(1622)),
            ("db.r6g.xlarge", Some(32), Some(3244)),
            ("db.r6g.4xlarge", Some(128), Some(5000)),
            ("db.q1.large", None, None),
            ("db.r6g.huge", None, None),
        ] {
            assert_eq!(class_memory_gib(class), gib, "{class}");
            assert_eq!(max_connections(class), connections, "{class}");
        }
    }
}
