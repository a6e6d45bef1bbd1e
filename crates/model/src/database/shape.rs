//! The two shapes of a database: a cluster of Aurora, and instances of RDS. Each is desired, planned and torn
//! down in files of its own; whoever holds one asks here and need not know which it is.

use emr_api::{
    managed_database::{ManagedDatabaseSpec, ManagedDatabaseStatus},
    references::{Placement, SecretRef},
};
use emr_resource::{Change, Step, db_cluster::Recorded, ids::ParameterGroupName};

use super::{
    AuroraStack, Circumstances, DatabaseError, DatabaseSeen, Landing,
    desire::{self as aurora},
    engine,
    plan::{self},
    rds::{self, RdsStack},
    status::{self, Facts},
    teardown::{self},
};

/// A database as it should be, in the order in which it is built.
#[derive(Clone, Debug, PartialEq)]
pub enum DatabaseStack {
    /// A cluster and its members.
    Aurora(Box<AuroraStack>),
    /// An instance and its read replicas.
    Rds(Box<RdsStack>),
}

/// The resources that the spec asks for.
pub fn desire(
    owner: &emr_resource::Owner,
    spec: &ManagedDatabaseSpec,
    landing: &Landing<'_>,
) -> Result<DatabaseStack, DatabaseError> {
    if let Some(wanted) = &spec.rds_postgres {
        let stack = rds::desire(owner, spec, wanted, landing)?;
        return Ok(DatabaseStack::Rds(Box::new(stack)));
    }
    let stack = aurora::desire(owner, spec, landing)?;
    Ok(DatabaseStack::Aurora(Box::new(stack)))
}

/// The name of the group that a database with this spec shares with its like on `cluster`; `None` without
/// an engine. Clusters and instances have groups of other kinds, and names that differ.
pub fn parameter_group_name(
    cluster: &str,
    spec: &ManagedDatabaseSpec,
) -> Option<ParameterGroupName> {
    match &spec.rds_postgres {
        Some(wanted) => Some(rds::parameter_group_name(cluster, wanted)),
        None => aurora::parameter_group_name(cluster, spec),
    }
}

/// The next step. `recorded` is what status remembers of what holds the data.
pub fn plan(
    stack: &DatabaseStack,
    recorded: Option<&Recorded>,
    seen: &DatabaseSeen,
) -> Step<Change> {
    match stack {
        DatabaseStack::Aurora(stack) => plan::plan(stack, recorded, seen),
        DatabaseStack::Rds(stack) => rds::plan(stack, recorded, seen),
    }
}

/// The next step towards nothing being left but what the policy keeps.
pub fn teardown(
    stack: &DatabaseStack,
    circumstances: &Circumstances,
    seen: &DatabaseSeen,
) -> Step<Change> {
    match stack {
        DatabaseStack::Aurora(stack) => teardown::teardown(stack, circumstances, seen),
        DatabaseStack::Rds(stack) => rds::teardown(stack, circumstances, seen),
    }
}

/// A sentence when an application can connect.
pub fn usable(stack: &DatabaseStack, seen: &DatabaseSeen) -> Option<String> {
    match stack {
        DatabaseStack::Aurora(stack) => status::usable(stack, seen),
        DatabaseStack::Rds(stack) => rds::usable(stack, seen),
    }
}

/// Where to write, once it is known.
pub fn endpoint(stack: &DatabaseStack, seen: &DatabaseSeen) -> Option<(String, u16)> {
    match stack {
        DatabaseStack::Aurora(stack) => status::endpoint(stack, seen),
        DatabaseStack::Rds(stack) => rds::endpoint(stack, seen),
    }
}

/// How clients call the engine: the `type` of a service binding.
pub const fn dialect(stack: &DatabaseStack) -> &'static str {
    match stack {
        DatabaseStack::Aurora(stack) => engine::dialect(stack.cluster.engine),
        DatabaseStack::Rds(_) => "postgresql",
    }
}

/// The status that follows from what is seen; `old` keeps what must not be forgotten.
pub fn status(
    old: &ManagedDatabaseStatus,
    stack: &DatabaseStack,
    seen: &DatabaseSeen,
    placement: &Placement,
    master_secret_ref: Option<SecretRef>,
) -> ManagedDatabaseStatus {
    let facts: Facts = match stack {
        DatabaseStack::Aurora(stack) => status::facts(stack, seen),
        DatabaseStack::Rds(stack) => rds::facts(stack, seen),
    };
    status::told(old, facts, seen, placement, master_secret_ref)
}
