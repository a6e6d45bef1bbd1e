//! How many pods, and when there are more.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// How many pods, and when there are more. The database's connections bound it from above; status
/// tells where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas").message("spec.scaling.minReplicas must not exceed spec.scaling.maxReplicas"))]
pub struct Scaling {
    /// Least pods; by profile when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub min_replicas: Option<i32>,
    /// Most pods; by profile when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_replicas: Option<i32>,
    /// Average use of the requested CPU at which pods are added; 40 when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 10, max = 95))]
    pub target_cpu_percent: Option<i32>,
    /// Average use of the requested memory at which pods are added; 40 when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 10, max = 95))]
    pub target_memory_percent: Option<i32>,
}
