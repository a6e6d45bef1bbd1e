//! OpenEMR: version and image.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// OpenEMR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenEmr {
    /// The version, which is the image's tag: `8.2.0`. Raising it is an upgrade: the pods stop, a set is
    /// taken, a Job brings the database to the new release, and the pods come back. It can't be lowered.
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9]{4}-[0-9]{2}-[0-9]{2})?$"))]
    pub version: String,
    /// Where the image comes from.
    #[serde(default)]
    pub image: Image,
    /// OpenEMR's globals, by the names of its table `globals`: `default_language: German`. What is not
    /// named is left as people set it. No place for passwords.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 200, "additionalProperties" = {"type": "string", "maxLength": 2000}))]
    #[x_kube(validation = Rule::new("self.all(name, name.matches('^[A-Za-z0-9_]{1,63}$'))").message("spec.openemr.settings: names are those of OpenEMR's globals, letters, digits and underscores"))]
    #[x_kube(validation = Rule::new("self.all(name, !self[name].matches('[\\n\\r]'))").message("spec.openemr.settings: a value is one line"))]
    #[x_kube(validation = Rule::new("!self.exists(name, name in ['site_addr_oath', 'portal_onsite_two_address'])").message("spec.openemr.settings: site_addr_oath and portal_onsite_two_address follow from spec.hostname; leave them out"))]
    #[x_kube(validation = Rule::new("!self.exists(name, name in ['rest_api', 'rest_fhir_api', 'rest_portal_api', 'portal_onsite_two_enable'])").message("spec.openemr.settings: the interfaces have fields of their own; set spec.openemr.apis and spec.openemr.patientPortal"))]
    #[x_kube(validation = Rule::new("!self.exists(name, name.lowerAscii().matches('pass(word|wd)?$|secret|_key$|token'))").message("spec.openemr.settings: passwords, keys and tokens do not belong into a spec, which many can read; set them in OpenEMR"))]
    pub settings: BTreeMap<String, String>,
    /// OpenEMR's interfaces for programs; all off unless asked for.
    #[serde(default)]
    pub apis: Apis,
    /// The portal for patients, at `/portal`.
    #[serde(default)]
    pub patient_portal: bool,
}

/// OpenEMR's interfaces for programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Apis {
    /// The REST interface, below `/apis/default/api`.
    #[serde(default)]
    pub rest: bool,
    /// FHIR R4, below `/apis/default/fhir`.
    #[serde(default)]
    pub fhir: bool,
    /// The portal's interface, below `/apis/default/portal`.
    #[serde(default)]
    pub portal: bool,
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
