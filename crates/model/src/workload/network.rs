//! Whom pods may talk to (safety.md 13): the parts of which an application's policies are made.
//!
//! A rule without peers would mean "everywhere", so an empty set of address ranges makes no rule at
//! all.

use std::collections::BTreeSet;

use emr_api::labels::{APP_NAME, OPERATOR};
use k8s_openapi::{
    api::networking::v1::{
        IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule,
        NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
    },
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, ObjectMeta},
        util::intstr::IntOrString,
    },
};

use super::identity::HttpsEgress;

/// The node's metadata service, which hands out the node's credentials.
const METADATA_SERVICE: &str = "169.254.169.254/32";
/// The port of HTTPS.
const HTTPS: i32 = 443;

/// Nothing in and nothing out, for every pod of an instance.
pub(crate) fn deny_all(metadata: ObjectMeta, pods: LabelSelector) -> NetworkPolicy {
    policy(
        metadata,
        NetworkPolicySpec {
            pod_selector: Some(pods),
            policy_types: Some(vec!["Egress".into(), "Ingress".into()]),
            ..Default::default()
        },
    )
}

/// What these pods may reach.
pub(crate) fn egress(
    metadata: ObjectMeta,
    pods: LabelSelector,
    rules: Vec<NetworkPolicyEgressRule>,
) -> NetworkPolicy {
    policy(
        metadata,
        NetworkPolicySpec {
            pod_selector: Some(pods),
            policy_types: Some(vec!["Egress".into()]),
            egress: Some(rules),
            ..Default::default()
        },
    )
}

/// Who may reach these pods, on one port.
pub(crate) fn ingress(
    metadata: ObjectMeta,
    pods: LabelSelector,
    peers: Vec<NetworkPolicyPeer>,
    port: i32,
) -> NetworkPolicy {
    let rules = if peers.is_empty() {
        Vec::new()
    } else {
        vec![NetworkPolicyIngressRule {
            ports: Some(vec![tcp(port)]),
            from: Some(peers),
        }]
    };
    policy(
        metadata,
        NetworkPolicySpec {
            pod_selector: Some(pods),
            policy_types: Some(vec!["Ingress".into()]),
            ingress: Some(rules),
            ..Default::default()
        },
    )
}

/// These address ranges.
pub(crate) fn cidrs(cidrs: &BTreeSet<String>) -> Vec<NetworkPolicyPeer> {
    cidrs.iter().map(|cidr| block(cidr, None)).collect()
}

/// The operator's pods.
pub(crate) fn operator(namespace: &str) -> NetworkPolicyPeer {
    let labelled = |key: &str, value: &str| LabelSelector {
        match_labels: Some([(key.to_owned(), value.to_owned())].into()),
        ..Default::default()
    };
    NetworkPolicyPeer {
        namespace_selector: Some(labelled("kubernetes.io/metadata.name", namespace)),
        pod_selector: Some(labelled(APP_NAME, OPERATOR)),
        ..Default::default()
    }
}

/// AWS by HTTPS.
pub(crate) fn https(egress: &HttpsEgress) -> Vec<NetworkPolicyEgressRule> {
    match egress {
        HttpsEgress::Endpoints(cidrs) => to_cidrs(cidrs, &[tcp(HTTPS)]),
        HttpsEgress::Anywhere => vec![anywhere(HTTPS)],
    }
}

/// Any address but the metadata service, on one port.
pub(crate) fn anywhere(port: i32) -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule {
        ports: Some(vec![tcp(port)]),
        to: Some(vec![
            block("0.0.0.0/0", Some(vec![METADATA_SERVICE.into()])),
            block("::/0", None),
        ]),
    }
}

/// Port 53 of cluster DNS, and of a cache on the node, which listens on a link-local address.
pub(crate) fn dns() -> NetworkPolicyEgressRule {
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

/// These address ranges, on these ports.
pub(crate) fn to_cidrs(
    cidrs: &BTreeSet<String>,
    ports: &[NetworkPolicyPort],
) -> Vec<NetworkPolicyEgressRule> {
    if cidrs.is_empty() {
        return Vec::new();
    }
    vec![NetworkPolicyEgressRule {
        ports: Some(ports.to_vec()),
        to: Some(self::cidrs(cidrs)),
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

/// A port.
pub(crate) fn tcp(port: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(port)),
        protocol: Some("TCP".into()),
        ..Default::default()
    }
}

fn policy(metadata: ObjectMeta, spec: NetworkPolicySpec) -> NetworkPolicy {
    NetworkPolicy {
        metadata,
        spec: Some(spec),
    }
}
