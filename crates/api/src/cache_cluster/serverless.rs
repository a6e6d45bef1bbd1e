//! ElastiCache Serverless.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ElastiCache Serverless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Serverless {
    /// The engine.
    #[serde(default)]
    #[x_kube(validation = Rule::new("self == oldSelf").message("serverless.engine is immutable"))]
    pub engine: CacheEngine,
    /// Most data, in gigabytes.
    #[serde(default = "max_data_gb")]
    #[schemars(range(min = 1, max = 5000))]
    pub max_data_gb: u32,
    /// Most ElastiCache processing units a second.
    #[serde(default = "max_ecpu")]
    #[schemars(range(min = 1000, max = 15_000_000))]
    pub max_ecpu: u32,
}

impl Default for Serverless {
    fn default() -> Self {
        Self {
            engine: CacheEngine::default(),
            max_data_gb: max_data_gb(),
            max_ecpu: max_ecpu(),
        }
    }
}

/// A cache engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CacheEngine {
    /// Valkey 8.
    #[default]
    Valkey,
}

fn max_data_gb() -> u32 {
    10
}
fn max_ecpu() -> u32 {
    5000
}
