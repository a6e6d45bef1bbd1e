//! Whom pods may talk to (safety.md 13): one policy a purpose, on top of one that denies all.
//!
//! The shared files need none, the node mounts them.

use k8s_openapi::{
    api::networking::v1::{NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyPort},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::{
    deployment::HTTPS,
    labels::{self, Component},
    meta,
    names::Part,
    workload::Workload,
};
use crate::workload::network::{self, tcp, to_cidrs};

/// The policies that every instance has.
pub(super) fn always(workload: &Workload) -> [NetworkPolicy; 5] {
    let of = &workload.network;
    let database = [tcp(i32::from(workload.database.port))];
    // 6380 is the serverless cache's reading endpoint.
    let cache = [NetworkPolicyPort {
        end_port: Some(6380),
        ..tcp(6379)
    }];
    let https = if workload.is_fenced() {
        Vec::new()
    } else {
        network::https(&of.https)
    };
    [
        network::deny_all(
            named(workload, "deny-all"),
            labels::select_instance(workload),
        ),
        egress(workload, "dns", vec![network::dns()]),
        egress(
            workload,
            "database",
            to_cidrs(&of.database_cidrs, &database),
        ),
        egress(workload, "cache", to_cidrs(&of.cache_cidrs, &cache)),
        egress(workload, "https", https),
    ]
}

/// The way in, for instances that somebody may reach.
pub(super) fn from_load_balancer(workload: &Workload) -> NetworkPolicy {
    network::ingress(
        named(workload, "from-load-balancer"),
        labels::select(workload, Component::App),
        network::cidrs(&workload.network.public_cidrs),
        HTTPS,
    )
}

fn egress(
    workload: &Workload,
    purpose: &'static str,
    rules: Vec<NetworkPolicyEgressRule>,
) -> NetworkPolicy {
    let pods = labels::select_instance(workload);
    network::egress(named(workload, purpose), pods, rules)
}

fn named(workload: &Workload, purpose: &'static str) -> ObjectMeta {
    meta::owned(workload, Part::Policy(purpose), Component::Network)
}
