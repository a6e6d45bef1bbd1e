//! The kinds that the tree shows, and how.

use kube::api::{ApiResource, DynamicObject};

use super::{states, tree::Node};

/// A kind of objects.
pub(super) struct Kind {
    group: &'static str,
    version: &'static str,
    pub(super) name: &'static str,
    plural: &'static str,
    pub(super) show: Show,
}

/// How objects of a kind are shown.
#[derive(Clone, Copy)]
pub(super) enum Show {
    /// Each with what it says of itself.
    Each(fn(&str, &DynamicObject) -> Node),
    /// By their number: they are in force as soon as they are stored.
    Number,
}

const fn kind(
    group: &'static str,
    version: &'static str,
    name: &'static str,
    plural: &'static str,
    show: Show,
) -> Kind {
    Kind {
        group,
        version,
        name,
        plural,
        show,
    }
}

const fn ours(name: &'static str, plural: &'static str) -> Kind {
    kind("emrstack.dev", "v1alpha1", name, plural, Show::Number)
}

pub(super) const PLATFORM: Kind = ours("EmrPlatform", "emrplatforms");
pub(super) const INSTANCE: Kind = ours("EmrInstance", "emrinstances");

/// The project's kinds that an instance is made of.
pub(super) const CHILDREN: [Kind; 3] = [
    ours("ManagedDatabase", "manageddatabases"),
    ours("CacheCluster", "cacheclusters"),
    ours("SharedFileSystem", "sharedfilesystems"),
];

pub(super) const NODE: Kind = kind("", "v1", "Node", "nodes", Show::Number);
pub(super) const POD: Kind = kind("", "v1", "Pod", "pods", Show::Number);

/// Kubernetes' own kinds that an instance is made of, in the order in which they matter.
#[rustfmt::skip]
pub(super) const OBJECTS: [Kind; 9] = [
    kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Show::Each(states::claim)),
    kind("batch", "v1", "Job", "jobs", Show::Each(states::job)),
    kind("apps", "v1", "Deployment", "deployments", Show::Each(states::deployment)),
    kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Show::Each(states::autoscaler)),
    kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Show::Each(states::budget)),
    kind("", "v1", "Service", "services", Show::Each(states::stored)),
    kind("", "v1", "ServiceAccount", "serviceaccounts", Show::Each(states::stored)),
    kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", Show::Number),
    kind("networking.k8s.io", "v1", "Ingress", "ingresses", Show::Each(states::ingress)),
];

impl Kind {
    /// As a client asks for it.
    pub(super) fn resource(&self) -> ApiResource {
        let of_group = |name: &str| match self.group {
            "" => name.to_owned(),
            group => format!("{group}/{name}"),
        };
        ApiResource {
            group: self.group.to_owned(),
            version: self.version.to_owned(),
            api_version: of_group(self.version),
            kind: self.name.to_owned(),
            plural: self.plural.to_owned(),
        }
    }
}
