//! A database of RDS for PostgreSQL: an instance in one or two zones, and read replicas of it.

mod connections;
mod desire;
mod plan;
mod status;
mod teardown;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(super) use desire::{desire, parameter_group_name};
use emr_resource::{
    Owner, db_parameter_group, db_snapshot, ids::DbInstanceId, log_group, rds_instance, secret,
    security_group,
};
pub(super) use plan::plan;
pub(super) use status::{endpoint, facts, usable};
pub(super) use teardown::teardown;

/// As many read replicas as a spec can ask for.
const MOST_REPLICAS: u32 = 5;

/// A database of RDS as it should be, in the order in which it is built.
#[derive(Clone, Debug, PartialEq)]
pub struct RdsStack {
    /// Whose it is.
    pub owner: Owner,
    /// Who may connect.
    pub security_group: security_group::Desired,
    /// The master password.
    pub master_secret: secret::Desired,
    /// Engine parameters.
    pub parameter_group: db_parameter_group::Desired,
    /// Where its logs go, and its replicas'.
    pub log_groups: Vec<log_group::Desired>,
    /// The instance that holds the data; its security groups are filled in once the group has an id.
    pub instance: rds_instance::Desired,
    /// The wanted replicas.
    pub replicas: Vec<rds_instance::Desired>,
    /// The names of all replicas that it may ever have had.
    pub replica_names: Vec<DbInstanceId>,
    /// The snapshot to take before it goes.
    pub final_snapshot: db_snapshot::Desired,
}

/// What AWS has of a database of RDS, beside what every shape has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RdsSeen {
    /// Engine parameters.
    pub parameter_group: Option<db_parameter_group::Observed>,
    /// The instance that holds the data.
    pub instance: Option<rds_instance::Observed>,
    /// The replicas that are there, wanted or not.
    pub replicas: BTreeMap<DbInstanceId, rds_instance::Observed>,
    /// What it is to be made from; looked for only until it is made.
    pub source: Option<rds_instance::Found>,
    /// The final snapshot; looked for only on the way to deletion.
    pub final_snapshot: Option<db_snapshot::Observed>,
}
