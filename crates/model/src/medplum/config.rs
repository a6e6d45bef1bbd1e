//! The server's configuration: a JSON file for the API and one for the worker pool, in one Secret.
//!
//! What a file may hold stands in `config.schema.json`, derived from the server's own list of keys. Every
//! file that is rendered fits it, which tests see, and so does what a person adds.

use emr_api::{emr_instance::MedplumConfig, labels::SOURCE_HASH};
use emr_resource::names::hash;
use k8s_openapi::{
    ByteString, api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{
    Part, Workload,
    names::{Component, owned},
    sensitive::Sensitive,
    server::SHUTDOWN_SECONDS,
    service::API_PORT,
};
use crate::workload::{Endpoint, Revision};

mod extra;

pub use extra::{ExtraError, check};

#[cfg(test)]
pub(super) fn known_keys() -> std::collections::BTreeSet<String> {
    extra::known()
}

#[cfg(test)]
pub(super) fn own_keys() -> impl Iterator<Item = &'static str> {
    extra::OWN.into_iter().chain(extra::SECRET)
}

/// How long the server waits for a query before it gives up, in milliseconds; its own default.
const QUERY_TIMEOUT: u32 = 60_000;

/// Whose configuration it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The pods that answer the API.
    Api,
    /// The pods that run background jobs.
    Workers,
}

impl Role {
    /// The file's name, and the Secret's key.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Api => "api.json",
            Self::Workers => "workers.json",
        }
    }
}

/// The API's public address, with the slash at its end that the server asks for.
pub fn base_url(workload: &Workload) -> String {
    format!("https://{}/", workload.api_hostname)
}

/// The Secret that the pods mount.
pub fn secret(workload: &Workload, sensitive: &Sensitive) -> Secret {
    let files = files(workload, sensitive);
    let data = files
        .iter()
        .map(|(role, text)| (role.file().to_owned(), ByteString(text.as_bytes().to_vec())));
    Secret {
        metadata: ObjectMeta {
            annotations: Some([(SOURCE_HASH.to_owned(), revision_of(&files))].into()),
            ..owned(workload, Part::Config, Component::App)
        },
        type_: Some("Opaque".into()),
        data: Some(data.collect()),
        ..Default::default()
    }
}

/// The hash of what the pods read: another one rolls them, once for all that has changed.
pub fn revision(workload: &Workload, sensitive: &Sensitive) -> Revision {
    Revision::new(revision_of(&files(workload, sensitive)))
}

fn files(workload: &Workload, sensitive: &Sensitive) -> Vec<(Role, Zeroizing<String>)> {
    let roles = match workload.workers {
        Some(_) => vec![Role::Api, Role::Workers],
        None => vec![Role::Api],
    };
    let file = |role| {
        (
            role,
            Zeroizing::new(render(workload, role, sensitive).to_string()),
        )
    };
    roles.into_iter().map(file).collect()
}

fn revision_of(files: &[(Role, Zeroizing<String>)]) -> String {
    let parts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
    hash(&parts)
}

