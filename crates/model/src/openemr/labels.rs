//! Labels of an instance's objects, and the selectors that find its pods.

use std::collections::BTreeMap;

use emr_api::labels::{
    APP_INSTANCE, APP_NAME, APP_VERSION, COMPONENT, INSTANCE, MANAGED_BY, OPERATOR,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{names, workload::Workload};

/// The application, as labels name it.
const OPENEMR: &str = "openemr";

/// What part of an instance an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Component {
    /// The workers.
    App,
    /// The install Job.
    Install,
    /// The restore Job.
    Restore,
    /// The check Job.
    Check,
    /// The settings Job.
    Settings,
    /// Volumes and claims.
    Files,
    /// Policies of the network.
    Network,
}

impl Component {
    const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Install => "install",
            Self::Restore => "restore",
            Self::Check => "check",
            Self::Settings => "settings",
            Self::Files => "files",
            Self::Network => "network",
        }
    }
}

/// All labels of an object.
pub(super) fn all(workload: &Workload, component: Component) -> BTreeMap<String, String> {
    let mut labels = of_component(workload, component);
    labels.insert(APP_VERSION.into(), workload.version.to_string());
    labels.insert(MANAGED_BY.into(), OPERATOR.into());
    labels
}

/// Finds the pods of one component.
pub(super) fn select(workload: &Workload, component: Component) -> LabelSelector {
    LabelSelector {
        match_labels: Some(of_component(workload, component)),
        ..Default::default()
    }
}

/// Finds every pod of the instance.
pub(super) fn select_instance(workload: &Workload) -> LabelSelector {
    LabelSelector {
        match_labels: Some(of_instance(workload)),
        ..Default::default()
    }
}

/// The labels by which the pods of one component are found. They never change: a Deployment's
/// selector can't.
pub(super) fn of_component(workload: &Workload, component: Component) -> BTreeMap<String, String> {
    let mut labels = of_instance(workload);
    labels.insert(COMPONENT.into(), component.as_str().into());
    labels
}

fn of_instance(workload: &Workload) -> BTreeMap<String, String> {
    let instance = names::label_value(workload.instance.name.as_str());
    BTreeMap::from([
        (APP_NAME.into(), OPENEMR.into()),
        (APP_INSTANCE.into(), instance.clone()),
        (INSTANCE.into(), instance),
    ])
}
