//! Labels and metadata of an instance's objects, and the selectors that find its pods.

use std::collections::BTreeMap;

use emr_api::{
    emr_instance::EmrInstance,
    labels::{APP_INSTANCE, APP_NAME, APP_VERSION, COMPONENT, INSTANCE, MANAGED_BY, OPERATOR},
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use kube::Resource;

use super::{
    identity::{Instance, Version},
    names::label_value,
};

/// Whose objects are labelled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// The application, as labels name it.
    pub(crate) application: &'static str,
    /// The instance.
    pub(crate) instance: &'a Instance,
    /// Its version.
    pub(crate) version: &'a Version,
}

impl Subject<'_> {
    /// All labels of an object of a component.
    pub(crate) fn labels(&self, component: &str) -> BTreeMap<String, String> {
        let mut labels = self.of_component(component);
        labels.insert(APP_VERSION.into(), self.version.to_string());
        labels.insert(MANAGED_BY.into(), OPERATOR.into());
        labels
    }

    /// Finds the pods of one component.
    pub(crate) fn select(&self, component: &str) -> LabelSelector {
        LabelSelector {
            match_labels: Some(self.of_component(component)),
            ..Default::default()
        }
    }

    /// Finds every pod of the instance.
    pub(crate) fn select_instance(&self) -> LabelSelector {
        LabelSelector {
            match_labels: Some(self.of_instance()),
            ..Default::default()
        }
    }

    /// The labels by which the pods of one component are found. They never change: a Deployment's
    /// selector can't.
    pub(crate) fn of_component(&self, component: &str) -> BTreeMap<String, String> {
        let mut labels = self.of_instance();
        labels.insert(COMPONENT.into(), component.into());
        labels
    }

    fn of_instance(&self) -> BTreeMap<String, String> {
        let instance = label_value(self.instance.name.as_str());
        BTreeMap::from([
            (APP_NAME.into(), self.application.into()),
            (APP_INSTANCE.into(), instance.clone()),
            (INSTANCE.into(), instance),
        ])
    }

    /// Metadata of an object that goes with the instance: stateless, so owned.
    pub(crate) fn owned(&self, name: String, component: &str) -> ObjectMeta {
        ObjectMeta {
            owner_references: Some(vec![self.owner()]),
            ..self.unowned(name, component)
        }
    }

    /// Metadata of an object that must not go by itself.
    pub(crate) fn unowned(&self, name: String, component: &str) -> ObjectMeta {
        ObjectMeta {
            name: Some(name),
            namespace: Some(self.instance.namespace.to_string()),
            labels: Some(self.labels(component)),
            ..Default::default()
        }
    }

    fn owner(&self) -> OwnerReference {
        OwnerReference {
            api_version: EmrInstance::api_version(&()).into_owned(),
            kind: EmrInstance::kind(&()).into_owned(),
            name: self.instance.name.to_string(),
            uid: self.instance.uid.to_string(),
            controller: Some(true),
            block_owner_deletion: Some(true),
        }
    }
}
