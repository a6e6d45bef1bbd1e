//! The way in: an Ingress for the AWS Load Balancer Controller.
//!
//! HTTPS only; port 80 is closed, so there is nothing to redirect. `security-groups` names the
//! group that the operator owns, and the controller then ignores `inbound-cidrs`. Those stay all
//! the same: whoever takes the first annotation away does not open the instance to the world.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::networking::v1::{
        HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule,
        IngressServiceBackend, IngressSpec, ServiceBackendPort,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::{
    Exposure,
    deployment::HTTPS_NAME,
    labels::Component,
    meta,
    names::{self, Part},
    workload::Workload,
};
use crate::platform::INGRESS_CLASS;

/// The prefix of the controller's annotations.
const PREFIX: &str = "alb.ingress.kubernetes.io";

/// The Ingress.
pub(super) fn ingress(workload: &Workload, exposure: &Exposure) -> Ingress {
    Ingress {
        metadata: ObjectMeta {
            annotations: Some(annotations(exposure)),
            ..meta::owned(workload, Part::App, Component::App)
        },
        spec: Some(IngressSpec {
            ingress_class_name: Some(INGRESS_CLASS.into()),
            rules: Some(vec![rule(workload)]),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn annotations(exposure: &Exposure) -> BTreeMap<String, String> {
    let cidrs: Vec<_> = exposure
        .allowed_cidrs()
        .iter()
        .map(String::as_str)
        .collect();
    let own = [
        ("scheme", "internet-facing".to_owned()),
        ("target-type", "ip".into()),
        ("listen-ports", r#"[{"HTTPS":443}]"#.into()),
        ("certificate-arn", exposure.certificate().to_string()),
        ("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06".into()),
        ("security-groups", exposure.frontend().to_string()),
        ("manage-backend-security-group-rules", "true".into()),
        ("inbound-cidrs", cidrs.join(",")),
        ("backend-protocol", "HTTPS".into()),
        ("healthcheck-protocol", "HTTPS".into()),
        ("healthcheck-path", "/meta/health/livez".into()),
        ("healthcheck-interval-seconds", "15".into()),
        ("healthcheck-timeout-seconds", "5".into()),
        ("healthy-threshold-count", "2".into()),
        ("unhealthy-threshold-count", "3".into()),
        ("success-codes", "200".into()),
        // Sessions are in the cache; stickiness saves reads. A leaving pod has 60 s for its
        // requests.
        (
            "target-group-attributes",
            "stickiness.enabled=true,stickiness.type=lb_cookie,\
             stickiness.lb_cookie.duration_seconds=3600,\
             deregistration_delay.timeout_seconds=60"
                .into(),
        ),
        // No deletion protection: the load balancer must go with the Ingress.
        (
            "load-balancer-attributes",
            "idle_timeout.timeout_seconds=300,\
             routing.http.drop_invalid_header_fields.enabled=true,\
             deletion_protection.enabled=false"
                .into(),
        ),
    ];
    own.into_iter()
        .map(|(key, value)| (format!("{PREFIX}/{key}"), value))
        .collect()
}

fn rule(workload: &Workload) -> IngressRule {
    let service = IngressServiceBackend {
        name: names::object(&workload.instance, Part::App),
        port: Some(ServiceBackendPort {
            name: Some(HTTPS_NAME.into()),
            ..Default::default()
        }),
    };
    IngressRule {
        host: Some(workload.hostname.to_string()),
        http: Some(HTTPIngressRuleValue {
            paths: vec![HTTPIngressPath {
                path: Some("/".into()),
                path_type: "Prefix".into(),
                backend: IngressBackend {
                    service: Some(service),
                    ..Default::default()
                },
            }],
        }),
    }
}
