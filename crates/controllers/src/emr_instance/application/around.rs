//! What every application's workload takes from its world: where its stores are, whom it may talk to, who may
//! talk to it.

use std::collections::BTreeSet;

use emr_api::{EmrInstance, emr_platform::SubnetStatus};
use emr_model::{
    instance::{self, InstanceSeen, Part, Validated},
    workload::{Endpoint, Exposure, HttpsEgress, Network, Objects, Restored, SecretName},
};
use emr_resource::ids::Arn;
use emr_runtime::ReconcileError;
use k8s_openapi::api::networking::v1::Ingress;
use kube::ResourceExt;

use super::read;
use crate::{Context, emr_instance::gather::World};

/// The way in before there is one: why nobody is let in, or that it comes.
pub(super) fn way_in(object: &EmrInstance, world: &World, validated: &Validated) -> Part {
    match instance::exposure(object, validated, &world.landing.spec) {
        instance::Exposure::Closed { reason, message } => Part::no(reason, message),
        instance::Exposure::Open { .. } => {
            Part::no("Starting", "the load balancer comes with the pods")
        }
    }
}

/// Where people come in, once there is a way.
pub(super) async fn exposed_at(
    context: &Context,
    object: &EmrInstance,
    objects: &Objects,
) -> Result<Part, ReconcileError> {
    let namespace = object.namespace().unwrap_or_default();
    let name = objects.named("Ingress");
    let ingress: Option<Ingress> = read(&context.client, &namespace, name, "Ingress").await?;
    Ok(exposed(ingress.as_ref()))
}

/// Whether the load balancer has an address.
fn exposed(ingress: Option<&Ingress>) -> Part {
    let address = ingress
        .and_then(|ingress| {
            ingress
                .status
                .as_ref()?
                .load_balancer
                .as_ref()?
                .ingress
                .as_ref()
        })
        .and_then(|all| all.first())
        .and_then(|first| first.hostname.clone());
    match address {
        Some(address) => Part::yes("LoadBalancerReady", format!("served at {address}")),
        None => Part::no(
            "CreatingLoadBalancer",
            "the load balancer has no address yet; is the AWS Load Balancer Controller installed?",
        ),
    }
}

pub(super) fn endpoint(host: Option<&String>, port: Option<i32>) -> Option<Endpoint> {
    Some(Endpoint {
        host: host?.clone(),
        port: u16::try_from(port?).ok()?,
    })
}

/// Where it is, and the Secret of its master user.
pub(super) fn database(world: &World) -> Option<(Endpoint, SecretName)> {
    let status = world.database.as_ref()?.status.as_ref()?;
    let master = SecretName::new(&status.master_secret_ref.as_ref()?.name);
    Some((endpoint(status.endpoint.as_ref(), status.port)?, master))
}

/// Where the cache is.
pub(super) fn cache(world: &World) -> Option<Endpoint> {
    let status = world.cache.as_ref()?.status.as_ref()?;
    endpoint(status.endpoint.as_ref(), status.port)
}

/// Whom the pods may talk to.
pub(super) fn network(world: &World) -> Network {
    let network = &world.landing.network;
    Network {
        database_cidrs: cidrs(&network.database_subnets),
        cache_cidrs: cidrs(&network.private_subnets),
        public_cidrs: cidrs(&network.public_subnets),
        https: HttpsEgress::Anywhere,
    }
}

/// Whether its data was made from a set.
pub(super) fn restored(object: &EmrInstance) -> Option<Restored> {
    instance::is_restored(object).then(|| {
        if instance::is_fenced(object) {
            Restored::Fenced
        } else {
            Restored::Released
        }
    })
}

/// Who may talk to the pods.
pub(super) fn exposure(
    object: &EmrInstance,
    world: &World,
    validated: &Validated,
    own: &InstanceSeen,
) -> Option<Exposure> {
    let certificate_arn = instance::load_balancer(object, validated, &world.landing.spec)?;
    let allowed = validated
        .allowed
        .iter()
        .map(|range| range.trunc().to_string())
        .collect();
    let frontend = own.frontend.as_ref()?.id.clone();
    Exposure::new(Some(Arn::new(certificate_arn)), allowed, frontend)
}

fn cidrs(subnets: &[SubnetStatus]) -> BTreeSet<String> {
    subnets.iter().map(|subnet| subnet.cidr.clone()).collect()
}
