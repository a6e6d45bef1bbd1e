//! What is known of an instance before its objects can be built: all of it validated.

use std::collections::BTreeMap;

use emr_api::{
    emr_instance::{Architecture, Image},
    policy::Profile,
};
use emr_resource::ids::{AccessPointId, FileSystemId};
use k8s_openapi::api::core::v1::{ResourceRequirements, Toleration};

use super::Settings;
use crate::workload::{
    Authorities, Endpoint, Exposure, Hostname, Instance, Network, Replicas, Restored, Revision,
    Schema, SecretName, Version, Warning,
};

/// Everything known of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Whose objects these are.
    pub instance: Instance,
    /// The public name.
    pub hostname: Hostname,
    /// OpenEMR's version.
    pub version: Version,
    /// Where the image comes from.
    pub image: Image,
    /// Sizes and strictness.
    pub profile: Profile,
    /// The processors to run on.
    pub architecture: Architecture,
    /// Resources of each worker; 2 vCPU and 4 GiB where omitted.
    pub resources: Option<ResourceRequirements>,
    /// Labels that nodes must carry.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that pods tolerate.
    pub tolerations: Vec<Toleration>,
    /// How many zones the platform has.
    pub zones: usize,
    /// OpenEMR's settings.
    pub settings: Settings,
    /// How many pods.
    pub replicas: Replicas,
    /// The database's writer.
    pub database: Endpoint,
    /// The database inside it.
    pub schema: Schema,
    /// The cache.
    pub cache: Endpoint,
    /// The shared files.
    pub files: Mounts,
    /// Whom the pods may talk to.
    pub network: Network,
    /// Who may talk to them; `None`: nobody.
    pub exposure: Option<Exposure>,
    /// Whether database and files were made from a set; `None`: they were empty.
    pub restored: Option<Restored>,
    /// Where the credentials are.
    pub secrets: Secrets,
    /// Who signs the certificates of database and cache.
    pub authorities: Authorities,
}

/// The shared files: one access point a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounts {
    /// The file system.
    pub file_system: FileSystemId,
    /// Documents, keys and configuration.
    pub sites: AccessPointId,
    /// `/etc/ssl`: the pods' own certificate.
    pub certificates: AccessPointId,
}

/// Where the credentials are: Secrets in the instance's namespace with the keys `username` and
/// `password`, letters and digits only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// The database's master user. Only the install Job sees it.
    pub master: SecretName,
    /// The application's database user. Workers read it from `sqlconf.php`, not from here.
    pub app_user: SecretName,
    /// Which user `sqlconf.php` names, once it was another than the first; a new one must restart workers.
    pub app_revision: Option<Revision>,
    /// OpenEMR's first administrator; `None` for restored data, which has its users already.
    pub admin: Option<SecretName>,
    /// The cache's user.
    pub cache: CacheSecret,
}

/// The Secret that workers take into their environment, so a new content must restart them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheSecret {
    /// Its name.
    pub name: SecretName,
    /// Its content's hash.
    pub revision: Revision,
}

impl Workload {
    /// True while it must not reach anybody but its own stores.
    pub fn is_fenced(&self) -> bool {
        self.restored == Some(Restored::Fenced)
    }

    /// What status should tell.
    pub fn warnings(&self) -> Vec<Warning> {
        let fenced = self.is_fenced();
        let warning = self.network.https.warning().filter(|_| !fenced);
        warning.into_iter().collect()
    }
}
