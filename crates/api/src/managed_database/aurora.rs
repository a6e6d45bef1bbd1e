//! Aurora Serverless v2, by engine.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{greatest, half, one};

/// Aurora MySQL Serverless v2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuroraMysql {
    /// Aurora's version: `8.0.mysql_aurora.3.10.1`.
    #[serde(default = "engine_version")]
    #[schemars(regex(pattern = r"^8\.0\.mysql_aurora\.3\.[0-9]{2}\.[0-9]+$"))]
    pub engine_version: String,
    /// Least and greatest capacity.
    #[serde(default)]
    pub capacity: Capacity,
    /// Readers, each in another zone than the writer, that take over when it fails.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 15))]
    pub readers: u32,
    /// Engine parameters, over the operator's own. TLS can't be switched off.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[x_kube(validation = Rule::new("!('require_secure_transport' in self) || self['require_secure_transport'] in ['ON', '1']").message("parameters.require_secure_transport can't be switched off: patients' data travels over TLS only"))]
    #[x_kube(validation = Rule::new("!('general_log' in self) || self['general_log'] in ['0', 'OFF']").message("parameters.general_log can't be switched on: it writes patients' data to the logs"))]
    #[schemars(extend("maxProperties" = 100))]
    pub parameters: BTreeMap<String, String>,
}

impl Default for AuroraMysql {
    fn default() -> Self {
        Self {
            engine_version: engine_version(),
            capacity: Capacity::default(),
            readers: one(),
            parameters: BTreeMap::new(),
        }
    }
}

/// Aurora PostgreSQL Serverless v2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuroraPostgresql {
    /// PostgreSQL's version: `16.6`.
    #[serde(default = "postgresql_version")]
    #[schemars(regex(pattern = r"^1[4-7]\.[0-9]{1,2}$"))]
    pub engine_version: String,
    /// Least and greatest capacity.
    #[serde(default)]
    pub capacity: Capacity,
    /// Readers, each in another zone than the writer, that take over when it fails.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 15))]
    pub readers: u32,
    /// Engine parameters, over the operator's own. TLS can't be switched off, and neither statements nor
    /// their values are logged.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[x_kube(validation = Rule::new("!('rds.force_ssl' in self) || self['rds.force_ssl'] == '1'").message("parameters['rds.force_ssl'] can't be switched off: patients' data travels over TLS only"))]
    #[x_kube(validation = Rule::new("!('log_statement' in self) || self['log_statement'] in ['none', 'ddl']").message("parameters.log_statement must be none or ddl: other statements write patients' data to the logs"))]
    #[schemars(extend("maxProperties" = 100))]
    pub parameters: BTreeMap<String, String>,
}

/// Capacity in Aurora capacity units (ACU), in steps of 0.5.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.minAcu <= self.maxAcu").message("capacity.minAcu must not exceed capacity.maxAcu"))]
// Not `multipleOf: 0.5`: the API server truncates the factor to 0 for whole numbers.
#[x_kube(validation = Rule::new("double(int(self.minAcu * 2.0)) == self.minAcu * 2.0").message("capacity.minAcu must be a multiple of 0.5"))]
#[x_kube(validation = Rule::new("double(int(self.maxAcu * 2.0)) == self.maxAcu * 2.0").message("capacity.maxAcu must be a multiple of 0.5"))]
pub struct Capacity {
    /// Least capacity. At 0.5 it answers at once; Aurora's pause at 0 makes the first user of the
    /// day wait for minutes, so it is not offered.
    #[serde(default = "half")]
    #[schemars(range(min = 0.5, max = 256.0))]
    pub min_acu: f64,
    /// Greatest capacity; it also bounds the number of connections.
    #[serde(default = "greatest")]
    #[schemars(range(min = 1.0, max = 256.0))]
    pub max_acu: f64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            min_acu: half(),
            max_acu: greatest(),
        }
    }
}

/// A log that goes to CloudWatch.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum LogExport {
    /// MySQL: who connected and what they did.
    Audit,
    /// MySQL: the engine's own errors.
    Error,
    /// MySQL: queries that took long.
    Slowquery,
    /// PostgreSQL's log: who connected, changes of the schema, errors.
    Postgresql,
    /// RDS for PostgreSQL: what an upgrade of the engine did.
    Upgrade,
}

impl LogExport {
    /// As AWS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Error => "error",
            Self::Slowquery => "slowquery",
            Self::Postgresql => "postgresql",
            Self::Upgrade => "upgrade",
        }
    }
}

/// The version that a new MySQL database gets when none is named.
pub fn engine_version() -> String {
    "8.0.mysql_aurora.3.10.1".into()
}

/// The version that a new PostgreSQL database gets when none is named.
pub fn postgresql_version() -> String {
    "16.6".into()
}
