//! A real Kubernetes control plane and an AWS stand-in on loopback, for the demo and for tests.
//!
//! Real: kube-apiserver, etcd, controller-manager, scheduler, metrics-server, and so everything that
//! they decide. Simulated: nodes and pods (KWOK), AWS (`tests/aws`), the load balancer controller, and what
//! Medplum's servers answer to the operator.
//! A running pod here proves scheduling, scaling, eviction and sequence, not that an image works.
//!
//! [`Sandbox::start`] gives all of it; each part can also be started alone. Whatever is started
//! stops when its value is dropped, and when this process ends in any way: each child has a warden
//! that kills it as soon as its end of a pipe closes.

mod aws;
mod binaries;
mod control_plane;
mod digest;
mod eks;
mod error;
mod ingress;
mod loopback;
mod medplum;
mod objects;
mod operator;
mod ports;
mod process;
mod python;
mod repository;
mod sandbox;
mod state_dir;

pub use aws::{AwsStandIn, AwsStandInOptions, Call, Calls};
pub use binaries::{Binaries, Progress};
pub use control_plane::{ControlPlane, ControlPlaneOptions, Mutation, NodeOptions};
pub use error::{Error, Result};
pub use ingress::{IngressStandIn, ingress_stand_in};
pub use medplum::{MedplumStandIn, medplum_stand_in};
pub use objects::{apply, apply_file, apply_yaml, wait_for};
pub use operator::{Operator, OperatorOptions};
pub use sandbox::{Sandbox, SandboxOptions};
