//! What the operator may do in Kubernetes, as one table. The chart's roles are generated from it,
//! and the sandbox runs the operator under them (invariant 8).

use std::collections::BTreeMap;

use k8s_openapi::{
    api::rbac::v1::{ClusterRole, PolicyRule, Role},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

/// The name of every role.
pub const NAME: &str = "emr-operator";

const READ: &[&str] = &["get", "list", "watch"];
const APPLY: &[&str] = &["get", "list", "watch", "create", "patch"];
const APPLY_AND_DELETE: &[&str] = &["get", "list", "watch", "create", "patch", "delete"];

/// A row: group, resources, verbs, and why.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
);

/// Over the whole cluster.
const CLUSTER: &[Row] = &[
    (
        "emrstack.dev",
        &[
            "emrplatforms",
            "emrinstances",
            "emrbackups",
            "emrrestores",
            "emrdrills",
            "objectstores",
        ],
        &["get", "list", "watch", "patch"],
        "the user's; patched for the finalizer alone",
    ),
    (
        "emrstack.dev",
        &["emrinstances", "emrbackups", "emrdrills"],
        &["create", "delete"],
        "a drill's copy; sets and drills that come on a schedule or before a restore",
    ),
    (
        "emrstack.dev",
        &[
            "manageddatabases",
            "cacheclusters",
            "sharedfilesystems",
            "objectstores",
        ],
        APPLY_AND_DELETE,
        "children of instances",
    ),
    (
        "emrstack.dev",
        &[
            "emrplatforms/status",
            "emrinstances/status",
            "emrbackups/status",
            "emrrestores/status",
            "emrdrills/status",
            "manageddatabases/status",
            "cacheclusters/status",
            "sharedfilesystems/status",
            "objectstores/status",
        ],
        &["patch"],
        "reports",
    ),
    (
        "emrstack.dev",
        &[
            "emrinstances/finalizers",
            "manageddatabases/finalizers",
            "cacheclusters/finalizers",
            "sharedfilesystems/finalizers",
        ],
        &["update"],
        "owner references that block deletion",
    ),
    (
        "",
        &["secrets"],
        &["get", "create", "patch"],
        "copies of credentials; never listed",
    ),
    (
        "",
        &["configmaps", "serviceaccounts", "services"],
        APPLY,
        "the application's",
    ),
    ("", &["pods"], READ, "whether any still runs"),
    (
        "",
        &["persistentvolumes", "persistentvolumeclaims"],
        APPLY_AND_DELETE,
        "pointers to access points; the files stay",
    ),
    (
        "apps",
        &["deployments"],
        APPLY_AND_DELETE,
        "the application's workers",
    ),
    ("batch", &["jobs"], APPLY_AND_DELETE, "the install Job"),
    (
        "autoscaling",
        &["horizontalpodautoscalers"],
        APPLY_AND_DELETE,
        "the application's scaling",
    ),
    (
        "policy",
        &["poddisruptionbudgets"],
        APPLY_AND_DELETE,
        "the application's availability",
    ),
    (
        "networking.k8s.io",
        &["ingresses", "networkpolicies"],
        APPLY_AND_DELETE,
        "who reaches the application, and whom it reaches",
    ),
    (
        "networking.k8s.io",
        &["ingressclasses"],
        &["get"],
        "whether load balancers are made",
    ),
    (
        "storage.k8s.io",
        &["csidrivers"],
        &["get"],
        "whether EFS can be mounted",
    ),
    (
        "apps",
        &["daemonsets"],
        &["get"],
        "whether pods get the roles of object stores",
    ),
    (
        "apiregistration.k8s.io",
        &["apiservices"],
        &["get"],
        "whether the metrics API answers",
    ),
    ("events.k8s.io", &["events"], &["create", "patch"], "events"),
];

/// In the operator's own namespace.
const OWN_NAMESPACE: &[Row] = &[(
    "coordination.k8s.io",
    &["leases"],
    &["get", "create", "update", "patch"],
    "leader election",
)];

fn rules(rows: &[Row]) -> Vec<PolicyRule> {
    let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    rows.iter()
        .map(|(group, resources, verbs, _)| PolicyRule {
            api_groups: Some(vec![(*group).to_owned()]),
            resources: Some(owned(resources)),
            verbs: owned(verbs),
            ..PolicyRule::default()
        })
        .collect()
}

fn metadata(namespace: Option<&str>) -> ObjectMeta {
    ObjectMeta {
        name: Some(NAME.to_owned()),
        namespace: namespace.map(str::to_owned),
        labels: Some(BTreeMap::from([(
            "app.kubernetes.io/name".to_owned(),
            NAME.to_owned(),
        )])),
        ..ObjectMeta::default()
    }
}

/// The role over the whole cluster.
pub fn cluster_role() -> ClusterRole {
    ClusterRole {
        metadata: metadata(None),
        rules: Some(rules(CLUSTER)),
        ..ClusterRole::default()
    }
}

/// The role in the operator's own namespace.
pub fn role(namespace: &str) -> Role {
    Role {
        metadata: metadata(Some(namespace)),
        rules: Some(rules(OWN_NAMESPACE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_never_listed_and_nothing_is_a_wildcard() {
        for (group, resources, verbs, why) in CLUSTER.iter().chain(OWN_NAMESPACE) {
            assert!(!why.is_empty());
            assert!(!resources.contains(&"*") && !verbs.contains(&"*") && *group != "*");
            if resources.contains(&"secrets") {
                assert!(!verbs.contains(&"list") && !verbs.contains(&"watch"));
                assert!(!verbs.contains(&"delete"));
            }
        }
    }
}
