//! Sets and drills that come by themselves.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::emr_backup::Consistency;

/// What is taken and tried by itself, beside the platform's recurring backups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Backup {
    /// EmrBackups on a schedule. None when omitted: the platform's plans copy database and files each
    /// by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sets: Option<SetSchedule>,
    /// EmrDrills on a schedule. None when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drills: Option<DrillSchedule>,
}

/// EmrBackups on a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.consistency == 'Quiesced' || !has(self.quietLimit)").message("spec.backup.sets.quietLimit belongs to consistency Quiesced: nothing stands still under Online"))]
pub struct SetSchedule {
    /// When, in UTC: minute, hour, day of month, month, day of week, as cron writes them. `30 2 * * *`
    /// is half past two each night. At most once an hour.
    #[schemars(length(min = 9, max = 100), regex(pattern = SCHEDULE))]
    pub schedule: String,
    /// Whether the application stands still while a set is taken.
    #[serde(default)]
    pub consistency: Consistency,
    /// The longest time that it may stand still; as in EmrBackup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = 16), regex(pattern = "^([0-9]+(h|m|s))+$"))]
    #[x_kube(validation = Rule::new("duration(self) >= duration('1m') && duration(self) <= duration('24h')").message("spec.backup.sets.quietLimit must lie between 1m and 24h"))]
    pub quiet_limit: Option<String>,
    /// Days until a set is removed; 0 keeps it.
    #[serde(default = "keep_days")]
    #[schemars(range(max = 36500))]
    pub keep_days: u32,
}

/// EmrDrills on a schedule: each with the newest complete EmrBackup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DrillSchedule {
    /// When, in UTC, as cron writes it: `0 4 1 * *` is four o'clock on the first of each month. A drill
    /// costs what a Development instance costs for about an hour.
    #[schemars(length(min = 9, max = 100), regex(pattern = SCHEDULE))]
    pub schedule: String,
}

/// Five fields, of which the first names minutes one by one: what is made costs money.
const SCHEDULE: &str = r"^[0-9]{1,2}( [0-9A-Za-z*,/#L-]+){4}$";

/// Days that a set is kept; those of the platform's daily plan.
const fn keep_days() -> u32 {
    35
}

/// What came of it last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scheduled {
    /// The time of the schedule for which the last EmrBackup was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_set: Option<String>,
    /// The time of the schedule for which the last EmrDrill was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_drill: Option<String>,
}
