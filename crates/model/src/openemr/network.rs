//! Whom pods may talk to (safety.md 13): one policy a purpose, on top of one that denies all.
//!
//! The shared files need none, the node mounts them. A rule without peers would mean "everywhere",
//! so an empty set of address ranges makes no rule at all.

use std::collections::BTreeSet;

use k8s_openapi::{
    api::networking::v1::{
        IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule,
        NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
    },
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};

use super::{
    deployment::HTTPS,
    labels::{self, Component},
    meta,
    names::Part,
    workload::{HttpsEgress, Workload},
};

/// The node's metadata service, which hands out the node's credentials.
const METADATA_SERVICE: &str = "169.254.169.254/32";

/// The policies that every instance has.
pub(super) fn always(workload: &Workload) -> [NetworkPolicy; 5] {
    let network = &workload.network;
    let database = [tcp(i32::from(workload.database.port))];
    // 6380 is the serverless cache's reading endpoint.
    let cache = [NetworkPolicyPort {
        end_port: Some(6380),
        ..tcp(6379)
    }];
    let https = match &network.https {
        _ if workload.is_fenced() => Vec::new(),
        HttpsEgress::Endpoints(cidrs) => to_cidrs(cidrs, &[tcp(HTTPS)]),
        HttpsEgress::Anywhere => vec![NetworkPolicyEgressRule {
            ports: Some(vec![tcp(HTTPS)]),
            to: Some(vec![
                block("0.0.0.0/0", Some(vec![METADATA_SERVICE.into()])),
                block("::/0", None),
            ]),
        }],
    };
    [
        deny_all(workload),
        egress(workload, "dns", vec![dns()]),
        egress(
            workload,
            "database",
            to_cidrs(&network.database_cidrs, &database),
        ),
        egress(workload, "cache", to_cidrs(&network.cache_cidrs, &cache)),
        egress(workload, "https", https),
    ]
}

/// The way in, for instances that somebody may reach.
pub(super) fn from_load_balancer(workload: &Workload) -> NetworkPolicy {
    let cidrs = &workload.network.public_cidrs;
    let rules = if cidrs.is_empty() {
        Vec::new()
    } else {
        vec![NetworkPolicyIngressRule {
            ports: Some(vec![tcp(HTTPS)]),
            from: Some(cidrs.iter().map(|cidr| block(cidr, None)).collect()),
        }]
    };
    policy(
        workload,
        "from-load-balancer",
        NetworkPolicySpec {
            pod_selector: Some(labels::select(workload, Component::App)),
            policy_types: Some(vec!["Ingress".into()]),
            ingress: Some(rules),
            ..Default::default()
        },
    )
}

fn deny_all(workload: &Workload) -> NetworkPolicy {
    policy(
        workload,
        "deny-all",
        NetworkPolicySpec {
            pod_selector: Some(labels::select_instance(workload)),
            policy_types: Some(vec!["Egress".into(), "Ingress".into()]),
            ..Default::default()
        },
    )
}

fn egress(
    workload: &Workload,
    purpose: &'static str,
    rules: Vec<NetworkPolicyEgressRule>,
) -> NetworkPolicy {
    policy(
        workload,
        purpose,
        NetworkPolicySpec {
            pod_selector: Some(labels::select_instance(workload)),
            policy_types: Some(vec!["Egress".into()]),
            egress: Some(rules),
            ..Default::default()
        },
    )
}

/// Port 53 of cluster DNS, and of a cache on the node, which listens on a link-local address.
fn dns() -> NetworkPolicyEgressRule {
    let udp = NetworkPolicyPort {
        protocol: Some("UDP".into()),
        ..tcp(53)
    };
    let system = LabelSelector {
        match_labels: Some(
            [(
                "kubernetes.io/metadata.name".to_owned(),
                "kube-system".to_owned(),
            )]
            .into(),
        ),
        ..Default::default()
    };
    NetworkPolicyEgressRule {
        ports: Some(vec![udp, tcp(53)]),
        to: Some(vec![
            NetworkPolicyPeer {
                namespace_selector: Some(system),
                ..Default::default()
            },
            block("169.254.0.0/16", Some(vec![METADATA_SERVICE.into()])),
        ]),
    }
}

fn to_cidrs(cidrs: &BTreeSet<String>, ports: &[NetworkPolicyPort]) -> Vec<NetworkPolicyEgressRule> {
    if cidrs.is_empty() {
        return Vec::new();
    }
    vec![NetworkPolicyEgressRule {
        ports: Some(ports.to_vec()),
        to: Some(cidrs.iter().map(|cidr| block(cidr, None)).collect()),
    }]
}

fn block(cidr: &str, except: Option<Vec<String>>) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.into(),
            except,
        }),
        ..Default::default()
    }
}

fn tcp(port: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(port)),
        protocol: Some("TCP".into()),
        ..Default::default()
    }
}

fn policy(workload: &Workload, purpose: &'static str, spec: NetworkPolicySpec) -> NetworkPolicy {
    NetworkPolicy {
        metadata: meta::owned(workload, Part::Policy(purpose), Component::Network),
        spec: Some(spec),
    }
}
