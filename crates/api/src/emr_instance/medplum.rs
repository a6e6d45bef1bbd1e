//! Medplum: API server, web app, worker pool and the server's settings.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Image, Scaling};

/// The API server's image.
pub const SERVER_REPOSITORY: &str = "medplum/medplum-server";
/// The web app's image.
pub const WEB_REPOSITORY: &str = "medplum/medplum-app";

/// Medplum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Medplum {
    /// The version of server and web app, which is the images' tag: `4.3.15`. Raising it is an upgrade: it
    /// goes through the last patch of every minor, each step after a set of its own. It can't be lowered.
    #[schemars(length(max = 32), regex(pattern = r"^[0-9]+\.[0-9]+\.[0-9]+$"))]
    pub version: String,
    /// The API server's image; `medplum/medplum-server` when omitted.
    #[serde(default)]
    pub image: ImageSource,
    /// The public name of the API, which is a host of its own: the web app claims paths such as `/admin`
    /// that the API answers, too. For `riverside.example.org` it is `riverside-api.example.org` when
    /// omitted, which the same wildcard certificate covers. Clients and tokens name it, so it can't be
    /// changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 4, max = 253),
        regex(
            pattern = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$"
        )
    )]
    pub api_hostname: Option<String>,
    /// The web app.
    #[serde(default)]
    pub web: Web,
    /// A pool of its own for background jobs.
    #[serde(default)]
    pub workers: Workers,
    /// The server's settings.
    #[serde(default)]
    pub config: MedplumConfig,
}

/// Where an image comes from. Its tag is the version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageSource {
    /// The repository, without a tag; Medplum's own when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub repository: Option<String>,
    /// Pins the image, whatever the tag says: `sha256:…`. An upgrade goes through releases with other
    /// digests, so remove it before you raise the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub digest: Option<String>,
    /// Secrets that hold the registry's credentials.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub pull_secrets: Vec<String>,
}

impl ImageSource {
    /// The image, from `usual` where no repository is given.
    pub fn or(&self, usual: &str) -> Image {
        Image {
            repository: self.repository.clone().unwrap_or_else(|| usual.to_owned()),
            digest: self.digest.clone(),
            pull_secrets: self.pull_secrets.clone(),
        }
    }
}

/// The web app: a page for people, beside the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Web {
    /// Whether it runs. Without it the instance answers on the API's name alone.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Its image; `medplum/medplum-app` when omitted.
    #[serde(default)]
    pub image: ImageSource,
    /// Its pods, which hand out files and are hardly ever busy; 2 when omitted, 1 in Development.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 20))]
    pub replicas: Option<i32>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            enabled: true,
            image: ImageSource::default(),
            replicas: None,
        }
    }
}

/// A pool of its own for background jobs: subscriptions, bots, downloads, reindexing. Without it the API's
/// pods run them beside the requests that they answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workers {
    /// Whether there is one.
    #[serde(default)]
    pub enabled: bool,
    /// How many pods, and when there are more; as `spec.scaling`.
    #[serde(default)]
    pub scaling: Scaling,
}

/// The server's settings. What the operator knows itself (addresses, credentials, storage, TLS) is not
/// among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct MedplumConfig {
    /// How the server sends mail. None when omitted: nobody gets an invitation or a link to a new password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Whether anybody who reaches the instance may register a new project.
    #[serde(default)]
    pub register_enabled: bool,
    /// The largest request: `1mb`, as the server writes it.
    #[serde(default = "max_json_size")]
    #[schemars(length(max = 16), regex(pattern = "^[0-9]+(kb|mb|gb)$"))]
    pub max_json_size: String,
    /// The largest asynchronous batch.
    #[serde(default = "max_batch_size")]
    #[schemars(length(max = 16), regex(pattern = "^[0-9]+(kb|mb|gb)$"))]
    pub max_batch_size: String,
    /// Whether each access leaves an `AuditEvent` in the database: who saw which record.
    #[serde(default = "yes")]
    pub save_audit_events: bool,
    /// Whether each `AuditEvent` leaves out names and descriptions.
    #[serde(default)]
    pub redact_audit_events: bool,
    /// What is logged.
    #[serde(default)]
    pub log_level: LogLevel,
    /// Database connections of each pod. By profile when omitted; status tells how many pods that allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 5, max = 100))]
    pub max_connections: Option<u32>,
    /// Further settings by the server's names, as its documentation gives them:
    /// `{"defaultFhirQuota": 100000}`. What the operator sets itself, what it does not know and what
    /// holds a secret is refused: an EmrInstance is readable by more people than a Secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "any_object")]
    pub extra: BTreeMap<String, Value>,
}

impl Default for MedplumConfig {
    fn default() -> Self {
        Self {
            email: None,
            register_enabled: false,
            max_json_size: max_json_size(),
            max_batch_size: max_batch_size(),
            save_audit_events: true,
            redact_audit_events: false,
            log_level: LogLevel::default(),
            max_connections: None,
            extra: BTreeMap::new(),
        }
    }
}

/// How the server sends mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Email {
    /// The sender: `"Riverside" <no-reply@riverside.example.org>`. With Amazon SES it must be verified.
    #[schemars(length(min = 3, max = 320))]
    pub from: String,
    /// The mail server. Amazon SES when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smtp: Option<Smtp>,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Smtp {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub host: String,
    /// Its port.
    #[serde(default = "submission")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// A Secret in the instance's namespace with the keys `username` and `password`.
    #[schemars(length(min = 1, max = 253))]
    pub secret_name: String,
}

/// What the server logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LogLevel {
    /// Errors.
    Error,
    /// And warnings.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And everything else. It may hold what patients' records say.
    Debug,
}

impl LogLevel {
    /// As the server writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }
}

/// Any object: the API server keeps its fields as they are.
fn any_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "maxProperties": 100, "x-kubernetes-preserve-unknown-fields": true})
}

const fn yes() -> bool {
    true
}

/// Mail submission with STARTTLS.
const fn submission() -> u16 {
    587
}

fn max_json_size() -> String {
    "1mb".into()
}

fn max_batch_size() -> String {
    "50mb".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_enough() {
        let medplum: Medplum =
            serde_json::from_value(serde_json::json!({"version": "4.3.15"})).unwrap();
        assert!(medplum.web.enabled && !medplum.workers.enabled);
        assert!(!medplum.config.register_enabled && medplum.config.save_audit_events);
        assert_eq!(medplum.config, MedplumConfig::default());
        let image = medplum.image.or(SERVER_REPOSITORY);
        assert_eq!(image.repository, "medplum/medplum-server");
    }

    #[test]
    fn a_digest_alone_pins_medplums_own_image() {
        let source: ImageSource =
            serde_json::from_value(serde_json::json!({"digest": "sha256:0"})).unwrap();
        assert_eq!(source.or(WEB_REPOSITORY).repository, "medplum/medplum-app");
    }
}
