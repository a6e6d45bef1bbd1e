//! OpenEMR's objects in Kubernetes: from what is known of an instance to what should be there.
//!
//! ```text
//! Workload --objects--> storage       PersistentVolumes and claims
//!                       surroundings  ServiceAccount, ConfigMaps, NetworkPolicies
//!                       restore       the Job that brings restored files into place
//!                       install       the Job that installs, or takes restored data over
//!                       serving       Service, Deployment, autoscaler, PodDisruptionBudget
//!                       exposure      the load balancer's NetworkPolicy and Ingress
//! ```
//!
//! The order is that of the image's own script: it fills empty shared folders only as leader, it
//! installs only as leader, and any pod that starts before the installation is complete may make
//! itself leader. So one Job installs, and workers come after it is done ([`progress::installed`]).
//! What the image does badly is done by shell scripts around it (`scripts/`): each says why.
//!
//! A finished or failed Job stays: it is the record. Its template can't be changed, so it is
//! created when absent and never patched.

mod apache;
mod authorities;
mod autoscaler;
mod check;
mod config;
pub mod connections;
mod deployment;
mod disruption;
mod ingress;
mod install;
mod job;
mod labels;
mod meta;
pub mod names;
mod network;
mod pod;
pub mod progress;
mod restore;
pub mod rotation;
mod scheduling;
mod service;
mod settings;
mod storage;
#[cfg(test)]
mod tests;
pub mod upgrade;
mod volumes;
mod workload;

pub use connections::{CONNECTIONS_PER_POD, aurora_mysql_max_connections, limit_replicas};
pub use settings::Settings;
pub use workload::{CacheSecret, Mounts, Secrets, Workload};

pub use crate::workload::{
    Authorities, AuthoritiesError, Endpoint, Exposure, Hostname, HttpsEgress, Instance,
    InstanceName, InstanceUid, Limited, Namespace, Network, Object, Objects, Phase, Replicas,
    Restored, Revision, Schema, SecretName, Version, Warning,
};

/// The Job that looks at a restored copy.
pub fn check_job(workload: &Workload) -> Object {
    check::job(workload).into()
}

/// The Job that puts the settings in place.
pub fn settings_job(workload: &Workload) -> Object {
    settings::job(workload).into()
}

/// Every object of the instance, by phase.
pub fn objects(workload: &Workload) -> Objects {
    let mut surroundings: Vec<Object> = vec![
        service::account(workload).into(),
        authorities::config_map(workload).into(),
        config::config_map(workload).into(),
    ];
    surroundings.extend(network::always(workload).into_iter().map(Object::from));
    let exposure = workload
        .exposure
        .as_ref()
        .map_or_else(Vec::new, |exposure| {
            let mut way_in: Vec<Object> = vec![ingress::ingress(workload, exposure).into()];
            // In its fence the load balancer may stay, but leads nowhere.
            if !workload.is_fenced() {
                way_in.insert(0, network::from_load_balancer(workload).into());
            }
            way_in
        });
    Objects {
        storage: storage::objects(workload),
        surroundings,
        restore: workload.restored.map(|_| restore::job(workload).into()),
        install: Some(install::job(workload).into()),
        serving: vec![
            service::service(workload).into(),
            deployment::deployment(workload).into(),
            autoscaler::autoscaler(workload).into(),
            disruption::budget(workload).into(),
        ],
        exposure,
    }
}
