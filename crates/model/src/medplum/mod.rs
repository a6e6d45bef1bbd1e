//! Medplum's objects in Kubernetes: from what is known of an instance to what should be there.
//!
//! ```text
//! Workload --objects--> surroundings  ServiceAccounts, NetworkPolicies
//!                       install       the Job that makes the database
//!                       serving       API, web app, worker pool: Service, Deployment, autoscaler, budget
//!                       exposure      the load balancer's NetworkPolicies and Ingress
//! Workload + Sensitive --config::secret--> the Secret that holds the server's configuration files
//! ```
//!
//! The install Job makes the database and its user. What is in it the server makes itself when it first
//! starts, under a lock of its own, so any pod may be the first. It takes its configuration from a file alone. Environment
//! variables are read incompletely (numbers and booleans inside `database` stay text), so none is used.
//! The Secret is no [`Object`]: what is compared, logged and planned must not hold credentials.

pub mod config;
mod connections;
pub mod database;
mod exposure;
mod names;
mod network;
pub mod progress;
pub mod running;
mod sensitive;
mod server;
mod service;
#[cfg(test)]
mod tests;
mod web;
mod workload;

pub use connections::{
    Limits, connections_per_pod, limit_replicas, rds_postgresql_max_connections,
};
pub use names::{Part, default_api_hostname, object};
pub use sensitive::{Credentials, Sensitive, SigningKey};
pub use service::API_PORT;
pub use workload::{Bucket, Mail, Secrets, Web, Workers, Workload};

use crate::workload::{Object, Objects, autoscaler, disruption};
use names::Component;

/// Every object of the instance, by phase, but the configuration's Secret.
pub fn objects(workload: &Workload) -> Objects {
    let mut surroundings: Vec<Object> = vec![service::account(workload, Part::Api).into()];
    if workload.web.is_some() {
        surroundings.push(service::account(workload, Part::Web).into());
    }
    surroundings.push(database::config_map(workload).into());
    surroundings.extend(network::always(workload).into_iter().map(Object::from));
    let exposure = workload
        .exposure
        .as_ref()
        .map_or_else(Vec::new, |exposure| exposure::objects(workload, exposure));
    Objects {
        storage: Vec::new(),
        surroundings,
        restore: None,
        install: Some(database::job(workload).into()),
        serving: serving(workload),
        exposure,
    }
}

fn serving(workload: &Workload) -> Vec<Object> {
    let mut all: Vec<Object> = vec![
        service::api(workload).into(),
        server::api(workload).into(),
        scaled(workload, Part::Api, workload.replicas),
        budget(workload, Part::Api),
    ];
    if let Some(workers) = workload.running_workers() {
        all.extend([
            server::workers(workload).into(),
            scaled(workload, Part::Workers, workers.replicas),
            budget(workload, Part::Workers),
        ]);
    }
    if let Some(web) = &workload.web {
        all.extend([
            service::web(workload).into(),
            web::deployment(workload, web).into(),
            budget(workload, Part::Web),
        ]);
    }
    all
}

/// Out after two minutes, in after five; seed 001.
fn scaled(workload: &Workload, part: Part, replicas: crate::workload::Replicas) -> Object {
    let deployment = names::object(&workload.instance, part);
    let metadata = names::owned(workload, part, Component::of(part));
    autoscaler::autoscaler(metadata, deployment, replicas, 120, 300).into()
}

fn budget(workload: &Workload, part: Part) -> Object {
    let component = Component::of(part);
    let metadata = names::owned(workload, part, component);
    disruption::budget(metadata, names::select(workload, component)).into()
}
