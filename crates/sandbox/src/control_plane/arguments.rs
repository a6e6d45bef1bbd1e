//! The command lines of the control plane's parts.

use std::path::Path;

use super::{ControlPlaneOptions, identity::Identity, start::Ports};
use crate::repository;

fn flag(name: &str, value: impl AsRef<Path>) -> String {
    format!("--{name}={}", value.as_ref().display())
}

fn flags(pairs: &[(&str, &str)]) -> Vec<String> {
    pairs
        .iter()
        .map(|(name, value)| format!("--{name}={value}"))
        .collect()
}

pub(super) fn etcd(state: &Path, ports: &Ports) -> Vec<String> {
    let client = format!("http://127.0.0.1:{}", ports.etcd);
    let peer = format!("http://127.0.0.1:{}", ports.etcd_peer);
    let mut arguments = flags(&[
        ("name", "sandbox"),
        ("listen-client-urls", &client),
        ("advertise-client-urls", &client),
        ("listen-peer-urls", &peer),
        ("initial-advertise-peer-urls", &peer),
        ("initial-cluster", &format!("sandbox={peer}")),
        ("log-level", "warn"),
    ]);
    arguments.push(flag("data-dir", state.join("etcd")));
    arguments.push("--unsafe-no-fsync".to_owned());
    arguments
}

pub(super) fn api_server(
    state: &Path,
    ports: &Ports,
    identity: &Identity,
    options: &ControlPlaneOptions,
) -> Vec<String> {
    let toleration = options.eviction_after.as_secs().to_string();
    let mut arguments = flags(&[
        ("etcd-servers", &format!("http://127.0.0.1:{}", ports.etcd)),
        ("bind-address", "127.0.0.1"),
        ("advertise-address", "127.0.0.1"),
        ("endpoint-reconciler-type", "none"),
        ("secure-port", &ports.api_server.to_string()),
        ("authorization-mode", "Node,RBAC"),
        ("service-cluster-ip-range", "10.96.0.0/16"),
        (
            "service-account-issuer",
            "https://kubernetes.default.svc.cluster.local",
        ),
        ("requestheader-allowed-names", "front-proxy-client"),
        ("requestheader-username-headers", "X-Remote-User"),
        ("requestheader-group-headers", "X-Remote-Group"),
        ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
        ("default-not-ready-toleration-seconds", &toleration),
        ("default-unreachable-toleration-seconds", &toleration),
        ("profiling", "false"),
    ]);
    for (name, file) in [
        ("tls-cert-file", "server.crt"),
        ("tls-private-key-file", "server.key"),
        ("client-ca-file", "ca.crt"),
        ("token-auth-file", "tokens.csv"),
        ("service-account-key-file", "service-account.key"),
        ("service-account-signing-key-file", "service-account.key"),
        ("requestheader-client-ca-file", "front-proxy-ca.crt"),
        ("proxy-client-cert-file", "front-proxy-client.crt"),
        ("proxy-client-key-file", "front-proxy-client.key"),
    ] {
        arguments.push(flag(name, identity.file(file)));
    }
    arguments.push(flag("cert-dir", state.join("api-server")));
    arguments.push(flag(
        "audit-policy-file",
        repository::control_plane().join("audit-policy.yaml"),
    ));
    arguments.push(flag("audit-log-path", state.join(super::audit::FILE)));
    arguments.extend(options.api_server_arguments.iter().cloned());
    arguments
}

