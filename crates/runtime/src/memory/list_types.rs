//! How lists and maps are merged, as the schemas of Kubernetes say.

use serde_json::Value;

use super::kinds::KindInfo;

/// How a list is merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ListType {
    Atomic,
    Set,
    Map(Vec<String>),
}

/// How the list at `path` is merged: by a custom resource's schema, or by what is known of
/// Kubernetes' own types.
pub(super) fn list_type(kind: &KindInfo, path: &[String], items: &[Value]) -> ListType {
    let metadata = path.first().is_some_and(|first| first == "f:metadata");
    if let (false, Some(schema)) = (metadata, &kind.schema) {
        return from_schema(schema, path);
    }
    let field = path
        .last()
        .and_then(|last| last.strip_prefix("f:"))
        .unwrap_or_default();
    let keys: &[&str] = match field {
        "finalizers" if metadata => return ListType::Set,
        "ownerReferences" if metadata => &["uid"],
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets"
        | "secrets" => &["name"],
        "conditions" => &["type"],
        "volumeMounts" => &["mountPath"],
        "volumeDevices" => &["devicePath"],
        "hostAliases" => &["ip"],
        "topologySpreadConstraints" => &["topologyKey", "whenUnsatisfiable"],
        "ports" if items.iter().any(|item| item.get("containerPort").is_some()) => {
            &["containerPort", "protocol"]
        }
        "ports" if kind.kind == "Service" => &["port", "protocol"],
        _ => return ListType::Atomic,
    };
    ListType::Map(keys.iter().map(|key| (*key).to_owned()).collect())
}

fn from_schema(schema: &Value, path: &[String]) -> ListType {
    let mut place = schema;
    for segment in path {
        place = match segment.strip_prefix("f:") {
            Some(name) if place["properties"].get(name).is_some() => &place["properties"][name],
            Some(_) => &place["additionalProperties"],
            None => &place["items"],
        };
    }
    match place["x-kubernetes-list-type"].as_str() {
        Some("set") => ListType::Set,
        Some("map") => ListType::Map(
            place["x-kubernetes-list-map-keys"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|key| key.as_str().map(str::to_owned))
                .collect(),
        ),
        _ => ListType::Atomic,
    }
}

/// Maps that are replaced at once.
pub(super) fn is_atomic_map(kind: &KindInfo, path: &[String]) -> bool {
    kind.schema.is_none()
        && path.last().is_some_and(|last| {
            matches!(
                last.as_str(),
                "f:selector"
                    | "f:matchLabels"
                    | "f:labelSelector"
                    | "f:podSelector"
                    | "f:namespaceSelector"
                    | "f:nodeSelector"
                    | "f:fieldRef"
                    | "f:secretKeyRef"
                    | "f:configMapKeyRef"
            )
        })
}
