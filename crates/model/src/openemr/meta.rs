//! Metadata of an instance's objects.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{
    labels::{self, Component},
    names::{self, Part},
    workload::Workload,
};

/// Metadata of an object that goes with the instance: stateless, so owned.
pub(super) fn owned(workload: &Workload, part: Part, component: Component) -> ObjectMeta {
    owned_as(workload, names::object(&workload.instance, part), component)
}

/// The same under a name that more than the instance decides.
pub(super) fn owned_as(workload: &Workload, name: String, component: Component) -> ObjectMeta {
    labels::subject(workload).owned(name, component.as_str())
}

/// Metadata of an object that must not go by itself.
pub(super) fn unowned(workload: &Workload, name: String, component: Component) -> ObjectMeta {
    labels::subject(workload).unowned(name, component.as_str())
}
