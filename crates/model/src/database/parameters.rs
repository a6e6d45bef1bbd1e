//! Engine parameters.

use std::collections::BTreeMap;

use emr_resource::db_cluster::Engine;

/// Ours of MySQL. The timeouts are those of seed 002 (its CDK sets them for long clinical reports and
/// exports); the audit log is what HIPAA's audit controls ask for.
const MYSQL: [(&str, &str); 11] = [
    ("require_secure_transport", "ON"),
    ("server_audit_logging", "1"),
    ("server_audit_events", "CONNECT,QUERY_DCL,QUERY_DDL"),
    ("slow_query_log", "1"),
    ("long_query_time", "2"),
    ("general_log", "0"),
    ("net_read_timeout", "30000"),
    ("net_write_timeout", "30000"),
    ("wait_timeout", "30000"),
    ("connect_timeout", "30000"),
    ("max_execution_time", "3000000"),
];

/// Ours of PostgreSQL: TLS only, who connected and what changed the schema, and never a statement with
/// its values, which are patients' data.
const POSTGRESQL: [(&str, &str); 9] = [
    ("rds.force_ssl", "1"),
    ("password_encryption", "scram-sha-256"),
    ("log_connections", "1"),
    ("log_disconnections", "1"),
    ("log_statement", "ddl"),
    ("log_min_duration_statement", "-1"),
    ("log_min_error_statement", "panic"),
    ("log_parameter_max_length", "0"),
    ("log_parameter_max_length_on_error", "0"),
];

/// Parameters that a user's value never overrides: TLS (safety.md), and what writes patients' data
/// (safety.md 18).
const FIXED: [&str; 7] = [
    "require_secure_transport",
    "general_log",
    "rds.force_ssl",
    "log_min_duration_statement",
    "log_min_error_statement",
    "log_parameter_max_length",
    "log_parameter_max_length_on_error",
];

/// Ours, with the user's laid over them.
pub(super) fn merge(engine: Engine, user: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    match engine {
        Engine::AuroraMysql => over(&MYSQL, user),
        Engine::AuroraPostgresql => merge_postgresql(user),
    }
}

/// Ours of PostgreSQL, in Aurora or not, with the user's laid over them.
pub(super) fn merge_postgresql(user: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    over(&POSTGRESQL, user)
}

fn over(ours: &[(&str, &str)], user: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut merged: BTreeMap<String, String> = ours
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    for (name, value) in user {
        if !FIXED.contains(&name.as_str()) {
            merged.insert(name.clone(), value.clone());
        }
    }
    merged
}

/// One text that stands for the content, to derive the shared group's name from.
pub(crate) fn content(parameters: &BTreeMap<String, String>) -> String {
    let lines: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.join("\n")
}
