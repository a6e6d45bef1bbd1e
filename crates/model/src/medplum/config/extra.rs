//! Settings that a person adds: known to the server, not the operator's own, and not secret.

use std::collections::BTreeSet;

use emr_api::emr_instance::MedplumConfig;
use serde_json::Value;

/// The server's keys, from its own list.
const SCHEMA: &str = include_str!("../config.schema.json");

/// What the operator renders, or renders in some instances: another value would break what it promises.
pub(super) const OWN: [&str; 28] = [
    "appBaseUrl",
    "approvedSenderEmails",
    "awsRegion",
    "baseUrl",
    "binaryStorage",
    "database",
    "databaseProxyEndpoint",
    "defaultSuperAdminEmail",
    "defaultSuperAdminPassword",
    "emailProvider",
    "heartbeatEnabled",
    "logLevel",
    "maxBatchSize",
    "maxJsonSize",
    "port",
    "readonlyDatabase",
    "readonlyDatabaseProxyEndpoint",
    "redactAuditEvents",
    "redis",
    "registerEnabled",
    "saveAuditEvents",
    "shutdownTimeoutMilliseconds",
    "signingKey",
    "signingKeyId",
    "signingKeyPassphrase",
    "storageBaseUrl",
    "supportEmail",
    "workers",
];

/// What is a secret, or holds one.
pub(super) const SECRET: [&str; 10] = [
    "backgroundJobsRedis",
    "cacheRedis",
    "defaultOAuthClients",
    "defaultSuperAdminClientSecret",
    "googleClientSecret",
    "pubSubRedis",
    "rateLimitRedis",
    "recaptchaSecretKey",
    "smtp",
    "sseCustomerKey",
];

/// What is wrong with `spec.medplum.config.extra`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtraError {
    /// The operator sets it.
    #[error(
        "spec.medplum.config.extra.{0} is set by the operator: remove it; where it is to be changed, another \
         field of spec.medplum does so"
    )]
    Own(String),
    /// It does not belong into a spec.
    #[error(
        "spec.medplum.config.extra.{0} holds a secret, which everybody who may read the EmrInstance could \
         read: remove it, and consider it known"
    )]
    Secret(String),
    /// The server does not have it.
    #[error(
        "spec.medplum.config.extra.{0} is no setting of Medplum's server: look its name up in the server's \
         documentation, \"Server Config\""
    )]
    Unknown(String),
}

/// Whether what a person adds may be added.
pub fn check(config: &MedplumConfig) -> Result<(), ExtraError> {
    let known = known();
    for key in config.extra.keys() {
        if OWN.contains(&key.as_str()) {
            return Err(ExtraError::Own(key.clone()));
        }
        if SECRET.contains(&key.as_str()) {
            return Err(ExtraError::Secret(key.clone()));
        }
        if !known.contains(key) {
            return Err(ExtraError::Unknown(key.clone()));
        }
    }
    Ok(())
}

/// The server's keys.
pub(super) fn known() -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}
