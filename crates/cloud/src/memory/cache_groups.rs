//! Cache subnet groups and cache parameter groups.

use std::collections::BTreeMap;

use emr_resource::{
    Tags,
    cache_parameter_group::{self, CacheParameterGroup, Details},
    cache_subnet_group::{self, CacheSubnetGroup},
    ids::{CacheParameterGroupName, CacheSubnetGroupName, SubnetId},
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

/// Source: ElastiCache user guide, "Engine specific parameters".
const FAMILIES: [&str; 4] = ["redis6.x", "redis7", "valkey7", "valkey8"];
/// Source: ElastiCache API reference, `ModifyCacheParameterGroup`.
const PARAMETERS_A_CALL: usize = 20;
/// What parameter names are or begin with; the real catalogue has some 80 of them.
/// Source: ElastiCache user guide, "Valkey and Redis OSS parameters".
const KNOWN: [&str; 14] = [
    "active",
    "appendonly",
    "client-",
    "cluster-",
    "databases",
    "hash-",
    "lazyfree-",
    "lfu-",
    "maxmemory",
    "notify-keyspace-events",
    "repl-",
    "slowlog-",
    "tcp-keepalive",
    "timeout",
];

#[derive(Clone, Default)]
pub(super) struct CacheGroups {
    pub(super) subnets: BTreeMap<CacheSubnetGroupName, cache_subnet_group::Observed>,
    pub(super) parameters: BTreeMap<CacheParameterGroupName, cache_parameter_group::Observed>,
}

impl Room {
    /// They are there and lie in one VPC, as all of a room do. Source: ElastiCache API reference,
    /// `CreateCacheSubnetGroup`.
    fn check_subnets<'a>(
        &self,
        mut ids: impl Iterator<Item = &'a SubnetId>,
    ) -> Result<(), Refused> {
        match ids.find(|id| self.seeded.subnet(id).is_none()) {
            Some(id) => refuse("InvalidSubnet", format!("there is no subnet {id}")),
            None => Ok(()),
        }
    }
}

impl Keeps<CacheSubnetGroup> for Room {
    fn list(&self, window: Window) -> Vec<cache_subnet_group::Observed> {
        let untagged = |group: &cache_subnet_group::Observed| cache_subnet_group::Observed {
            tags: None,
            ..group.clone()
        };
        window.show(self.cache_groups.subnets.values(), untagged)
    }

    fn read(&self, id: &CacheSubnetGroupName) -> Option<cache_subnet_group::Observed> {
        self.cache_groups.subnets.get(id).cloned()
    }

    fn change(
        &mut self,
        change: &cache_subnet_group::Change,
    ) -> Result<Option<cache_subnet_group::Observed>, Refused> {
        use cache_subnet_group::Change;
        match change {
            Change::Create(desired) => {
                let name = &desired.name;
                let exists = self.cache_groups.subnets.contains_key(name);
                let message = format!("{name} exists");
                ensure(!exists, "CacheSubnetGroupAlreadyExists", message)?;
                self.check_subnets(desired.subnet_ids.iter())?;
                let group = cache_subnet_group::Observed {
                    name: name.clone(),
                    arn: self.arn("elasticache", &format!("subnetgroup:{name}")),
                    subnet_ids: desired.subnet_ids.clone(),
                    tags: Some(desired.tags.clone()),
                };
                let all = &mut self.cache_groups.subnets;
                all.insert(name.clone(), group.clone());
                Ok(Some(group))
            }
            Change::Modify {
                name, subnet_ids, ..
            } => {
                self.check_subnets(subnet_ids.iter())?;
                match self.cache_groups.subnets.get_mut(name) {
                    Some(group) => group.subnet_ids.clone_from(subnet_ids),
                    None => return refuse("CacheSubnetGroupNotFoundFault", name.as_str()),
                }
                Ok(None)
            }
            Change::Delete(name) => {
                let known = self.cache_groups.subnets.contains_key(name);
                ensure(known, "CacheSubnetGroupNotFoundFault", name.as_str())?;
                let used = self.nodes().any(|node| node.subnet_group == *name);
                ensure(!used, "CacheSubnetGroupInUse", "a cache uses it")?;
                self.cache_groups.subnets.remove(name);
                Ok(None)
            }
        }
    }
}

impl Keeps<CacheParameterGroup> for Room {
    fn list(&self, window: Window) -> Vec<cache_parameter_group::Observed> {
        let bare = |group: &cache_parameter_group::Observed| cache_parameter_group::Observed {
            details: None,
            ..group.clone()
        };
        window.show(self.cache_groups.parameters.values(), bare)
    }

    fn read(&self, id: &CacheParameterGroupName) -> Option<cache_parameter_group::Observed> {
        self.cache_groups.parameters.get(id).cloned()
    }

    fn change(
        &mut self,
        change: &cache_parameter_group::Change,
    ) -> Result<Option<cache_parameter_group::Observed>, Refused> {
        use cache_parameter_group::Change;
        match change {
            Change::Create(desired) => {
                let name = &desired.name;
                let exists = self.cache_groups.parameters.contains_key(name);
                let message = format!("{name} exists");
                ensure(!exists, "CacheParameterGroupAlreadyExists", message)?;
                let known = FAMILIES.contains(&desired.family.as_str());
                ensure(known, "InvalidParameterValue", "no such family")?;
                let group = cache_parameter_group::Observed {
                    name: name.clone(),
                    arn: self.arn("elasticache", &format!("parametergroup:{name}")),
                    family: desired.family.clone(),
                    // Created empty; parameters are set by another call.
                    details: Some(Details {
                        parameters: BTreeMap::new(),
                        tags: Tags::clone(&desired.tags),
                    }),
                };
                let all = &mut self.cache_groups.parameters;
                all.insert(name.clone(), group.clone());
                Ok(Some(group))
            }
            Change::Set { name, parameters } => {
                let Some(group) = self.cache_groups.parameters.get_mut(name) else {
                    return refuse("CacheParameterGroupNotFound", name.as_str());
                };
                let many = parameters.len() > PARAMETERS_A_CALL;
                ensure(!many, "InvalidParameterValue", "more than 20 parameters")?;
                for name in parameters.keys() {
                    let known = KNOWN.iter().any(|known| name.starts_with(known));
                    let message = format!("no parameter {name}");
                    ensure(known, "InvalidParameterValue", message)?;
                }
                if let Some(details) = &mut group.details {
                    details.parameters.extend(parameters.clone());
                }
                Ok(None)
            }
            Change::Delete(name) => {
                let known = self.cache_groups.parameters.contains_key(name);
                ensure(known, "CacheParameterGroupNotFound", name.as_str())?;
                let used = self.nodes().any(|node| node.parameter_group == *name);
                ensure(!used, "InvalidCacheParameterGroupState", "a cache uses it")?;
                self.cache_groups.parameters.remove(name);
                Ok(None)
            }
        }
    }
}
