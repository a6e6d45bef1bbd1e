//! Labels of an instance's objects, and the selectors that find its pods.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::workload::Workload;
use crate::workload::subject::Subject;

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
    /// The Jobs that replace the database user.
    User,
    /// The Job that brings the data to a release.
    Upgrade,
    /// Volumes and claims.
    Files,
    /// Policies of the network.
    Network,
}

impl Component {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Install => "install",
            Self::Restore => "restore",
            Self::Check => "check",
            Self::Settings => "settings",
            Self::User => "user",
            Self::Upgrade => "upgrade",
            Self::Files => "files",
            Self::Network => "network",
        }
    }
}

/// Whose objects these are.
pub(super) fn subject(workload: &Workload) -> Subject<'_> {
    Subject {
        application: OPENEMR,
        instance: &workload.instance,
        version: &workload.version,
    }
}

/// All labels of an object.
pub(super) fn all(workload: &Workload, component: Component) -> BTreeMap<String, String> {
    subject(workload).labels(component.as_str())
}

/// Finds the pods of one component.
pub(super) fn select(workload: &Workload, component: Component) -> LabelSelector {
    subject(workload).select(component.as_str())
}

/// Finds every pod of the instance.
pub(super) fn select_instance(workload: &Workload) -> LabelSelector {
    subject(workload).select_instance()
}

/// The labels by which the pods of one component are found.
pub(super) fn of_component(workload: &Workload, component: Component) -> BTreeMap<String, String> {
    subject(workload).of_component(component.as_str())
}
