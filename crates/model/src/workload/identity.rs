//! What is known of an instance whatever its application: who it is, where it lands, whom it may talk
//! to. All of it validated.

use std::collections::BTreeSet;

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
    /// A version of the application, which is the image's tag.
    Version,
    /// The name of a Secret in the instance's namespace.
    SecretName,
    /// A hash of a Secret's content.
    Revision,
    /// The name of a database inside the cluster: letters and digits.
    Schema,
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

/// How many pods; `max` is what the database's connections allow.
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

/// What status should tell, though nothing is wrong with the instance itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The VPC has no endpoints: pods may reach any address on port 443.
    HttpsAnywhere,
    /// The pods ask for more CPU than their one thread can use, so the autoscaler never acts on CPU.
    CpuTargetOutOfReach,
}

impl Warning {
    /// The sentence for people.
    pub const fn message(self) -> &'static str {
        match self {
            Self::HttpsAnywhere => {
                "pods may reach any address on port 443: create VPC endpoints to narrow it"
            }
            Self::CpuTargetOutOfReach => {
                "the server computes on one thread, so pods that ask for this much CPU never use the share \
                 of it at which pods are added: ask for 1 CPU in spec.resources, or lower \
                 spec.scaling.targetCpuPercent"
            }
        }
    }
}

impl HttpsEgress {
    /// What status should tell.
    pub fn warning(&self) -> Option<Warning> {
        matches!(self, Self::Anywhere).then_some(Warning::HttpsAnywhere)
    }
}