pub(super) fn controller_manager(
    ports: &Ports,
    identity: &Identity,
    options: &ControlPlaneOptions,
) -> Vec<String> {
    let mut arguments = component(
        "kube-controller-manager",
        ports.controller_manager,
        identity,
    );
    arguments.extend(flags(&[
        ("use-service-account-credentials", "true"),
        // Nothing sends requests to a Service here, and addresses of loopback are none for an endpoint.
        (
            "controllers",
            "*,-endpoints-controller,-endpointslice-controller,-endpointslice-mirroring-controller",
        ),
        // Otherwise a pod's load does not count for its first five minutes.
        ("horizontal-pod-autoscaler-cpu-initialization-period", "1s"),
        ("horizontal-pod-autoscaler-initial-readiness-delay", "1s"),
        ("horizontal-pod-autoscaler-sync-period", "2s"),
        // A zone that stops is tainted at once, not a node in ten seconds.
        ("node-eviction-rate", "10"),
        ("secondary-node-eviction-rate", "10"),
        ("kube-api-qps", "200"),
        ("kube-api-burst", "400"),
    ]));
    arguments.push(flag(
        "service-account-private-key-file",
        identity.file("service-account.key"),
    ));
    arguments.push(flag("root-ca-file", identity.file("ca.crt")));
    arguments.extend(options.controller_manager_arguments.iter().cloned());
    arguments
}

pub(super) fn scheduler(ports: &Ports, identity: &Identity) -> Vec<String> {
    let mut arguments = component("kube-scheduler", ports.scheduler, identity);
    arguments.extend(flags(&[("kube-api-qps", "200"), ("kube-api-burst", "400")]));
    arguments
}

pub(super) fn kwok(port: u16, identity: &Identity) -> Vec<String> {
    let mut arguments = flags(&[
        ("manage-all-nodes", "true"),
        ("enable-crds", "Stage,Metric,ClusterResourceUsage"),
        ("server-address", &format!("127.0.0.1:{port}")),
        ("node-ip", "127.0.0.1"),
        ("node-port", &port.to_string()),
        ("cidr", &pods_of(port)),
        // Without leases the node controller gives nodes up after fifty seconds.
        ("node-lease-duration-seconds", "40"),
    ]);
    arguments.push(flag("kubeconfig", identity.kubeconfig("kwok")));
    arguments.push(flag("tls-cert-file", identity.file("server.crt")));
    arguments.push(flag("tls-private-key-file", identity.file("server.key")));
    arguments
}

/// The addresses of pods: of loopback, so that whatever answers for a pod can listen there and what nobody
/// answers is refused at once, and of one sandbox only, told by its port. 16,384 of them.
fn pods_of(port: u16) -> String {
    let nth = 1 + port % 1023;
    format!("127.{}.{}.1/18", nth >> 2, (nth & 3) << 6)
}

pub(super) fn metrics_server(port: u16, state: &Path, identity: &Identity) -> Vec<String> {
    let mut arguments = flags(&[
        ("bind-address", "127.0.0.1"),
        ("secure-port", &port.to_string()),
        // The resolution must exceed the timeout.
        ("metric-resolution", "10s"),
        ("kubelet-request-timeout", "5s"),
        ("kubelet-preferred-address-types", "InternalIP"),
    ]);
    arguments.push("--kubelet-insecure-tls".to_owned());
    arguments.push("--kubelet-use-node-status-port".to_owned());
    arguments.push(flag("cert-dir", state.join("metrics-server")));
    for name in [
        "kubeconfig",
        "authentication-kubeconfig",
        "authorization-kubeconfig",
    ] {
        arguments.push(flag(name, identity.kubeconfig("metrics-server")));
    }
    arguments
}

/// What controller-manager and scheduler share.
fn component(user: &str, port: u16, identity: &Identity) -> Vec<String> {
    let mut arguments = flags(&[
        ("bind-address", "127.0.0.1"),
        ("secure-port", &port.to_string()),
        ("leader-elect", "false"),
        ("profiling", "false"),
    ]);
    for name in [
        "kubeconfig",
        "authentication-kubeconfig",
        "authorization-kubeconfig",
    ] {
        arguments.push(flag(name, identity.kubeconfig(user)));
    }
    arguments.push(flag("tls-cert-file", identity.file("server.crt")));
    arguments.push(flag("tls-private-key-file", identity.file("server.key")));
    arguments
}
