//! CloudWatch log groups.

use std::collections::BTreeMap;

use emr_resource::{
    ids::LogGroupName,
    log_group::{Change, LogGroup, Observed},
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

/// Source: CloudWatch Logs API reference, `PutRetentionPolicy`.
const RETENTION_DAYS: [u32; 23] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653, 3654,
];

#[derive(Clone, Default)]
pub(super) struct LogGroups {
    pub(super) all: BTreeMap<LogGroupName, Observed>,
}

impl LogGroups {
    fn get(&mut self, name: &LogGroupName) -> Result<&mut Observed, Refused> {
        match self.all.get_mut(name) {
            Some(group) => Ok(group),
            None => refuse("ResourceNotFoundException", format!("no log group {name}")),
        }
    }
}

impl Room {
    /// A service writes: a group that nobody made is made, without key and for ever.
    pub(super) fn write_log(&mut self, name: &str) {
        let group = Observed {
            name: name.into(),
            arn: self.arn("logs", &format!("log-group:{name}:*")),
            kms_key_arn: None,
            retention_days: None,
        };
        self.log_groups.all.entry(name.into()).or_insert(group);
    }
}

impl Keeps<LogGroup> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.log_groups.all.values(), Observed::clone)
    }

    fn read(&self, id: &LogGroupName) -> Option<Observed> {
        self.log_groups.all.get(id).cloned()
    }

    /// Created without an end. Source: CloudWatch Logs API reference, `CreateLogGroup`.
    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => {
                let name = &desired.name;
                let exists = self.log_groups.all.contains_key(name);
                ensure(
                    !exists,
                    "ResourceAlreadyExistsException",
                    format!("{name} exists"),
                )?;
                self.check_key(&desired.kms_key_arn, "InvalidParameterException")?;
                let group = Observed {
                    name: name.clone(),
                    arn: self.arn("logs", &format!("log-group:{name}:*")),
                    kms_key_arn: Some(desired.kms_key_arn.clone()),
                    retention_days: None,
                };
                self.log_groups.all.insert(name.clone(), group.clone());
                return Ok(Some(group));
            }
            Change::SetRetention { name, days, .. } => {
                let known = RETENTION_DAYS.contains(days);
                ensure(known, "InvalidParameterException", "no such retention")?;
                self.log_groups.get(name)?.retention_days = Some(*days);
            }
            Change::SetKey { name, kms_key_arn } => {
                self.check_key(kms_key_arn, "InvalidParameterException")?;
                self.log_groups.get(name)?.kms_key_arn = Some(kms_key_arn.clone());
            }
        }
        Ok(None)
    }
}
