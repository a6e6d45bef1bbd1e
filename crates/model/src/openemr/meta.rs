//! Metadata of an instance's objects.

use emr_api::emr_instance::EmrInstance;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::Resource;

use super::{
    labels::{self, Component},
    names::{self, Part},
    workload::{Instance, Workload},
};

/// Metadata of an object that goes with the instance: stateless, so owned.
pub(super) fn owned(workload: &Workload, part: Part, component: Component) -> ObjectMeta {
    owned_as(workload, names::object(&workload.instance, part), component)
}

/// The same under a name that more than the instance decides.
pub(super) fn owned_as(workload: &Workload, name: String, component: Component) -> ObjectMeta {
    ObjectMeta {
        owner_references: Some(vec![owner(&workload.instance)]),
        ..unowned(workload, name, component)
    }
}

/// Metadata of an object that must not go by itself.
pub(super) fn unowned(workload: &Workload, name: String, component: Component) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(workload.instance.namespace.to_string()),
        labels: Some(labels::all(workload, component)),
        ..Default::default()
    }
}

fn owner(instance: &Instance) -> OwnerReference {
    OwnerReference {
        api_version: EmrInstance::api_version(&()).into_owned(),
        kind: EmrInstance::kind(&()).into_owned(),
        name: instance.name.to_string(),
        uid: instance.uid.to_string(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}
