//! Replication groups: node-based caches with replicas, for what needs a client that knows neither
//! users nor clusters.
//!
//! One holds a job queue, so it is treated as what holds data: one that was ready and is gone is
//! refused, never made again empty (safety.md 1). TLS is required, data is encrypted with the given
//! key, and nobody gets in without the AUTH token; whatever lacks one of these is refused.

mod after;
mod change;
mod differences;
mod plan;
mod remove;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use change::{Change, Settings, Strategy};
pub use plan::{plan, replace_token};
pub use remove::remove;

pub use crate::serverless_cache::Endpoint;
use crate::{
    Listing, ResourceType, Service, Tags,
    ids::{
        Arn, CacheParameterGroupName, CacheSubnetGroupName, ReplicationGroupId, SecretName,
        SecretVersion, SecurityGroupId,
    },
};

/// The port of every node.
pub const PORT: u16 = 6379;
/// The tag that says with which version of its secret a group was made: the only place where that is
/// known if the answer to the creation is lost.
pub const TOKEN_TAG: &str = "emrstack.dev/token-version";

/// The resource type.
#[derive(Debug)]
pub struct ReplicationGroup;

/// Where the AUTH token lies: one version of a secret, which never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The secret.
    pub secret: SecretName,
    /// Its version.
    pub version: SecretVersion,
}

/// A replication group as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its id.
    pub id: ReplicationGroupId,
    /// What people read in the console.
    pub description: String,
    /// `valkey` or `redis`.
    pub engine: String,
    /// `8.0`: major and minor. Can be raised, never lowered.
    pub engine_version: String,
    /// `cache.r7g.large`.
    pub node_type: String,
    /// Shards; more than one means cluster mode. Can't be changed here.
    pub shards: u32,
    /// Replicas of each shard, 0 to 5.
    pub replicas: u32,
    /// Nodes of a shard stand in different zones.
    pub multi_az: bool,
    /// A replica takes over when the primary fails.
    pub automatic_failover: bool,
    /// Engine parameters.
    pub parameter_group: CacheParameterGroupName,
    /// Where the nodes stand; can't be changed later.
    pub subnet_group: CacheSubnetGroupName,
    /// Who may connect.
    pub security_group_id: SecurityGroupId,
    /// The key that encrypts it; can't be changed later (safety.md 5).
    pub kms_key_arn: Arn,
    /// The AUTH token that it is made with.
    pub token: Token,
    /// `sun:04:00-sun:05:00`, UTC.
    pub maintenance_window: String,
    /// `03:00-04:00`, UTC.
    pub snapshot_window: String,
    /// Days that daily snapshots are kept; 0 for none.
    pub snapshot_retention_days: u32,
    /// Its tags, without [`TOKEN_TAG`].
    pub tags: Tags,
}

impl Desired {
    /// The tags that it is made with.
    pub fn first_tags(&self) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(TOKEN_TAG.into(), self.token.version.to_string());
        tags
    }
}

/// The family of parameter groups that an engine takes. Source: ElastiCache user guide, "Engine
/// specific parameters".
pub fn family(engine: &str, version: &str) -> String {
    match (engine, version.split('.').next()) {
        ("redis", Some("6")) => "redis6.x".to_owned(),
        (engine, major) => format!("{engine}{}", major.unwrap_or_default()),
    }
}

/// A replication group as AWS has it.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of AWS's own"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: ReplicationGroupId,
    /// Its ARN.
    pub arn: Arn,
    /// When it was made, which tells a group from an earlier one of the same id.
    pub created_at: Option<jiff::Timestamp>,
    /// `creating`, `available`, `modifying`, `snapshotting`, `deleting`, `create-failed`.
    pub status: String,
    /// What people read in the console.
    pub description: String,
    /// The engine.
    pub engine: String,
    /// What its nodes are.
    pub node_type: String,
    /// Whether only clients that know clusters can use all of it.
    pub cluster_mode: bool,
    /// Shards.
    pub shards: u32,
    /// Replicas of each shard.
    pub replicas: u32,
    /// Nodes of a shard stand in different zones.
    pub multi_az: bool,
    /// A replica takes over when the primary fails.
    pub automatic_failover: bool,
    /// The key that encrypts it; absent for a key that AWS owns, or for none.
    pub kms_key_arn: Option<Arn>,
    /// Encrypted at rest, and nothing but TLS is answered.
    pub encrypted: bool,
    /// Whether an AUTH token is asked for.
    pub token_required: bool,
    /// When the token was last set or rotated.
    pub token_modified_at: Option<jiff::Timestamp>,
    /// Where to write: the primary, or in cluster mode the configuration.
    pub endpoint: Option<Endpoint>,
    /// Where to read from the replicas; none in cluster mode.
    pub reader_endpoint: Option<Endpoint>,
    /// When the daily snapshot is taken.
    pub snapshot_window: String,
    /// Days that daily snapshots are kept.
    pub snapshot_retention_days: u32,
    /// What only its nodes tell.
    pub details: Option<Details>,
    /// Its tags, which no list call returns.
    pub tags: Option<Tags>,
}

/// What a single read of a node tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// The running version: `8.0.1`.
    pub engine_version: String,
    /// Engine parameters.
    pub parameter_group: CacheParameterGroupName,
    /// Where the nodes stand.
    pub subnet_group: CacheSubnetGroupName,
    /// Who may connect.
    pub security_group_ids: BTreeSet<SecurityGroupId>,
    /// When AWS patches.
    pub maintenance_window: String,
    /// Whether AWS raises the minor version by itself.
    pub auto_minor_version_upgrade: bool,
}

impl Observed {
    /// True when it serves and a change may be asked of it.
    pub fn is_available(&self) -> bool {
        self.status == "available"
    }

    /// The version of the secret with which it was made.
    pub fn first_token(&self) -> Option<SecretVersion> {
        let tag = self.tags.as_ref()?.get(TOKEN_TAG)?;
        Some(SecretVersion::new(tag.as_str()))
    }
}

impl ResourceType for ReplicationGroup {
    const NAME: &'static str = "replication-group";
    const SERVICE: Service = Service::ElastiCache;
    const LISTING: Listing = Listing::Pages;
    type Id = ReplicationGroupId;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.id.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        change.id().clone()
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        observed.tags.as_ref()
    }

    fn in_transition(observed: &Observed) -> bool {
        !matches!(observed.status.as_str(), "available" | "create-failed")
    }

    fn lacks_details(observed: &Observed) -> bool {
        observed.tags.is_none() || (observed.is_available() && observed.details.is_none())
    }

    /// What the nodes tell may be another thing once a modification is over.
    fn absorb(listed: &mut Observed, known: &Observed) {
        if listed.created_at != known.created_at {
            return;
        }
        listed.tags = listed.tags.take().or_else(|| known.tags.clone());
        if listed.status == known.status {
            listed.details = listed.details.take().or_else(|| known.details.clone());
        }
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        after::after(change, before)
    }
}
