//! ManagedDatabase: everything in AWS that one database consists of.

mod desire;
mod engine;
mod parameters;
mod plan;
mod rds;
mod shape;
mod status;
mod teardown;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(crate) use desire::aws_window;
pub use desire::{DatabaseError, Landing, MASTER_USER};
use emr_resource::{
    Owner, Tags, cluster_snapshot, db_cluster, db_instance,
    ids::{DbInstanceId, LogGroupName},
    log_group, parameter_group, secret, security_group,
};
pub(crate) use parameters::content;
pub use rds::{RdsSeen, RdsStack};
pub use shape::{
    DatabaseStack, desire, dialect, endpoint, parameter_group_name, plan, status, teardown, usable,
};
pub use status::names_too_few;
pub use teardown::Circumstances;

/// A database of Aurora as it should be, in the order in which it is built.
#[derive(Clone, Debug, PartialEq)]
pub struct AuroraStack {
    /// Whose it is.
    pub owner: Owner,
    /// Who may connect.
    pub security_group: security_group::Desired,
    /// The master password.
    pub master_secret: secret::Desired,
    /// Engine parameters.
    pub parameter_group: parameter_group::Desired,
    /// Where its logs go.
    pub log_groups: Vec<log_group::Desired>,
    /// The cluster; its security groups are filled in once the group has an id.
    pub cluster: db_cluster::Desired,
    /// Its members: the first writer, then the readers.
    pub instances: Vec<db_instance::Desired>,
    /// The snapshot to take before it goes.
    pub final_snapshot: cluster_snapshot::Desired,
}

/// What AWS has of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatabaseSeen {
    /// Who may connect.
    pub security_group: Option<security_group::Observed>,
    /// The master password's secret.
    pub master_secret: Option<secret::Observed>,
    /// Engine parameters.
    pub parameter_group: Option<parameter_group::Observed>,
    /// Where its logs go.
    pub log_groups: BTreeMap<LogGroupName, log_group::Observed>,
    /// The cluster.
    pub cluster: Option<db_cluster::Observed>,
    /// The wanted members, and those that the cluster names.
    pub instances: BTreeMap<DbInstanceId, db_instance::Observed>,
    /// The tags of what it is to be made from; looked for only until it is made.
    pub source: Option<Tags>,
    /// The final snapshot; looked for only on the way to deletion.
    pub final_snapshot: Option<cluster_snapshot::Observed>,
    /// What there is of it in RDS, if that is its shape.
    pub rds: RdsSeen,
}
