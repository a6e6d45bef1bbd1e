//! The stores of an instance: each `managed`, which makes a child object that works alone too.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{managed_database::Capacity, shared_file_system::Lifecycle};

/// The database of an instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// A ManagedDatabase that the instance owns.
    #[serde(default)]
    pub managed: ManagedMysql,
}

/// Overrides of the profile's Aurora MySQL.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedMysql {
    /// Aurora's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^8\.0\.mysql_aurora\.3\.[0-9]{2}\.[0-9]+$"))]
    pub engine_version: Option<String>,
    /// Least and greatest capacity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// Readers in other zones.
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
    pub managed: ManagedCache,
}

/// Overrides of the profile's cache.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedCache {
    /// Most data, in gigabytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5000))]
    pub max_data_gb: Option<u32>,
    /// Most ElastiCache processing units a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1000, max = 15_000_000))]
    pub max_ecpu: Option<u32>,
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
