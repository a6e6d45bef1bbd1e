//! What a profile stands for: sizes, zones and retention together.

use emr_api::{managed_database::Capacity, policy::Profile};

/// The numbers behind a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// The database's capacity.
    pub capacity: Capacity,
    /// Readers in other zones.
    pub readers: u32,
    /// Days of point-in-time recovery.
    pub backup_retention_days: u32,
    /// A recovery point of the files each hour.
    pub hourly_backups: bool,
    /// A KMS key for this instance alone (safety.md 5).
    pub own_key: bool,
    /// Least pods.
    pub min_replicas: i32,
    /// Most pods.
    pub max_replicas: i32,
    /// Most data in the cache, in gigabytes.
    pub cache_data_gb: u32,
    /// Most work of the cache, in processing units a second.
    pub cache_ecpu: u32,
}

/// The numbers behind a profile. Production's are those of seed 000: 0.5 to 256 ACU, 2 to 100
/// pods, 30 days.
pub const fn sizes(profile: Profile) -> Sizes {
    match profile {
        Profile::Production => Sizes {
            capacity: Capacity {
                min_acu: 0.5,
                max_acu: 256.0,
            },
            readers: 1,
            backup_retention_days: 30,
            hourly_backups: true,
            own_key: true,
            min_replicas: 2,
            max_replicas: 100,
            cache_data_gb: 10,
            cache_ecpu: 5000,
        },
        Profile::Staging => Sizes {
            capacity: Capacity {
                min_acu: 0.5,
                max_acu: 16.0,
            },
            readers: 0,
            backup_retention_days: 7,
            hourly_backups: false,
            own_key: false,
            min_replicas: 2,
            max_replicas: 10,
            cache_data_gb: 2,
            cache_ecpu: 2000,
        },
        Profile::Development => Sizes {
            capacity: Capacity {
                min_acu: 0.5,
                max_acu: 4.0,
            },
            readers: 0,
            backup_retention_days: 3,
            hourly_backups: false,
            own_key: false,
            min_replicas: 1,
            max_replicas: 3,
            cache_data_gb: 1,
            cache_ecpu: 1000,
        },
    }
}

/// The numbers behind a profile where Medplum differs: its database has instances, its cache nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MedplumSizes {
    /// CPU and memory of the database.
    pub instance_class: &'static str,
    /// A standby of the database in another zone.
    pub multi_az: bool,
    /// GiB of the database to begin with.
    pub allocated_gb: u32,
    /// The type of the cache's nodes.
    pub node_type: &'static str,
    /// Nodes of the cache beside the primary, in other zones.
    pub cache_replicas: u32,
    /// Least pods of the API.
    pub min_replicas: i32,
    /// Most pods of the API.
    pub max_replicas: i32,
    /// Pods of the web app.
    pub web_replicas: i32,
}

/// Production's are those of seed 001: db.r6g.2xlarge in two zones, two nodes of cache.r6g.large, 2 to 10
/// pods. Staging's database is the seed's db.t3.large on Graviton.
pub const fn medplum_sizes(profile: Profile) -> MedplumSizes {
    match profile {
        Profile::Production => MedplumSizes {
            instance_class: "db.r6g.2xlarge",
            multi_az: true,
            allocated_gb: 100,
            node_type: "cache.r6g.large",
            cache_replicas: 1,
            min_replicas: 2,
            max_replicas: 10,
            web_replicas: 2,
        },
        Profile::Staging => MedplumSizes {
            instance_class: "db.t4g.large",
            multi_az: false,
            allocated_gb: 50,
            node_type: "cache.t4g.medium",
            cache_replicas: 1,
            min_replicas: 2,
            max_replicas: 6,
            web_replicas: 2,
        },
        Profile::Development => MedplumSizes {
            instance_class: "db.t4g.medium",
            multi_az: false,
            allocated_gb: 20,
            node_type: "cache.t4g.small",
            cache_replicas: 0,
            min_replicas: 1,
            max_replicas: 3,
            web_replicas: 1,
        },
    }
}
