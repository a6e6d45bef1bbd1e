//! What every application's workload takes from its world: where its stores are, whom it may talk to, who may
//! talk to it.

use std::collections::BTreeSet;

use emr_api::{EmrInstance, emr_platform::SubnetStatus};
use emr_model::{
    instance::{self, InstanceSeen, Validated},
    workload::{Endpoint, Exposure, HttpsEgress, Network, Restored, SecretName},
};
use emr_resource::ids::Arn;

use crate::emr_instance::gather::World;

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
