//! The way in: two hosts on one load balancer, the web app and the API
//! (docs/adr/0015-medplum-routing.md).

use super::{
    Part, Workload,
    names::{Component, object, owned},
    network::from_load_balancer,
    service::{API_PORT, HTTP, WEB_PORT},
};
use crate::workload::{Exposure, Object, ingress};

/// The load balancer's policies and the Ingress.
pub(super) fn objects(workload: &Workload, exposure: &Exposure) -> Vec<Object> {
    let mut all: Vec<Object> = Vec::new();
    // In its fence the load balancer may stay, but leads nowhere.
    if !workload.is_fenced() {
        all.push(
            from_load_balancer(workload, "from-load-balancer", Component::App, API_PORT).into(),
        );
        if workload.web.is_some() {
            let purpose = "from-load-balancer-web";
            all.push(from_load_balancer(workload, purpose, Component::Web, WEB_PORT).into());
        }
    }
    let host = |host: &str, part| ingress::host(host, object(&workload.instance, part), HTTP);
    let mut rules = vec![host(workload.api_hostname.as_str(), Part::Api)];
    if workload.web.is_some() {
        rules.insert(0, host(workload.hostname.as_str(), Part::Web));
    }
    // Neither the server nor the web app's nginx speaks TLS; the last leg stays inside the VPC.
    let own = [
        ("backend-protocol", "HTTP"),
        ("healthcheck-protocol", "HTTP"),
        // Any pod answers any request. A leaving pod has 60 s for its own.
        (
            "target-group-attributes",
            "stickiness.enabled=false,deregistration_delay.timeout_seconds=60",
        ),
    ];
    let metadata = owned(workload, Part::Api, Component::App);
    all.push(ingress::ingress(metadata, exposure, &own, rules).into());
    all
}
