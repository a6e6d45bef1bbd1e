//! What an instance's objects in Kubernetes have in common, whatever its application.
//!
//! An application (`openemr`, `medplum`) has a `Workload` of its own, which holds what is known of an
//! instance, and a function from it to [`Objects`]. What stands here takes plain values, never such a
//! `Workload`: it knows of pods, networks and load balancers, and of no application.

pub(crate) mod authorities;
pub(crate) mod autoscaler;
pub(crate) mod connections;
pub(crate) mod deployment;
pub(crate) mod disruption;
mod exposure;
mod identity;
pub(crate) mod ingress;
pub(crate) mod job;
pub mod names;
pub(crate) mod network;
mod object;
pub(crate) mod pod;
pub mod progress;
pub(crate) mod scheduling;
pub(crate) mod subject;

pub use authorities::{Authorities, AuthoritiesError};
pub use connections::Limited;
pub use exposure::Exposure;
pub use identity::{
    Endpoint, Hostname, HttpsEgress, Instance, InstanceName, InstanceUid, Namespace, Network,
    Replicas, Restored, Revision, Schema, SecretName, Version, Warning,
};
pub use object::{Object, Objects, Phase};
