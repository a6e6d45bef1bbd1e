//! The Service in front of the workers, and the account that pods run under.

use k8s_openapi::{
    api::core::v1::{Service, ServiceAccount, ServicePort, ServiceSpec},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{
    deployment::{HTTPS, HTTPS_NAME},
    labels::{self, Component},
    meta,
    names::Part,
    workload::Workload,
};

/// The Service: HTTPS and nothing else.
pub(super) fn service(workload: &Workload) -> Service {
    Service {
        metadata: meta::owned(workload, Part::App, Component::App),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".into()),
            selector: Some(labels::of_component(workload, Component::App)),
            ports: Some(vec![ServicePort {
                name: Some(HTTPS_NAME.into()),
                port: HTTPS,
                target_port: Some(IntOrString::String(HTTPS_NAME.into())),
                protocol: Some("TCP".into()),
                ..Default::default()
            }]),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// An account without rights. OpenEMR never talks to Kubernetes.
pub(super) fn account(workload: &Workload) -> ServiceAccount {
    ServiceAccount {
        metadata: meta::owned(workload, Part::App, Component::App),
        automount_service_account_token: Some(false),
        ..Default::default()
    }
}
