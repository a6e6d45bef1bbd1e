//! What wakes an instance beside its own changes.

use std::sync::Arc;

use emr_api::labels;
use emr_runtime::{
    Key,
    controller::{Mapper, Watched},
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    autoscaling::v2::HorizontalPodAutoscaler,
    batch::v1::Job,
    core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service, ServiceAccount},
    networking::v1::{Ingress, NetworkPolicy},
    policy::v1::PodDisruptionBudget,
};
use kube::ResourceExt;

/// What Kubernetes writes on a claim once it is bound.
const BOUND: &str = "pv.kubernetes.io/bind-completed";

/// The application's objects; the stores wake their instance by themselves (`mirrors`). Pods only count on the way out, but then their going
/// is what everything waits for.
pub(crate) fn watched() -> Vec<Watched> {
    let label = Some(labels::INSTANCE);
    let of_owner: Mapper = Arc::new(|object| {
        let owners = object
            .owner_references()
            .iter()
            .filter(|owner| owner.kind == super::KIND);
        owners
            .map(|owner| Key {
                namespace: object.namespace(),
                name: owner.name.clone(),
            })
            .collect()
    });
    // A pod's owner is a ReplicaSet or a Job, so its label tells; only one that goes is of interest.
    let of_leaving_pod: Mapper = Arc::new(|pod| {
        let label = pod.labels().get(labels::INSTANCE);
        match (label, pod.metadata.deletion_timestamp.is_some()) {
            (Some(instance), true) => {
                vec![Key {
                    namespace: pod.namespace(),
                    name: instance.clone(),
                }]
            }
            _ => Vec::new(),
        }
    });
    // Claims have no owner. The binder's annotation is what a watch of metadata sees of a binding.
    let of_bound_claim: Mapper = Arc::new(|claim| {
        let instance = claim.annotations().get(labels::INSTANCE);
        match (instance, claim.annotations().contains_key(BOUND)) {
            (Some(instance), true) => {
                vec![Key {
                    namespace: claim.namespace(),
                    name: instance.clone(),
                }]
            }
            _ => Vec::new(),
        }
    });
    vec![
        Watched::new::<Job>(label, Arc::clone(&of_owner)),
        Watched::new::<Deployment>(label, Arc::clone(&of_owner)),
        Watched::new::<HorizontalPodAutoscaler>(label, Arc::clone(&of_owner)),
        Watched::new::<PodDisruptionBudget>(label, Arc::clone(&of_owner)),
        Watched::new::<Service>(label, Arc::clone(&of_owner)),
        Watched::new::<ServiceAccount>(label, Arc::clone(&of_owner)),
        Watched::new::<ConfigMap>(label, Arc::clone(&of_owner)),
        Watched::new::<NetworkPolicy>(label, Arc::clone(&of_owner)),
        Watched::new::<Ingress>(label, of_owner),
        Watched::new::<PersistentVolumeClaim>(label, of_bound_claim),
        Watched::new::<Pod>(label, of_leaving_pod),
    ]
}
