//! What a spec asks of its engine, the same for every engine of Aurora.

use std::collections::BTreeMap;

use emr_api::managed_database::{Capacity, LogExport, ManagedDatabaseSpec};
use emr_resource::db_cluster::Engine;

use super::parameters;

/// Connections that Aurora PostgreSQL accepts at most, and where its least capacity is 0.5 ACU.
/// Source: Aurora user guide, "Maximum connections for Aurora Serverless v2".
const POSTGRESQL_MOST: f64 = 5000.0;
const POSTGRESQL_MOST_FROM_HALF: f64 = 2000.0;
/// Bytes of memory for each of PostgreSQL's connections, and of each ACU.
const BYTES_A_CONNECTION: f64 = 9_531_392.0;
const BYTES_AN_ACU: f64 = 2.0 * 1024.0 * 1024.0 * 1024.0;

/// What a spec asks of its engine.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted<'a> {
    pub(super) engine: Engine,
    pub(super) version: &'a str,
    pub(super) capacity: Capacity,
    pub(super) readers: u32,
    /// The user's own.
    pub(super) parameters: &'a BTreeMap<String, String>,
}

/// The engine that the spec names.
pub(super) fn wanted(spec: &ManagedDatabaseSpec) -> Option<Wanted<'_>> {
    if let Some(mysql) = &spec.aurora_mysql {
        return Some(Wanted {
            engine: Engine::AuroraMysql,
            version: &mysql.engine_version,
            capacity: mysql.capacity,
            readers: mysql.readers,
            parameters: &mysql.parameters,
        });
    }
    let postgresql = spec.aurora_postgresql.as_ref()?;
    Some(Wanted {
        engine: Engine::AuroraPostgresql,
        version: &postgresql.engine_version,
        capacity: postgresql.capacity,
        readers: postgresql.readers,
        parameters: &postgresql.parameters,
    })
}

impl Wanted<'_> {
    /// The operator's parameters, with the user's laid over them.
    pub(super) fn merged(&self) -> BTreeMap<String, String> {
        parameters::merge(self.engine, self.parameters)
    }

    /// The logs that go to CloudWatch where the spec names none.
    pub(super) fn usual_logs(&self) -> &'static [LogExport] {
        match self.engine {
            Engine::AuroraMysql => &[LogExport::Audit, LogExport::Error, LogExport::Slowquery],
            Engine::AuroraPostgresql => &[LogExport::Postgresql],
        }
    }
}

/// How people call an engine.
pub(super) const fn in_words(engine: Engine) -> &'static str {
    match engine {
        Engine::AuroraMysql => "MySQL",
        Engine::AuroraPostgresql => "PostgreSQL",
    }
}

/// How clients call an engine: the `type` of a service binding.
pub(super) const fn dialect(engine: Engine) -> &'static str {
    match engine {
        Engine::AuroraMysql => "mysql",
        Engine::AuroraPostgresql => "postgresql",
    }
}

/// How many connections Aurora PostgreSQL accepts between these capacities.
pub(super) fn postgresql_max_connections(min_acu: f64, max_acu: f64) -> i32 {
    let most = if min_acu < 1.0 {
        POSTGRESQL_MOST_FROM_HALF
    } else {
        POSTGRESQL_MOST
    };
    let by_memory = (max_acu * BYTES_AN_ACU / BYTES_A_CONNECTION).floor();
    // At most 5000.
    #[allow(clippy::cast_possible_truncation)]
    let accepted = by_memory.min(most) as i32;
    accepted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_of_postgresql_follow_the_greatest_capacity_up_to_a_bound() {
        for (min, max, accepted) in [
            (0.5, 1.0, 225),
            (0.5, 4.0, 901),
            (0.5, 64.0, 2000),
            (1.0, 16.0, 3604),
            (1.0, 256.0, 5000),
        ] {
            assert_eq!(
                postgresql_max_connections(min, max),
                accepted,
                "{min} {max}"
            );
        }
    }
}
