//! What AWS allows an account to have in a region, as far as instances use it up (safety.md 15).
//!
//! RDS tells use and limit of its own quotas in one call, by name. The others have a code in Service
//! Quotas, and their use is counted. Names: RDS API reference, `AccountQuota`. The codes were
//! compared with several independent public lists, not with AWS itself.

use crate::Service;

/// Something that AWS counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quota {
    /// Database clusters.
    DbClusters,
    /// Members of clusters, and other database instances.
    DbInstances,
    /// Cluster parameter groups. AWS does not raise it.
    DbClusterParameterGroups,
    /// DB subnet groups.
    DbSubnetGroups,
    /// Snapshots that were taken by hand or by us; AWS Backup's do not count.
    ManualClusterSnapshots,
    /// Serverless caches.
    ServerlessCaches,
    /// EFS file systems.
    FileSystems,
}

impl Quota {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::DbClusters,
        Self::DbInstances,
        Self::DbClusterParameterGroups,
        Self::DbSubnetGroups,
        Self::ManualClusterSnapshots,
        Self::ServerlessCaches,
        Self::FileSystems,
    ];

    /// What people call it; metrics too, with hyphens.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DbClusters => "DB clusters",
            Self::DbInstances => "DB instances",
            Self::DbClusterParameterGroups => "DB cluster parameter groups",
            Self::DbSubnetGroups => "DB subnet groups",
            Self::ManualClusterSnapshots => "manual DB cluster snapshots",
            Self::ServerlessCaches => "serverless caches",
            Self::FileSystems => "file systems",
        }
    }

    /// Its code in Service Quotas.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DbClusters => "L-952B80B9",
            Self::DbInstances => "L-7B6409FD",
            Self::DbClusterParameterGroups => "L-E4C808A8",
            Self::DbSubnetGroups => "L-48C6BF61",
            Self::ManualClusterSnapshots => "L-9B510759",
            Self::ServerlessCaches => "L-BBCDAECC",
            Self::FileSystems => "L-848C634D",
        }
    }

    /// The service that it belongs to; its prefix is the code of the service in Service Quotas.
    pub const fn service(self) -> Service {
        match self {
            Self::ServerlessCaches => Service::ElastiCache,
            Self::FileSystems => Service::Efs,
            _ => Service::Rds,
        }
    }

    /// Whether AWS raises it when asked.
    pub const fn is_adjustable(self) -> bool {
        !matches!(self, Self::DbClusterParameterGroups)
    }

    /// By the name that RDS gives it.
    pub fn of_rds(name: &str) -> Option<Self> {
        match name {
            "DBClusters" => Some(Self::DbClusters),
            "DBInstances" => Some(Self::DbInstances),
            "DBClusterParameterGroups" => Some(Self::DbClusterParameterGroups),
            "DBSubnetGroups" => Some(Self::DbSubnetGroups),
            "ManualClusterSnapshots" => Some(Self::ManualClusterSnapshots),
            _ => None,
        }
    }
}

/// How much of a quota is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The quota.
    pub quota: Quota,
    /// How many there are.
    pub used: u64,
    /// How many there may be.
    pub limit: u64,
}
