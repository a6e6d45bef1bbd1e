//! What is known of a Medplum instance before its objects can be built: all of it validated.

use std::collections::BTreeMap;

use emr_api::{
    emr_instance::{Architecture, Image, MedplumConfig},
    policy::Profile,
};
use emr_resource::ids::Region;
use k8s_openapi::api::core::v1::{ResourceRequirements, Toleration};

use super::server;
use crate::workload::{
    Authorities, Endpoint, Exposure, Hostname, Instance, Namespace, Network, Replicas, Restored,
    Revision, Schema, SecretName, Version, Warning,
};

/// Everything known of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Whose objects these are.
    pub instance: Instance,
    /// The public name of the web app.
    pub hostname: Hostname,
    /// The public name of the API; [`default_api_hostname`](super::default_api_hostname) where the spec
    /// gives none.
    pub api_hostname: Hostname,
    /// Medplum's version: that of the step under way while it is upgraded.
    pub version: Version,
    /// Where the server's image comes from.
    pub image: Image,
    /// The web app; `None`: there is none.
    pub web: Option<Web>,
    /// The pool for background jobs; `None`: the API's pods run them.
    pub workers: Option<Workers>,
    /// The server's settings, with `extra` that [`config::check`](super::config::check) let through.
    pub config: MedplumConfig,
    /// Sizes and strictness.
    pub profile: Profile,
    /// The processors to run on.
    pub architecture: Architecture,
    /// Resources of each pod of API and workers; 1 vCPU and 2 GiB where omitted. The server computes on
    /// one thread, so more CPU helps little, and more pods do.
    pub resources: Option<ResourceRequirements>,
    /// Labels that nodes must carry.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that pods tolerate.
    pub tolerations: Vec<Toleration>,
    /// How many zones the platform has.
    pub zones: usize,
    /// How many pods answer the API, as far as [`limit_replicas`](super::limit_replicas) allows.
    pub replicas: Replicas,
    /// Database connections of each pod of API and workers.
    pub connections: u32,
    /// The database's writer.
    pub database: Endpoint,
    /// Its readers, for searches that may lag a little.
    pub reader: Option<Endpoint>,
    /// The database inside the cluster.
    pub schema: Schema,
    /// The cache, which holds the job queue, too: cluster mode off, `noeviction`.
    pub cache: Endpoint,
    /// Which of the cache's databases it is; another one since a restore, from 0 to 15.
    pub cache_database: u8,
    /// Where documents and images are.
    pub bucket: Bucket,
    /// Whom the pods may talk to.
    pub network: Network,
    /// The mail server that the pods may talk to; `None`: none, or Amazon SES.
    pub mail: Option<Mail>,
    /// The namespace of the operator, whose pods ask the server for its version and its migrations.
    pub operator: Option<Namespace>,
    /// Who may talk to them; `None`: nobody.
    pub exposure: Option<Exposure>,
    /// Whether the data was made from a set; `None`: it was empty.
    pub restored: Option<Restored>,
    /// The hash of the configuration's Secret ([`config::revision`](super::config::revision)): another
    /// one rolls the pods.
    pub revision: Revision,
    /// Where the credentials are that the database Job reads.
    pub secrets: Secrets,
    /// Who signs the certificates of database and cache.
    pub authorities: Authorities,
}

/// Where the credentials are that the database Job reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// The database's master user.
    pub master: SecretName,
    /// The user that the server signs in with.
    pub app: SecretName,
}

/// The web app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Where its image comes from.
    pub image: Image,
    /// Its pods.
    pub replicas: i32,
}

/// The pool for background jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workers {
    /// How many pods.
    pub replicas: Replicas,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: Region,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl Workload {
    /// True while it must not reach anybody but its own stores.
    pub fn is_fenced(&self) -> bool {
        self.restored == Some(Restored::Fenced)
    }

    /// The pool for background jobs, if it may run: in its fence an instance runs no job, for the same
    /// messages would go out twice.
    pub(super) fn running_workers(&self) -> Option<Workers> {
        self.workers.filter(|_| !self.is_fenced())
    }

    /// What status should tell.
    pub fn warnings(&self) -> Vec<Warning> {
        let fenced = self.is_fenced();
        let https = self.network.https.warning().filter(|_| !fenced);
        let cpu = server::is_out_of_reach(self).then_some(Warning::CpuTargetOutOfReach);
        https.into_iter().chain(cpu).collect()
    }
}
