//! How objects name each other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The EmrPlatform to land on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlatformRef {
    /// Its name.
    #[serde(default = "default_platform")]
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

fn default_platform() -> String {
    "default".into()
}

impl Default for PlatformRef {
    fn default() -> Self {
        Self {
            name: default_platform(),
        }
    }
}

/// A Secret in the same namespace, in the form of Service Binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretRef {
    /// Its name.
    pub name: String,
}

/// An AWS resource, as status lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceStatus {
    /// Its type: `db-cluster`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its ARN or id, where AWS gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// What AWS says of it: `available`, `creating`, or `missing`.
    pub state: String,
}

/// What a child copied from its platform when it was created. Later differences are reported,
/// never followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// The AWS account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// The VPC.
    pub vpc_id: String,
    /// The key that encrypts the data.
    pub kms_key_arn: String,
}
