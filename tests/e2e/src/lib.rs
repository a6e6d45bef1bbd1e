//! The operator end to end: a real control plane, an AWS stand-in, and scenarios.
//!
//! One sandbox serves most of them: each scenario has a namespace, a platform and an AWS account of
//! its own, so they run side by side. What stops nodes has a second one, and what kills operators or
//! the API server a third. What Kubernetes holds is asserted by kube, what AWS holds by boto3: never
//! by the operator's own adapters.

pub mod aws;
pub mod clinic;
pub mod failure;
pub mod kinds;
pub mod kstatus;
pub mod scenarios;
pub mod undisturbed;
pub mod world;

pub use aws::Aws;
pub use clinic::Clinic;
pub use failure::{Failure, Outcome};
pub use world::World;
