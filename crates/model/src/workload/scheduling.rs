//! Where pods run.

use std::collections::BTreeMap;

use emr_api::{emr_instance::Architecture, policy::Profile};
use k8s_openapi::{
    api::core::v1::{Toleration, TopologySpreadConstraint},
    apimachinery::pkg::apis::meta::v1::LabelSelector,
};

/// How long a pod stays on a node that does not answer. Kubernetes' default is five minutes.
const LOST_NODE_SECONDS: i64 = 60;

/// The user's labels, and the processors.
pub(crate) fn node_selector(
    own: &BTreeMap<String, String>,
    architecture: Architecture,
) -> BTreeMap<String, String> {
    let mut selector = own.clone();
    selector.insert("kubernetes.io/arch".into(), architecture.as_str().into());
    selector
}

/// The user's tolerations; what serves leaves lost nodes soon, unless the user says otherwise.
pub(crate) fn serving_tolerations(own: &[Toleration]) -> Vec<Toleration> {
    let mut tolerations = own.to_vec();
    for key in [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ] {
        if !own.iter().any(|own| own.key.as_deref() == Some(key)) {
            tolerations.push(Toleration {
                key: Some(key.into()),
                operator: Some("Exists".into()),
                effect: Some("NoExecute".into()),
                toleration_seconds: Some(LOST_NODE_SECONDS),
                ..Default::default()
            });
        }
    }
    tolerations
}

/// Pods spread over zones, and inside a zone over nodes.
///
/// In Production a pod rather waits than unbalances the zones. Two choices keep the loss of a zone
/// from blocking its replacements: nodes with a taint (a dead node has one) do not count
/// (`nodeTaintsPolicy: Honor`), and `minDomains` is two at most. With the number of zones there,
/// the scheduler would hold the two that are left to one pod each; without it, a node autoscaler
/// that starts from nothing would put every pod into the first zone. Old and new pods of a rolling
/// update count apart.
pub(crate) fn spread(
    profile: Profile,
    zones: usize,
    pods: &LabelSelector,
) -> Vec<TopologySpreadConstraint> {
    let strict = profile == Profile::Production && zones > 1;
    let constraint = |key: &str, strict: bool| TopologySpreadConstraint {
        topology_key: key.into(),
        max_skew: 1,
        when_unsatisfiable: if strict {
            "DoNotSchedule"
        } else {
            "ScheduleAnyway"
        }
        .into(),
        min_domains: strict.then_some(2),
        label_selector: Some(pods.clone()),
        match_label_keys: Some(vec!["pod-template-hash".into()]),
        node_taints_policy: Some("Honor".into()),
        node_affinity_policy: Some("Honor".into()),
    };
    vec![
        constraint("topology.kubernetes.io/zone", strict),
        constraint("kubernetes.io/hostname", false),
    ]
}
