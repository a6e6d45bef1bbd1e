//! What is known of an instance before its objects can be built: all of it validated.

use std::collections::{BTreeMap, BTreeSet};

use emr_api::{
    emr_instance::{Architecture, Image},
    policy::Profile,
};
use emr_resource::ids::{AccessPointId, FileSystemId};
use k8s_openapi::api::core::v1::{ResourceRequirements, Toleration};

use super::{Authorities, Exposure, Settings};

/// Defines string newtypes.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Wraps a value that was validated.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }
            /// The value.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                Self::new(value)
            }
        }
    )+};
}

words! {
    /// A namespace.
    Namespace,
    /// The name of an `EmrInstance`.
    InstanceName,
    /// The UID of an `EmrInstance`.
    InstanceUid,
    /// The public name of an instance.
    Hostname,
    /// A version of OpenEMR, which is the image's tag.
    Version,
    /// The name of a Secret in the instance's namespace.
    SecretName,
    /// A hash of a Secret's content.
    Revision,
    /// The name of a database inside the cluster: letters and digits.
    Schema,
}

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

/// The `EmrInstance` that owns the objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: InstanceName,
    /// Its UID.
    pub uid: InstanceUid,
}

/// How many pods; `max` is what [`connections::limit_replicas`](super::connections::limit_replicas)
/// allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replicas {
    /// Least pods.
    pub min: i32,
    /// Most pods.
    pub max: i32,
    /// Average use of the requested CPU at which pods are added, in percent.
    pub target_cpu: i32,
    /// The same of memory.
    pub target_memory: i32,
}

/// A workload whose data came from a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It reaches nobody until a person lets it out: the same mails and messages would go out twice.
    Fenced,
    /// A person let it out.
    Released,
}

/// Where a service listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its host name.
    pub host: String,
    /// Its port.
    pub port: u16,
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

/// Whom the pods may talk to, by address range. An empty set lets nothing through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The database's subnets.
    pub database_cidrs: BTreeSet<String>,
    /// The cache's subnets.
    pub cache_cidrs: BTreeSet<String>,
    /// The load balancer's subnets.
    pub public_cidrs: BTreeSet<String>,
    /// AWS by HTTPS.
    pub https: HttpsEgress,
}

/// Where pods may go by HTTPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpsEgress {
    /// To the subnets of the VPC endpoints.
    Endpoints(BTreeSet<String>),
    /// Anywhere, because the VPC has no endpoints. Worth a [`Warning`].
    Anywhere,
}

/// Where the credentials are: Secrets in the instance's namespace with the keys `username` and
/// `password`, letters and digits only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// The database's master user. Only the install Job sees it.
    pub master: SecretName,
    /// The application's database user. Workers read it from `sqlconf.php`, not from here.
    pub app_user: SecretName,
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

/// What status should tell, though nothing is wrong with the instance itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The VPC has no endpoints: pods may reach any address on port 443.
    HttpsAnywhere,
}

impl Warning {
    /// The sentence for people.
    pub const fn message(self) -> &'static str {
        match self {
            Self::HttpsAnywhere => {
                "pods may reach any address on port 443: create VPC endpoints to narrow it"
            }
        }
    }
}

impl Workload {
    /// True while it must not reach anybody but its own stores.
    pub fn is_fenced(&self) -> bool {
        self.restored == Some(Restored::Fenced)
    }

    /// What status should tell.
    pub fn warnings(&self) -> Vec<Warning> {
        match self.network.https {
            _ if self.is_fenced() => Vec::new(),
            HttpsEgress::Anywhere => vec![Warning::HttpsAnywhere],
            HttpsEgress::Endpoints(_) => Vec::new(),
        }
    }
}
