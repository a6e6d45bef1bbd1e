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

use super::Exposure;
use crate::platform::INGRESS_CLASS;

/// The prefix of the controller's annotations.
const PREFIX: &str = "alb.ingress.kubernetes.io";

/// The Ingress; `own` are the application's annotations, without their prefix.
pub(crate) fn ingress(
    metadata: ObjectMeta,
    exposure: &Exposure,
    own: &[(&str, &str)],
    rules: Vec<IngressRule>,
) -> Ingress {
    let mut annotations = common(exposure);
    annotations.extend(prefixed(own));
    Ingress {
        metadata: ObjectMeta {
            annotations: Some(annotations),
            ..metadata
        },
        spec: Some(IngressSpec {
            ingress_class_name: Some(INGRESS_CLASS.into()),
            rules: Some(rules),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The controller's annotations, on an Ingress or, for one target group alone, on a Service.
pub(crate) fn prefixed(own: &[(&str, &str)]) -> BTreeMap<String, String> {
    own.iter()
        .map(|(key, value)| (format!("{PREFIX}/{key}"), (*value).to_owned()))
        .collect()
}

fn common(exposure: &Exposure) -> BTreeMap<String, String> {
    let cidrs: Vec<_> = exposure
        .allowed_cidrs()
        .iter()
        .map(String::as_str)
        .collect();
    prefixed(&[
        ("scheme", "internet-facing"),
        ("target-type", "ip"),
        ("listen-ports", r#"[{"HTTPS":443}]"#),
        ("certificate-arn", exposure.certificate().as_str()),
        ("ssl-policy", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
        ("security-groups", exposure.frontend().as_str()),
        ("manage-backend-security-group-rules", "true"),
        ("inbound-cidrs", &cidrs.join(",")),
        ("healthcheck-interval-seconds", "15"),
        ("healthcheck-timeout-seconds", "5"),
        ("healthy-threshold-count", "2"),
        ("unhealthy-threshold-count", "3"),
        ("success-codes", "200"),
        // No deletion protection: the load balancer must go with the Ingress.
        (
            "load-balancer-attributes",
            "idle_timeout.timeout_seconds=300,\
             routing.http.drop_invalid_header_fields.enabled=true,\
             deletion_protection.enabled=false",
        ),
    ])
}

/// Everything of a host leads to a Service.
pub(crate) fn host(host: &str, service: String, port: &str) -> IngressRule {
    let service = IngressServiceBackend {
        name: service,
        port: Some(ServiceBackendPort {
            name: Some(port.into()),
            ..Default::default()
        }),
    };
    IngressRule {
        host: Some(host.to_owned()),
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
