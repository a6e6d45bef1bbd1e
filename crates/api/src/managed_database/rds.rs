//! RDS for PostgreSQL: instances of a class that is chosen, not a cluster whose capacity follows the load.

use std::collections::BTreeMap;

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::yes;

/// RDS for PostgreSQL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct RdsPostgres {
    /// PostgreSQL's version: `16.11`. A database that is restored has the version of its source.
    #[serde(default = "rds_postgres_version")]
    #[schemars(regex(pattern = r"^1[67]\.[0-9]{1,2}$"))]
    pub engine_version: String,
    /// CPU and memory of each instance. A change takes minutes, at once; with `multiAz` about one of them
    /// without a database.
    #[serde(default = "instance_class")]
    #[schemars(regex(pattern = r"^db\.[a-z0-9]+\.[a-z0-9]+$"))]
    pub instance_class: String,
    /// A standby in another zone that takes over within a minute or two when the primary fails.
    #[serde(default = "yes")]
    pub multi_az: bool,
    /// Storage of type gp3.
    #[serde(default)]
    pub storage: RdsStorage,
    /// Read replicas in the same region. They lag behind the primary and do not take over from it.
    #[serde(default)]
    #[schemars(range(min = 0, max = 5))]
    pub read_replicas: u32,
    /// Engine parameters, over the operator's own. TLS can't be switched off, and neither statements nor
    /// their values are logged.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[x_kube(validation = Rule::new("!('rds.force_ssl' in self) || self['rds.force_ssl'] == '1'").message("parameters['rds.force_ssl'] can't be switched off: patients' data travels over TLS only"))]
    #[x_kube(validation = Rule::new("!('log_statement' in self) || self['log_statement'] in ['none', 'ddl']").message("parameters.log_statement must be none or ddl: other statements write patients' data to the logs"))]
    #[schemars(extend("maxProperties" = 100))]
    pub parameters: BTreeMap<String, String>,
}

impl Default for RdsPostgres {
    fn default() -> Self {
        Self {
            engine_version: rds_postgres_version(),
            instance_class: instance_class(),
            multi_az: yes(),
            storage: RdsStorage::default(),
            read_replicas: 0,
            parameters: BTreeMap::new(),
        }
    }
}

/// Storage of type gp3. It grows, by this spec or by AWS itself, and never shrinks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.allocatedGb >= oldSelf.allocatedGb").message("storage.allocatedGb can't be made smaller: AWS only grows storage. Set it back, or load the data into a new object"))]
#[x_kube(validation = Rule::new("!has(self.maxAllocatedGb) || self.maxAllocatedGb * 10 >= self.allocatedGb * 11").message("storage.maxAllocatedGb must exceed storage.allocatedGb by a tenth at least, which is what AWS asks of autoscaling"))]
#[x_kube(validation = Rule::new("(!has(self.iops) && !has(self.throughput)) || self.allocatedGb >= 400").message("storage.iops and storage.throughput can be set from 400 GiB on: raise storage.allocatedGb, or leave them to AWS's baseline"))]
pub struct RdsStorage {
    /// GiB to begin with. What AWS has grown it to since is kept.
    #[serde(default = "allocated_gb")]
    #[schemars(range(min = 20, max = 59000))]
    pub allocated_gb: u32,
    /// GiB up to which AWS grows it by itself; ten times `allocatedGb` when omitted, at most 65536.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 22, max = 65536))]
    pub max_allocated_gb: Option<u32>,
    /// Operations a second, from 400 GiB on; AWS's baseline, 12000, when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 12000, max = 64000))]
    pub iops: Option<u32>,
    /// MiB a second, from 400 GiB on; AWS's baseline, 500, when omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 500, max = 4000))]
    pub throughput: Option<u32>,
}

impl Default for RdsStorage {
    fn default() -> Self {
        Self {
            allocated_gb: allocated_gb(),
            max_allocated_gb: None,
            iops: None,
            throughput: None,
        }
    }
}

impl RdsStorage {
    /// GiB up to which AWS grows it by itself.
    pub fn greatest_gb(&self) -> u32 {
        const MOST: u32 = 65_536;
        self.max_allocated_gb
            .unwrap_or_else(|| self.allocated_gb.saturating_mul(10).min(MOST))
    }
}

/// The newest of PostgreSQL 16 that AWS documents.
pub fn rds_postgres_version() -> String {
    "16.11".into()
}

fn instance_class() -> String {
    "db.r6g.large".into()
}

fn allocated_gb() -> u32 {
    100
}
