//! Recurring backups: what AWS Backup takes of everything on a platform, and how long it is kept.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Recurring backups of every database and file system on this platform, in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.vaultLock) || [self.hourly.retentionDays, self.daily.retentionDays, self.weekly.retentionDays, self.monthly.retentionDays].all(d, d >= self.vaultLock.minRetentionDays && (!has(self.vaultLock.maxRetentionDays) || d <= self.vaultLock.maxRetentionDays))").message("spec.backup.vaultLock: every retentionDays must lie between minRetentionDays and maxRetentionDays, or AWS fails the jobs"))]
pub struct Backup {
    /// Each hour, of the files of Production instances: their database can be restored to any
    /// moment, and files have only their recovery points.
    #[serde(default)]
    pub hourly: Hourly,
    /// Each day.
    #[serde(default)]
    pub daily: Daily,
    /// Each week.
    #[serde(default)]
    pub weekly: Weekly,
    /// Each month.
    #[serde(default)]
    pub monthly: Monthly,
    /// Locks the vault, so that nobody deletes a recovery point before its time. Taking it out here
    /// takes no lock away: that is done in AWS Backup, and no longer possible once it is final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_lock: Option<VaultLock>,
}

/// A lock on every recovery point of the platform's vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VaultLock {
    /// Least days that any recovery point is kept. AWS fails jobs that keep theirs for fewer.
    #[schemars(range(min = 1, max = 36500))]
    pub min_retention_days: u32,
    /// Most days; no limit when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36500))]
    pub max_retention_days: Option<u32>,
    /// IRREVOCABLE: so many days after it is set, nobody can take the lock away or shorten it, the
    /// root user and AWS Support included, and every recovery point is paid for until its time is over.
    /// Until then it can be taken away in AWS Backup. Omitted: whoever has the right can always do so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 3, max = 36500))]
    pub final_after_days: Option<u32>,
}

/// A recovery point each hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hourly {
    /// Days that it is kept: as long as databases can be restored to any moment.
    #[serde(default = "month")]
    #[schemars(range(min = 1, max = 36500))]
    pub retention_days: u32,
}

impl Default for Hourly {
    fn default() -> Self {
        Self {
            retention_days: month(),
        }
    }
}

/// A recovery point each day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Daily {
    /// The time of day, UTC: `02:00`. AWS begins within the hour after it.
    #[serde(default = "daily_at")]
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub at: String,
    /// Days that it is kept.
    #[serde(default = "month")]
    #[schemars(range(min = 1, max = 36500))]
    pub retention_days: u32,
}

impl Default for Daily {
    fn default() -> Self {
        Self {
            at: daily_at(),
            retention_days: month(),
        }
    }
}

/// A recovery point each week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Weekly {
    /// The day.
    #[serde(default = "sunday")]
    #[schemars(extend("enum" = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]))]
    pub day: String,
    /// The time of day, UTC: `03:00`.
    #[serde(default = "weekly_at")]
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub at: String,
    /// Days that it is kept.
    #[serde(default = "quarter")]
    #[schemars(range(min = 1, max = 36500))]
    pub retention_days: u32,
}

impl Default for Weekly {
    fn default() -> Self {
        Self {
            day: sunday(),
            at: weekly_at(),
            retention_days: quarter(),
        }
    }
}

/// A recovery point each month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.coldAfterDays == 0 || self.retentionDays >= self.coldAfterDays + 90").message("spec.backup.monthly.retentionDays must be at least coldAfterDays + 90: AWS keeps what it moved to cold storage for 90 days"))]
pub struct Monthly {
    /// The day of the month; every month has 28.
    #[serde(default = "first")]
    #[schemars(range(min = 1, max = 28))]
    pub day: u32,
    /// The time of day, UTC: `04:00`.
    #[serde(default = "monthly_at")]
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub at: String,
    /// Days until it moves to cold storage, which is cheaper; 0 for never. AWS keeps databases
    /// warm whatever this says.
    #[serde(default = "quarter")]
    #[schemars(range(max = 36500))]
    pub cold_after_days: u32,
    /// Days that it is kept; seven years by default.
    #[serde(default = "seven_years")]
    #[schemars(range(min = 1, max = 36500))]
    pub retention_days: u32,
}

impl Default for Monthly {
    fn default() -> Self {
        Self {
            day: first(),
            at: monthly_at(),
            cold_after_days: quarter(),
            retention_days: seven_years(),
        }
    }
}

const fn first() -> u32 {
    1
}

const fn month() -> u32 {
    35
}

const fn quarter() -> u32 {
    90
}

const fn seven_years() -> u32 {
    2555
}

fn daily_at() -> String {
    "02:00".to_owned()
}

fn weekly_at() -> String {
    "03:00".to_owned()
}

fn monthly_at() -> String {
    "04:00".to_owned()
}

fn sunday() -> String {
    "Sun".to_owned()
}
