//! OpenEMR: version and image.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// OpenEMR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenEmr {
    /// The version, which is the image's tag: `8.2.0`. Changing it is an upgrade, which this
    /// version of the operator does not perform: it is refused and reported.
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9]{4}-[0-9]{2}-[0-9]{2})?$"))]
    pub version: String,
    /// Where the image comes from.
    #[serde(default)]
    pub image: Image,
}

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The repository, without a tag.
    #[serde(default = "repository")]
    #[schemars(length(min = 1, max = 255))]
    pub repository: String,
    /// Pins the image, whatever the tag says: `sha256:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub digest: Option<String>,
    /// Secrets that hold the registry's credentials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pull_secrets: Vec<String>,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            repository: repository(),
            digest: None,
            pull_secrets: Vec::new(),
        }
    }
}

fn repository() -> String {
    "openemr/openemr".into()
}
