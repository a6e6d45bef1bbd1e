//! DB subnet groups and DB cluster parameter groups.

use std::collections::{BTreeMap, BTreeSet};

use emr_resource::{
    Tags,
    ids::{ParameterGroupName, SubnetGroupName, SubnetId},
    parameter_group::{self, Details, ParameterGroup},
    quota::Quota,
    subnet_group::{self, SubnetGroup},
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

/// What AWS keeps for everybody.
const DEFAULT: &str = "default.aurora-mysql8.0";
const MYSQL: &str = "aurora-mysql8.0";
const POSTGRESQL: [&str; 4] = [
    "aurora-postgresql14",
    "aurora-postgresql15",
    "aurora-postgresql16",
    "aurora-postgresql17",
];
/// Source: RDS API reference, `ModifyDBClusterParameterGroup`.
pub(super) const PARAMETERS_A_CALL: usize = 20;
/// What parameter names begin or end with; the real catalogue has some 300 of them.
/// Source: Aurora user guide, "Aurora MySQL configuration parameters".
const KNOWN_TO_MYSQL: [&str; 24] = [
    "aurora_",
    "binlog_",
    "character_set_",
    "collation_",
    "connect_timeout",
    "event_scheduler",
    "general_log",
    "innodb_",
    "interactive_timeout",
    "join_buffer",
    "local_infile",
    "lock_wait",
    "log_",
    "long_query_time",
    "lower_case",
    "max_",
    "net_",
    "performance_schema",
    "require_secure",
    "server_audit_",
    "slow_query_log",
    "sql_mode",
    "time_zone",
    "wait_timeout",
];

/// Source: Aurora user guide, "Amazon Aurora PostgreSQL parameters".
pub(super) const KNOWN_TO_POSTGRESQL: [&str; 12] = [
    "autovacuum",
    "default_transaction_",
    "idle_in_transaction_",
    "lock_timeout",
    "log_",
    "max_",
    "password_encryption",
    "pgaudit.",
    "rds.",
    "shared_preload_libraries",
    "statement_timeout",
    "work_mem",
];

#[derive(Clone, Default)]
pub(super) struct Groups {
    pub(super) subnets: BTreeMap<SubnetGroupName, subnet_group::Observed>,
    pub(super) parameters: BTreeMap<ParameterGroupName, parameter_group::Observed>,
}

fn default_parameters(room: &Room) -> parameter_group::Observed {
    parameter_group::Observed {
        name: DEFAULT.into(),
        arn: room.arn("rds", &format!("cluster-pg:{DEFAULT}")),
        family: MYSQL.into(),
        details: Some(Details {
            parameters: BTreeMap::new(),
            tags: Tags::new(),
        }),
    }
}

impl Room {
    pub(super) fn family_of(&self, name: &ParameterGroupName) -> Option<String> {
        Keeps::<ParameterGroup>::read(self, name).map(|group| group.family)
    }

    /// Subnets of at least two zones. Source: RDS API reference, `CreateDBSubnetGroup`,
    /// `DBSubnetGroupDoesNotCoverEnoughAZs`.
    fn cover(&self, ids: &BTreeSet<SubnetId>) -> Result<(), Refused> {
        let mut zones = BTreeSet::new();
        for id in ids {
            match self.seeded.subnet(id) {
                Some(subnet) => zones.insert(&subnet.zone),
                None => return refuse("InvalidSubnet", format!("there is no subnet {id}")),
            };
        }
        ensure(
            zones.len() >= 2,
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "the subnets lie in one zone",
        )
    }
}

impl Keeps<SubnetGroup> for Room {
    fn list(&self, window: Window) -> Vec<subnet_group::Observed> {
        let untagged = |group: &subnet_group::Observed| subnet_group::Observed {
            tags: None,
            ..group.clone()
        };
        window.show(self.groups.subnets.values(), untagged)
    }

    fn read(&self, id: &SubnetGroupName) -> Option<subnet_group::Observed> {
        self.groups.subnets.get(id).cloned()
    }

    fn change(
        &mut self,
        change: &subnet_group::Change,
    ) -> Result<Option<subnet_group::Observed>, Refused> {
        use subnet_group::Change;
        match change {
            Change::Create(desired) => {
                let name = &desired.name;
                let exists = self.groups.subnets.contains_key(name);
                ensure(
                    !exists,
                    "DBSubnetGroupAlreadyExists",
                    format!("{name} exists"),
                )?;
                self.within_quota(Quota::DbSubnetGroups, "DBSubnetGroupQuotaExceeded")?;
                self.cover(&desired.subnet_ids)?;
                let group = subnet_group::Observed {
                    name: name.clone(),
                    arn: self.arn("rds", &format!("subgrp:{name}")),
                    subnet_ids: desired.subnet_ids.clone(),
                    tags: Some(desired.tags.clone()),
                };
                self.groups.subnets.insert(name.clone(), group.clone());
                Ok(Some(group))
            }
            Change::Modify {
                name, subnet_ids, ..
            } => {
                self.cover(subnet_ids)?;
                match self.groups.subnets.get_mut(name) {
                    Some(group) => group.subnet_ids.clone_from(subnet_ids),
                    None => return refuse("DBSubnetGroupNotFoundFault", name.as_str()),
                }
                Ok(None)
            }
            Change::Delete(name) => {
                let known = self.groups.subnets.contains_key(name);
                ensure(known, "DBSubnetGroupNotFoundFault", name.as_str())?;
                // Source: RDS API reference, `DeleteDBSubnetGroup`.
                let mut clusters = self.clusters.all.values();
                let mut instances = self.rds.all.values();
                let used = clusters.any(|cluster| cluster.subnet_group == *name)
                    || instances.any(|instance| instance.subnet_group == *name);
                ensure(!used, "InvalidDBSubnetGroupStateFault", "it is used")?;
                self.groups.subnets.remove(name);
                Ok(None)
            }
        }
    }
}

impl Keeps<ParameterGroup> for Room {
    fn list(&self, window: Window) -> Vec<parameter_group::Observed> {
        let bare = |group: &parameter_group::Observed| parameter_group::Observed {
            details: None,
            ..group.clone()
        };
        let default = default_parameters(self);
        let all = self.groups.parameters.values();
        window.show([&default].into_iter().chain(all), bare)
    }

    fn read(&self, id: &ParameterGroupName) -> Option<parameter_group::Observed> {
        if id.as_str() == DEFAULT {
            return Some(default_parameters(self));
        }
        self.groups.parameters.get(id).cloned()
    }

    fn change(
        &mut self,
        change: &parameter_group::Change,
    ) -> Result<Option<parameter_group::Observed>, Refused> {
        use parameter_group::Change;
        match change {
            Change::Create(desired) => {
                let name = &desired.name;
                let exists = self.family_of(name).is_some();
                ensure(
                    !exists,
                    "DBParameterGroupAlreadyExists",
                    format!("{name} exists"),
                )?;
                self.within_quota(
                    Quota::DbClusterParameterGroups,
                    "DBParameterGroupQuotaExceeded",
                )?;
                let family = desired.family.as_str();
                let known = family == MYSQL || POSTGRESQL.contains(&family);
                ensure(known, "InvalidParameterValue", "no such family")?;
                let group = parameter_group::Observed {
                    name: name.clone(),
                    arn: self.arn("rds", &format!("cluster-pg:{name}")),
                    family: desired.family.clone(),
                    // Created empty; parameters are set by another call.
                    details: Some(Details {
                        parameters: BTreeMap::new(),
                        tags: desired.tags.clone(),
                    }),
                };
                self.groups.parameters.insert(name.clone(), group.clone());
                Ok(Some(group))
            }
            Change::Set { name, parameters } => {
                let Some(group) = self.groups.parameters.get_mut(name) else {
                    return refuse("DBParameterGroupNotFound", name.as_str());
                };
                let many = parameters.len() > PARAMETERS_A_CALL;
                ensure(!many, "InvalidParameterValue", "more than 20 parameters")?;
                let of_family = if group.family == MYSQL {
                    &KNOWN_TO_MYSQL[..]
                } else {
                    &KNOWN_TO_POSTGRESQL[..]
                };
                for name in parameters.keys() {
                    let known = of_family.iter().any(|known| name.starts_with(known));
                    ensure(
                        known,
                        "InvalidParameterValue",
                        format!("no parameter {name}"),
                    )?;
                }
                if let Some(details) = &mut group.details {
                    details.parameters.extend(parameters.clone());
                }
                Ok(None)
            }
            Change::Delete(name) => {
                let known = self.groups.parameters.contains_key(name);
                ensure(known, "DBParameterGroupNotFound", name.as_str())?;
                // Source: RDS API reference, `DeleteDBClusterParameterGroup`.
                let mut clusters = self.clusters.all.values();
                let used = clusters.any(|cluster| cluster.settings.parameter_group == *name);
                ensure(!used, "InvalidDBParameterGroupState", "a cluster uses it")?;
                self.groups.parameters.remove(name);
                Ok(None)
            }
        }
    }
}
