//! ElastiCache Serverless caches: where signed-in users' sessions live.
//!
//! Serverless caches speak TLS only and know RBAC users only; both are theirs by nature, not by a
//! setting that could be lost. A cache that is gone is made again: OpenEMR keeps sessions in it and
//! nothing else (safety.md 3).

mod after;
mod plan;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, time::Duration};

pub(crate) use plan::is_key;
pub use plan::{plan, remove};

use crate::{
    Difference, Listing, Mutation, ResourceType, Service, Tags,
    ids::{Arn, CacheName, CacheUserGroupId, SecurityGroupId, SubnetId},
};

/// The resource type.
#[derive(Debug)]
pub struct ServerlessCache;

/// A cache as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name.
    pub name: CacheName,
    /// What people read in the console.
    pub description: String,
    /// `valkey`; can't be changed later.
    pub engine: String,
    /// `8`. Can be raised, never lowered.
    pub major_version: String,
    /// Most data it may hold, in GB.
    pub max_data_gb: u32,
    /// Most ElastiCache processing units a second.
    pub max_ecpu: u32,
    /// The key that encrypts it; can't be changed later (safety.md 5).
    pub kms_key_arn: Arn,
    /// Who may connect.
    pub security_group_id: SecurityGroupId,
    /// The subnets of its endpoints; can't be changed later.
    pub subnet_ids: BTreeSet<SubnetId>,
    /// Who may sign in.
    pub user_group_id: CacheUserGroupId,
    /// Days that daily snapshots are kept; 0 for none.
    pub snapshot_retention_days: u32,
    /// When the daily snapshot begins, `hh:mm` in UTC; AWS picks when absent.
    pub daily_snapshot_time: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// Where to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The host name.
    pub address: String,
    /// TCP port: 6379 to read and write, 6380 to read from the nearest replica.
    pub port: u16,
}

/// A cache as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its name.
    pub name: CacheName,
    /// Its ARN.
    pub arn: Arn,
    /// When it was made, which tells a cache from an earlier one of the same name.
    pub created_at: Option<jiff::Timestamp>,
    /// `creating`, `available`, `modifying`, `deleting`, `create-failed`.
    pub status: String,
    /// What people read in the console.
    pub description: String,
    /// Where to write.
    pub endpoint: Option<Endpoint>,
    /// Where to read from the nearest replica.
    pub reader_endpoint: Option<Endpoint>,
    /// The engine.
    pub engine: String,
    /// The major version.
    pub major_version: String,
    /// The running version.
    pub full_version: Option<String>,
    /// Most data it may hold, in GB; absent where it has no limit.
    pub max_data_gb: Option<u32>,
    /// Most processing units a second; absent where it has no limit.
    pub max_ecpu: Option<u32>,
    /// The key that encrypts it; absent for a key that AWS owns.
    pub kms_key_arn: Option<Arn>,
    /// Who may connect.
    pub security_group_ids: BTreeSet<SecurityGroupId>,
    /// The subnets of its endpoints.
    pub subnet_ids: BTreeSet<SubnetId>,
    /// Who may sign in; without a group, anybody who can connect.
    pub user_group_id: Option<CacheUserGroupId>,
    /// Days that daily snapshots are kept.
    pub snapshot_retention_days: u32,
    /// When the daily snapshot begins.
    pub daily_snapshot_time: Option<String>,
    /// Its tags, which no list call returns.
    pub tags: Option<Tags>,
}

impl Observed {
    /// True when it serves and a change may be asked of it.
    pub fn is_available(&self) -> bool {
        self.status == "available"
    }
}

/// Settings to change; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What people read in the console.
    pub description: Option<String>,
    /// A higher major version, asked for alone.
    pub major_version: Option<String>,
    /// Most data in GB and most processing units a second: AWS takes them together.
    pub limits: Option<(u32, u32)>,
    /// Who may connect.
    pub security_group_id: Option<SecurityGroupId>,
    /// Who may sign in.
    pub user_group_id: Option<CacheUserGroupId>,
    /// Days that daily snapshots are kept.
    pub snapshot_retention_days: Option<u32>,
    /// When the daily snapshot begins.
    pub daily_snapshot_time: Option<String>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateServerlessCache`.
    Create(Box<Desired>),
    /// `ModifyServerlessCache`.
    Modify {
        /// Its name.
        name: CacheName,
        /// What to send.
        settings: Box<Settings>,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// `DeleteServerlessCache`.
    Delete {
        /// Its name.
        name: CacheName,
        /// The snapshot to take first; none for sessions.
        final_snapshot: Option<String>,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateServerlessCache",
            Self::Modify { .. } => "ModifyServerlessCache",
            Self::Delete { .. } => "DeleteServerlessCache",
        }
    }

    fn target(&self) -> String {
        ServerlessCache::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create serverless cache {}", desired.name),
            Self::Modify {
                name, differences, ..
            } => {
                format!(
                    "change serverless cache {name}: {}",
                    Difference::list(differences)
                )
            }
            Self::Delete {
                name,
                final_snapshot: None,
            } => {
                format!("delete serverless cache {name} without a snapshot")
            }
            Self::Delete {
                name,
                final_snapshot: Some(snapshot),
            } => {
                format!("delete serverless cache {name} after snapshot {snapshot}")
            }
        }
    }
}

impl ResourceType for ServerlessCache {
    const NAME: &'static str = "serverless-cache";
    const SERVICE: Service = Service::ElastiCache;
    const LISTING: Listing = Listing::Pages;
    /// Tags alone.
    const DETAIL_WINDOW: Duration = Duration::from_hours(4);
    type Id = CacheName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.name.clone(),
            Change::Modify { name, .. } | Change::Delete { name, .. } => name.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        observed.tags.as_ref()
    }

    fn in_transition(observed: &Observed) -> bool {
        !matches!(observed.status.as_str(), "available" | "create-failed")
    }

    fn lacks_details(observed: &Observed) -> bool {
        observed.tags.is_none()
    }

    fn absorb(listed: &mut Observed, known: &Observed) {
        if listed.created_at == known.created_at {
            listed.tags = listed.tags.take().or_else(|| known.tags.clone());
        }
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        after::after(change, before)
    }
}
