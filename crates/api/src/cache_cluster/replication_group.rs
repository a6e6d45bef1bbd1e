//! Node-based ElastiCache: a primary with replicas, or shards of them.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::managed_database::{backup_window, maintenance_window};

/// A replication group of ElastiCache: TLS required, an AUTH token and no user names.
///
/// With one shard any client can use it. With more, only clients that know Redis clusters can;
/// Medplum's server, with the job queues in it, does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!self.multiAz || self.automaticFailover").message("replicationGroup.multiAz needs automaticFailover: in another zone a replica that never takes over helps nobody; set automaticFailover to true, or multiAz to false"))]
#[x_kube(validation = Rule::new("!self.automaticFailover || self.replicasPerShard >= 1").message("replicationGroup.automaticFailover needs replicasPerShard of at least 1: without a replica nothing can take over; set replicasPerShard to 1, or automaticFailover and multiAz to false"))]
#[x_kube(validation = Rule::new("!has(self.engineVersion) || (self.engine == 'redis') == (self.engineVersion in ['6.2', '7.0', '7.1'])").message("replicationGroup.engineVersion must be one of the engine: 7.2, 8.0 or later of valkey; 6.2, 7.0 or 7.1 of redis"))]
pub struct ReplicationGroup {
    /// The engine; can't be changed.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("replicationGroup.engine is immutable: make another CacheCluster and let the application change over"))]
    pub engine: NodeEngine,
    /// Major and minor version: 8.0 of valkey and 7.1 of redis when omitted. It can be raised; AWS
    /// raises the minor version by itself in the maintenance window, and takes none back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[6-9]\.[0-9]$"))]
    pub engine_version: Option<String>,
    /// The type of each node.
    #[serde(default = "node_type")]
    #[schemars(regex(pattern = r"^cache\.[a-z0-9]+\.[a-z0-9]+$"))]
    pub node_type: String,
    /// Shards. 1 is cluster mode disabled, for any client; more are cluster mode enabled, for clients
    /// that know clusters. Can't be changed.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 90))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("replicationGroup.shards is immutable: keys would move under running clients; make another CacheCluster and let the application change over"))]
    pub shards: u32,
    /// Replicas of each shard, beside its primary.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 5))]
    pub replicas_per_shard: u32,
    /// The nodes of a shard stand in different zones.
    #[serde(default = "yes")]
    pub multi_az: bool,
    /// A replica takes over when the primary fails.
    #[serde(default = "yes")]
    pub automatic_failover: bool,
    /// Engine parameters, over the operator's own: `maxmemory-policy` is `noeviction`, because a job
    /// that is evicted is a job that is never done.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[x_kube(validation = Rule::new("!('cluster-enabled' in self)").message("parameters['cluster-enabled'] follows from replicationGroup.shards: set that instead"))]
    #[schemars(extend("maxProperties" = 100))]
    pub parameters: BTreeMap<String, String>,
    /// Weekly maintenance window in UTC: `Sun:04:00-05:00`.
    #[serde(default = "maintenance_window")]
    #[schemars(regex(
        pattern = "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"
    ))]
    pub maintenance_window: String,
    /// When the daily snapshot is taken, in UTC.
    #[serde(default = "backup_window")]
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub snapshot_window: String,
}

impl Default for ReplicationGroup {
    fn default() -> Self {
        Self {
            engine: NodeEngine::default(),
            engine_version: None,
            node_type: node_type(),
            shards: one(),
            replicas_per_shard: one(),
            multi_az: yes(),
            automatic_failover: yes(),
            parameters: BTreeMap::new(),
            maintenance_window: maintenance_window(),
            snapshot_window: backup_window(),
        }
    }
}

impl ReplicationGroup {
    /// The version that is asked for.
    pub fn version(&self) -> &str {
        self.engine_version
            .as_deref()
            .unwrap_or_else(|| self.engine.usual_version())
    }
}

/// An engine that runs on nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeEngine {
    /// Valkey.
    #[default]
    Valkey,
    /// Redis OSS.
    Redis,
}

impl NodeEngine {
    /// As AWS and clients write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valkey => "valkey",
            Self::Redis => "redis",
        }
    }

    /// How people call it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Valkey => "Valkey",
            Self::Redis => "Redis",
        }
    }

    /// The version of a new cache that names none. 7.1 is the last Redis OSS that AWS offers.
    pub const fn usual_version(self) -> &'static str {
        match self {
            Self::Valkey => "8.0",
            Self::Redis => "7.1",
        }
    }
}

fn node_type() -> String {
    "cache.r7g.large".into()
}
fn one() -> u32 {
    1
}
fn yes() -> bool {
    true
}
