//! DB parameter groups, those of instances.

use std::collections::BTreeMap;

use emr_resource::{
    db_parameter_group::{Change, DbParameterGroup, Details, Observed},
    ids::ParameterGroupName,
    parameter_group::Change as Call,
};

use super::{
    groups::{KNOWN_TO_POSTGRESQL, PARAMETERS_A_CALL},
    room::{Keeps, Refused, Room, Window, ensure, refuse},
};

/// Those that can be created.
const FAMILIES: [&str; 2] = ["postgres16", "postgres17"];
/// Groups of an account and region. Source: RDS user guide, "Quotas and constraints".
const MOST: usize = 50;

pub(super) type InstanceGroups = BTreeMap<ParameterGroupName, Observed>;

impl Keeps<DbParameterGroup> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        let bare = |group: &Observed| Observed {
            details: None,
            ..group.clone()
        };
        window.show(self.instance_groups.values(), bare)
    }

    fn read(&self, id: &ParameterGroupName) -> Option<Observed> {
        self.instance_groups.get(id).cloned()
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match &change.0 {
            Call::Create(desired) => {
                let name = &desired.name;
                let exists = self.instance_groups.contains_key(name);
                ensure(
                    !exists,
                    "DBParameterGroupAlreadyExists",
                    format!("{name} exists"),
                )?;
                let room = self.instance_groups.len() < MOST;
                ensure(room, "DBParameterGroupQuotaExceeded", "at most 50")?;
                let known = FAMILIES.contains(&desired.family.as_str());
                ensure(known, "InvalidParameterValue", "no such family")?;
                let group = Observed {
                    name: name.clone(),
                    arn: self.arn("rds", &format!("pg:{name}")),
                    family: desired.family.clone(),
                    // Created empty; parameters are set by another call.
                    details: Some(Details {
                        parameters: BTreeMap::new(),
                        tags: desired.tags.clone(),
                    }),
                };
                self.instance_groups.insert(name.clone(), group.clone());
                Ok(Some(group))
            }
            Call::Set { name, parameters } => {
                let Some(group) = self.instance_groups.get_mut(name) else {
                    return refuse("DBParameterGroupNotFound", name.as_str());
                };
                let many = parameters.len() > PARAMETERS_A_CALL;
                ensure(!many, "InvalidParameterValue", "more than 20 parameters")?;
                for name in parameters.keys() {
                    let mut all = KNOWN_TO_POSTGRESQL.iter();
                    let known = all.any(|known| name.starts_with(known));
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
            Call::Delete(name) => {
                let known = self.instance_groups.contains_key(name);
                ensure(known, "DBParameterGroupNotFound", name.as_str())?;
                // Source: RDS API reference, `DeleteDBParameterGroup`.
                let mut instances = self.rds.all.values();
                let used = instances.any(|of| of.settings.parameter_group == *name);
                ensure(!used, "InvalidDBParameterGroupState", "an instance uses it")?;
                self.instance_groups.remove(name);
                Ok(None)
            }
        }
    }
}
