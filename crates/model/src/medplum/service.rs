//! The Services in front of API and web app, and the accounts that pods run under.

use k8s_openapi::{
    api::core::v1::{Service, ServiceAccount, ServicePort, ServiceSpec},
    apimachinery::pkg::{apis::meta::v1::ObjectMeta, util::intstr::IntOrString},
};

use super::{
    Part, Workload,
    names::{Component, owned, subject},
};
use crate::workload::ingress;

/// The port of the API server's pods and Service.
pub const API_PORT: i32 = 8103;
/// The port of the web app's.
pub(super) const WEB_PORT: i32 = 3000;
/// The name of either.
pub(super) const HTTP: &str = "http";

/// The API's Service. The load balancer asks a pod what the readiness probe asks.
pub(super) fn api(workload: &Workload) -> Service {
    service(workload, Part::Api, API_PORT, "/healthcheck")
}

/// The web app's Service.
pub(super) fn web(workload: &Workload) -> Service {
    service(workload, Part::Web, WEB_PORT, "/")
}

/// An account without rights in Kubernetes. The API's is the one with which the bucket's rights are
/// associated; the web app has another, and none.
pub(super) fn account(workload: &Workload, part: Part) -> ServiceAccount {
    ServiceAccount {
        metadata: owned(workload, part, Component::of(part)),
        automount_service_account_token: Some(false),
        ..Default::default()
    }
}

fn service(workload: &Workload, part: Part, listens: i32, health: &str) -> Service {
    let component = Component::of(part);
    // On the Service it counts for this target group alone.
    let annotations = ingress::prefixed(&[("healthcheck-path", health)]);
    Service {
        metadata: ObjectMeta {
            annotations: Some(annotations),
            ..owned(workload, part, component)
        },
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".into()),
            selector: Some(subject(workload).of_component(component.as_str())),
            ports: Some(vec![ServicePort {
                name: Some(HTTP.into()),
                port: listens,
                target_port: Some(IntOrString::String(HTTP.into())),
                protocol: Some("TCP".into()),
                ..Default::default()
            }]),
            ..Default::default()
        }),
        ..Default::default()
    }
}
