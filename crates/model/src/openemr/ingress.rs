//! The way in: one host, TLS to the pods, sessions that stick.

use k8s_openapi::api::networking::v1::Ingress;

use super::{
    deployment::HTTPS_NAME,
    labels::Component,
    meta,
    names::{self, Part},
    workload::Workload,
};
use crate::workload::{Exposure, ingress};

/// The Ingress.
pub(super) fn ingress(workload: &Workload, exposure: &Exposure) -> Ingress {
    let own = [
        ("backend-protocol", "HTTPS"),
        ("healthcheck-protocol", "HTTPS"),
        ("healthcheck-path", "/meta/health/livez"),
        // Sessions are in the cache; stickiness saves reads. A leaving pod has 60 s for its
        // requests.
        (
            "target-group-attributes",
            "stickiness.enabled=true,stickiness.type=lb_cookie,\
             stickiness.lb_cookie.duration_seconds=3600,\
             deregistration_delay.timeout_seconds=60",
        ),
    ];
    let service = names::object(&workload.instance, Part::App);
    let rule = ingress::host(workload.hostname.as_str(), service, HTTPS_NAME);
    let metadata = meta::owned(workload, Part::App, Component::App);
    ingress::ingress(metadata, exposure, &own, vec![rule])
}
