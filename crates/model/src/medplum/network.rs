//! Whom pods may talk to (safety.md 13): one policy a purpose, on top of one that denies all.

use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyEgressRule};

use super::{
    Workload,
    names::{Component, Part, owned, select, select_database_clients, select_servers, subject},
    service::API_PORT,
};
use crate::workload::network::{self, tcp, to_cidrs};

/// Where EKS Pod Identity's agent on the node hands out the account's credentials.
const POD_IDENTITY_AGENT: &str = "169.254.170.23/32";

/// The policies that every instance has.
pub(super) fn always(workload: &Workload) -> Vec<NetworkPolicy> {
    let of = &workload.network;
    let port = |port: u16| [tcp(i32::from(port))];
    let (https, mail) = if workload.is_fenced() {
        (Vec::new(), Vec::new())
    } else {
        let mail = workload.mail.iter();
        (
            network::https(&of.https),
            mail.map(|mail| network::anywhere(i32::from(mail.port)))
                .collect(),
        )
    };
    let agent = [POD_IDENTITY_AGENT.to_owned()].into();
    let mut all = vec![
        network::deny_all(
            owned(workload, Part::Policy("deny-all"), Component::Network),
            subject(workload).select_instance(),
        ),
        egress(workload, "dns", vec![network::dns()]),
        egress(
            workload,
            "database",
            to_cidrs(&of.database_cidrs, &port(workload.database.port)),
        ),
        egress(
            workload,
            "cache",
            to_cidrs(&of.cache_cidrs, &port(workload.cache.port)),
        ),
        egress(workload, "pod-identity", to_cidrs(&agent, &[tcp(80)])),
        egress(workload, "https", https),
    ];
    if !mail.is_empty() {
        all.push(egress(workload, "mail", mail));
    }
    // The operator asks each pod, not the load balancer, which would hide the one that is behind.
    if let Some(operator) = &workload.operator {
        let purpose = Part::Policy("from-operator");
        all.push(network::ingress(
            owned(workload, purpose, Component::Network),
            select_servers(workload),
            vec![network::operator(operator.as_str())],
            API_PORT,
        ));
    }
    all
}

/// The way in to the pods of one component.
pub(super) fn from_load_balancer(
    workload: &Workload,
    purpose: &'static str,
    component: Component,
    port: i32,
) -> NetworkPolicy {
    network::ingress(
        owned(workload, Part::Policy(purpose), Component::Network),
        select(workload, component),
        network::cidrs(&workload.network.public_cidrs),
        port,
    )
}

fn egress(
    workload: &Workload,
    purpose: &'static str,
    rules: Vec<NetworkPolicyEgressRule>,
) -> NetworkPolicy {
    let metadata = owned(workload, Part::Policy(purpose), Component::Network);
    // The Job that makes the database talks to it, and to nobody else.
    let pods = match purpose {
        "dns" | "database" => select_database_clients(workload),
        _ => select_servers(workload),
    };
    network::egress(metadata, pods, rules)
}
