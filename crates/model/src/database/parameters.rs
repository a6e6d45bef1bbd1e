//! Engine parameters of Aurora MySQL.

use std::collections::BTreeMap;

/// The parameter group family of Aurora MySQL 3.
pub(super) const FAMILY: &str = "aurora-mysql8.0";

/// Ours. The timeouts are those of seed 002 (its CDK sets them for long clinical reports and
/// exports); the audit log is what HIPAA's audit controls ask for.
const OPERATOR: [(&str, &str); 11] = [
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

/// Parameters that a user's value never overrides: TLS (safety.md) and the general log, which
/// writes patients' data (safety.md 18).
const FIXED: [&str; 2] = ["require_secure_transport", "general_log"];

/// Ours, with the user's laid over them.
pub(super) fn merge(user: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut merged: BTreeMap<String, String> = OPERATOR
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
pub(super) fn content(parameters: &BTreeMap<String, String>) -> String {
    let lines: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.join("\n")
}