/// The content of a file. It holds credentials: it goes into a Secret and nowhere else.
pub fn render(workload: &Workload, role: Role, sensitive: &Sensitive) -> Value {
    let config = &workload.config;
    let base = base_url(workload);
    let app = match &workload.web {
        Some(_) => format!("https://{}/", workload.hostname),
        None => base.clone(),
    };
    let mut all: Map<String, Value> = config.extra.clone().into_iter().collect();
    let mut set = |key: &str, value: Value| {
        all.insert(key.to_owned(), value);
    };
    set("port", json!(API_PORT));
    set("baseUrl", json!(base));
    set("appBaseUrl", json!(app));
    // Links that the server signs and answers itself; the bucket is never public.
    set("storageBaseUrl", json!(format!("{base}storage/")));
    set(
        "binaryStorage",
        json!(format!("s3:{}", workload.bucket.name)),
    );
    set("awsRegion", json!(workload.bucket.region.as_str()));
    set("signingKeyId", json!(sensitive.signing_key.id));
    set("signingKey", json!(*sensitive.signing_key.pem));
    set(
        "signingKeyPassphrase",
        json!(*sensitive.signing_key.passphrase),
    );
    set(
        "database",
        database(workload, &workload.database, true, sensitive),
    );
    if let Some(reader) = &workload.reader {
        set(
            "readonlyDatabase",
            database(workload, reader, false, sensitive),
        );
    }
    set("redis", cache(workload, sensitive));
    set("workers", json!({"enabled": jobs(workload, role)}));
    // Servers tell each other their versions by it: a data migration waits until all are new enough.
    set("heartbeatEnabled", json!(true));
    set(
        "shutdownTimeoutMilliseconds",
        json!(SHUTDOWN_SECONDS * 1000),
    );
    if let Some(admin) = &sensitive.super_admin {
        set("defaultSuperAdminEmail", json!(admin.username));
        set("defaultSuperAdminPassword", json!(*admin.password));
    }
    settings(config, workload.hostname.as_str(), sensitive, &mut set);
    Value::Object(all)
}

/// What the spec says.
fn settings(
    config: &MedplumConfig,
    hostname: &str,
    sensitive: &Sensitive,
    set: &mut impl FnMut(&str, Value),
) {
    set("registerEnabled", json!(config.register_enabled));
    set("maxJsonSize", json!(config.max_json_size));
    set("maxBatchSize", json!(config.max_batch_size));
    set("saveAuditEvents", json!(config.save_audit_events));
    set("redactAuditEvents", json!(config.redact_audit_events));
    set("logLevel", json!(config.log_level.as_str()));
    let Some(email) = &config.email else {
        set("emailProvider", json!("none"));
        set("supportEmail", json!(format!("no-reply@{hostname}")));
        return;
    };
    set("supportEmail", json!(email.from));
    match (&email.smtp, &sensitive.mail) {
        (Some(smtp), Some(user)) => {
            set("emailProvider", json!("smtp"));
            set(
                "smtp",
                json!({
                    "host": smtp.host, "port": smtp.port,
                    "username": user.username, "password": *user.password,
                }),
            );
        }
        // Rather no mail than mail by another way.
        (Some(_), None) => set("emailProvider", json!("none")),
        (None, _) => {
            set("emailProvider", json!("awsses"));
            set("approvedSenderEmails", json!(email.from));
        }
    }
}

/// Which background jobs these pods run. In its fence an instance runs none.
fn jobs(workload: &Workload, role: Role) -> &'static [&'static str] {
    let here = match role {
        _ if workload.is_fenced() => false,
        Role::Api => workload.workers.is_none(),
        Role::Workers => true,
    };
    if here { &["*"] } else { &[] }
}

fn database(workload: &Workload, at: &Endpoint, writes: bool, sensitive: &Sensitive) -> Value {
    json!({
        "host": at.host,
        "port": at.port,
        "dbname": workload.schema.as_str(),
        "username": sensitive.database.username,
        "password": *sensitive.database.password,
        "ssl": {
            "require": true,
            "rejectUnauthorized": true,
            "ca": workload.authorities.database,
        },
        "maxConnections": workload.connections,
        "queryTimeout": QUERY_TIMEOUT,
        "runMigrations": writes,
    })
}

fn cache(workload: &Workload, sensitive: &Sensitive) -> Value {
    let mut all = json!({
        "host": workload.cache.host,
        "port": workload.cache.port,
        "password": *sensitive.cache_token,
        "tls": {"ca": workload.authorities.cache, "rejectUnauthorized": true},
    });
    // The server's own default is 0: naming it would roll pods that were never put back.
    if workload.cache_database > 0 {
        all["db"] = json!(workload.cache_database);
    }
    all
}
