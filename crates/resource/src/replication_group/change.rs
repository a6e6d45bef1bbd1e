//! The calls that change a replication group.

use super::{Desired, Token};
use crate::{
    Difference, Mutation,
    ids::{CacheParameterGroupName, CacheSnapshotName, ReplicationGroupId, SecurityGroupId},
};

/// Settings to change at once; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What people read in the console.
    pub description: Option<String>,
    /// What its nodes are, asked for alone.
    pub node_type: Option<String>,
    /// A higher version, asked for with the parameter group of its family alone.
    pub engine_version: Option<String>,
    /// Engine parameters.
    pub parameter_group: Option<CacheParameterGroupName>,
    /// Who may connect.
    pub security_group_id: Option<SecurityGroupId>,
    /// Whether a replica takes over, and whether nodes stand in different zones: the second needs
    /// the first, so they go together.
    pub failover: Option<(bool, bool)>,
    /// When AWS patches.
    pub maintenance_window: Option<String>,
    /// When the daily snapshot is taken.
    pub snapshot_window: Option<String>,
    /// Days that daily snapshots are kept.
    pub snapshot_retention_days: Option<u32>,
    /// Whether AWS raises the minor version by itself.
    pub auto_minor_version_upgrade: Option<bool>,
}

/// How a token takes the place of another (safety.md 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The new token is valid beside the old one.
    Rotate,
    /// Only the new token is valid. AWS allows it after `Rotate` alone.
    Set,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateReplicationGroup`, with the token that the secret's version holds.
    Create(Box<Desired>),
    /// `ModifyReplicationGroup`.
    Modify {
        /// Its id.
        id: ReplicationGroupId,
        /// What to send.
        settings: Box<Settings>,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// `ModifyReplicationGroup` with a token and nothing else.
    ReplaceToken {
        /// Its id.
        id: ReplicationGroupId,
        /// Where the new token lies.
        token: Token,
        /// What becomes of the old one.
        strategy: Strategy,
    },
    /// `IncreaseReplicaCount` of every shard.
    AddReplicas {
        /// Its id.
        id: ReplicationGroupId,
        /// How many there are then.
        replicas: u32,
    },
    /// `DecreaseReplicaCount` of every shard.
    RemoveReplicas {
        /// Its id.
        id: ReplicationGroupId,
        /// How many there are then.
        replicas: u32,
    },
    /// `DeleteReplicationGroup`.
    Delete {
        /// Its id.
        id: ReplicationGroupId,
        /// The snapshot that AWS takes first.
        final_snapshot: Option<CacheSnapshotName>,
    },
}

impl Change {
    /// What it is done to.
    pub(super) const fn id(&self) -> &ReplicationGroupId {
        match self {
            Self::Create(desired) => &desired.id,
            Self::Modify { id, .. }
            | Self::ReplaceToken { id, .. }
            | Self::AddReplicas { id, .. }
            | Self::RemoveReplicas { id, .. }
            | Self::Delete { id, .. } => id,
        }
    }
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateReplicationGroup",
            Self::Modify { .. } | Self::ReplaceToken { .. } => "ModifyReplicationGroup",
            Self::AddReplicas { .. } => "IncreaseReplicaCount",
            Self::RemoveReplicas { .. } => "DecreaseReplicaCount",
            Self::Delete { .. } => "DeleteReplicationGroup",
        }
    }

    fn target(&self) -> String {
        self.id().to_string()
    }

    fn describe(&self) -> String {
        let group = format!("replication group {}", self.id());
        match self {
            Self::Create(_) => format!("create {group}"),
            Self::Modify { differences, .. } => {
                format!("change {group}: {}", Difference::list(differences))
            }
            Self::ReplaceToken {
                strategy: Strategy::Rotate,
                ..
            } => format!("let {group} accept a new AUTH token beside the old one"),
            Self::ReplaceToken {
                strategy: Strategy::Set,
                ..
            } => format!("let {group} accept the new AUTH token only"),
            Self::AddReplicas { replicas, .. } | Self::RemoveReplicas { replicas, .. } => {
                format!("give each shard of {group} {replicas} replicas")
            }
            Self::Delete {
                final_snapshot: None,
                ..
            } => format!("delete {group} without a snapshot"),
            Self::Delete {
                final_snapshot: Some(snapshot),
                ..
            } => format!("delete {group} after snapshot {snapshot}"),
        }
    }
}
