//! The stores of an instance: each `managed`, which makes a child object that works alone too.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    managed_database::{Capacity, RdsStorage},
    shared_file_system::Lifecycle,
};

/// The database of an instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// A ManagedDatabase that the instance owns.
    #[serde(default)]
    pub managed: DatabaseSizes,
}

/// Overrides of the profile's database: Aurora MySQL for OpenEMR; for Medplum RDS for PostgreSQL, or Aurora
/// PostgreSQL where `capacity` is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.capacity) || !(has(self.instanceClass) || has(self.storage) || has(self.multiAz))").message("spec.database.managed.capacity asks for Aurora, whose storage and instances AWS sizes itself: leave out instanceClass, storage and multiAz, or capacity"))]
pub struct DatabaseSizes {
    /// The engine's version: `8.0.mysql_aurora.3.10.0` for OpenEMR, `16.11` for Medplum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(8\.0\.mysql_aurora\.3\.[0-9]{2}\.[0-9]+|1[67]\.[0-9]{1,2})$"))]
    pub engine_version: Option<String>,
    /// Least and greatest capacity of Aurora Serverless v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// CPU and memory of each RDS instance: `db.r6g.2xlarge`. Medplum only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^db\.[a-z0-9]+\.[a-z0-9]+$"))]
    pub instance_class: Option<String>,
    /// Storage of RDS. Medplum only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<RdsStorage>,
    /// A standby in another zone. Medplum only; Aurora has readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_az: Option<bool>,
    /// Readers in other zones. Medplum sends searches to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 15))]
    pub readers: Option<u32>,
    /// Engine parameters, over the operator's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 100))]
    pub parameters: BTreeMap<String, String>,
    /// Days that any point in time can be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 35))]
    pub backup_retention_days: Option<u32>,
}

/// The cache of an instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cache {
    /// A CacheCluster that the instance owns.
    #[serde(default)]
    pub managed: CacheSizes,
}

/// Overrides of the profile's cache: serverless for OpenEMR's sessions, nodes for Medplum's job queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CacheSizes {
    /// Most data, in gigabytes. OpenEMR only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5000))]
    pub max_data_gb: Option<u32>,
    /// Most ElastiCache processing units a second. OpenEMR only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1000, max = 15_000_000))]
    pub max_ecpu: Option<u32>,
    /// The type of each node: `cache.r6g.large`. Medplum only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^cache\.[a-z0-9]+\.[a-z0-9]+$"))]
    pub node_type: Option<String>,
    /// Nodes beside the primary, in other zones, one of which takes over when it fails. Medplum only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 5))]
    pub replicas: Option<u32>,
}

/// The files of an instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Files {
    /// A SharedFileSystem that the instance owns.
    #[serde(default)]
    pub managed: ManagedFiles,
}

/// Overrides of the profile's files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedFiles {
    /// When files move to cheaper storage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
}
