//! The kinds that the server serves. Others are not found, as on a real one.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::Value;

/// What the server must know of a kind.
#[derive(Clone, Debug)]
pub(super) struct KindInfo {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) plural: String,
    pub(super) namespaced: bool,
    /// It has a status subresource, so that the object and its status are written apart.
    pub(super) status: bool,
    /// The generation counts changes outside metadata and status.
    pub(super) generation: bool,
    /// The schema of a custom resource, for its defaults and list types.
    pub(super) schema: Option<Arc<Value>>,
}

impl KindInfo {
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

/// group, version, kind, plural, namespaced, status, generation
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
    bool,
    bool,
);

#[rustfmt::skip]
const BUILT_IN: &[Row] = &[
    ("", "v1", "Namespace", "namespaces", false, true, false),
    ("", "v1", "Node", "nodes", false, true, false),
    ("", "v1", "PersistentVolume", "persistentvolumes", false, true, false),
    ("", "v1", "ConfigMap", "configmaps", true, false, false),
    ("", "v1", "Event", "events", true, false, false),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, true, false),
    ("", "v1", "Pod", "pods", true, true, true),
    ("", "v1", "Secret", "secrets", true, false, false),
    ("", "v1", "Service", "services", true, true, false),
    ("", "v1", "ServiceAccount", "serviceaccounts", true, false, false),
    ("apps", "v1", "DaemonSet", "daemonsets", true, true, false),
    ("apps", "v1", "Deployment", "deployments", true, true, true),
    ("apps", "v1", "ReplicaSet", "replicasets", true, true, true),
    ("apps", "v1", "StatefulSet", "statefulsets", true, true, true),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices", false, true, false),
    ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true, true, false),
    ("batch", "v1", "CronJob", "cronjobs", true, true, true),
    ("batch", "v1", "Job", "jobs", true, true, true),
    ("coordination.k8s.io", "v1", "Lease", "leases", true, false, false),
    ("events.k8s.io", "v1", "Event", "events", true, false, false),
    ("networking.k8s.io", "v1", "Ingress", "ingresses", true, true, true),
    ("networking.k8s.io", "v1", "IngressClass", "ingressclasses", false, false, true),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true, false, true),
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true, true, true),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", true, false, false),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true, false, false),
    ("storage.k8s.io", "v1", "CSIDriver", "csidrivers", false, false, false),
];

/// The table of kinds, by group and plural.
#[derive(Clone, Debug)]
pub(super) struct Kinds(BTreeMap<(String, String), Arc<KindInfo>>);

impl Default for Kinds {
    fn default() -> Self {
        let mut kinds = Self(BTreeMap::new());
        for (group, version, kind, plural, namespaced, status, generation) in BUILT_IN {
            kinds.insert(KindInfo {
                group: (*group).to_owned(),
                version: (*version).to_owned(),
                kind: (*kind).to_owned(),
                plural: (*plural).to_owned(),
                namespaced: *namespaced,
                status: *status,
                generation: *generation,
                schema: None,
            });
        }
        kinds
    }
}

impl Kinds {
    fn insert(&mut self, kind: KindInfo) {
        let place = (kind.group.clone(), kind.plural.clone());
        self.0.insert(place, Arc::new(kind));
    }

    /// Serves a custom resource, in its first version.
    pub(super) fn define(&mut self, crd: &CustomResourceDefinition) {
        let spec = &crd.spec;
        let Some(version) = spec.versions.first() else {
            return;
        };
        let subresources = version.subresources.as_ref();
        self.insert(KindInfo {
            group: spec.group.clone(),
            version: version.name.clone(),
            kind: spec.names.kind.clone(),
            plural: spec.names.plural.clone(),
            namespaced: spec.scope == "Namespaced",
            status: subresources.is_some_and(|all| all.status.is_some()),
            generation: true,
            schema: version
                .schema
                .as_ref()
                .and_then(|schema| serde_json::to_value(&schema.open_api_v3_schema).ok())
                .map(Arc::new),
        });
    }

    pub(super) fn find(&self, group: &str, version: &str, plural: &str) -> Option<&Arc<KindInfo>> {
        self.0
            .get(&(group.to_owned(), plural.to_owned()))
            .filter(|kind| kind.version == version)
    }

    pub(super) fn get(&self, group: &str, plural: &str) -> Option<&Arc<KindInfo>> {
        self.0.get(&(group.to_owned(), plural.to_owned()))
    }
}

/// Fills in the defaults of a schema, as the API server does.
pub(super) fn fill_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(properties) = schema["properties"].as_object() {
                for (name, inner) in properties {
                    if let Some(default) = inner.get("default").filter(|default| !default.is_null())
                        && !fields.contains_key(name)
                    {
                        fields.insert(name.clone(), default.clone());
                    }
                    if let Some(field) = fields.get_mut(name) {
                        fill_defaults(field, inner);
                    }
                }
            }
            let others = &schema["additionalProperties"];
            if others.is_object() {
                fields
                    .values_mut()
                    .for_each(|field| fill_defaults(field, others));
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| fill_defaults(item, &schema["items"])),
        _ => {}
    }
}
