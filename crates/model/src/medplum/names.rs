//! Names and labels of an instance's objects.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{
    LabelSelector, LabelSelectorRequirement, ObjectMeta,
};

use emr_resource::names::hash;

use super::Workload;
use crate::workload::{
    Hostname, Instance,
    names::{LABEL, fit},
    subject::Subject,
};

/// The application, as labels name it.
const MEDPLUM: &str = "medplum";

/// What an object is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The API server, the account that it and the workers run under, the Ingress.
    Api,
    /// The web app, and the account that it runs under.
    Web,
    /// The worker pool.
    Workers,
    /// The Secret with the server's configuration files.
    Config,
    /// The Job that makes the database, and what it reads.
    Database,
    /// A `NetworkPolicy`, by what it allows.
    Policy(&'static str),
}

impl Part {
    fn suffix(self) -> String {
        match self {
            Self::Api => "medplum".into(),
            Self::Web => "medplum-web".into(),
            Self::Workers => "medplum-workers".into(),
            Self::Config => "medplum-config".into(),
            Self::Database => "medplum-database".into(),
            Self::Policy(allows) => format!("medplum-{allows}"),
        }
    }
}

/// The name of an object in the instance's namespace: `riverside-medplum-web`.
pub fn object(instance: &Instance, part: Part) -> String {
    fit(instance.name.as_str(), &part.suffix(), LABEL)
}

/// The name of the Job that makes the database. One that takes a restored database over is told by where that
/// is: an instance may be put back more than once.
pub(super) fn database_job(workload: &Workload) -> String {
    let instance = &workload.instance;
    match workload.restored {
        Some(_) => {
            let told = hash(&[&workload.database.host]);
            let suffix = format!("{}-{told}", Part::Database.suffix());
            fit(instance.name.as_str(), &suffix, LABEL)
        }
        None => object(instance, Part::Database),
    }
}

/// The API's name where the spec gives none: `riverside-api.example.org`, which stands beside
/// `riverside.example.org` so that the same wildcard certificate and zone cover it. Where there is no room
/// for it in the label, `api.` in front.
pub fn default_api_hostname(hostname: &str) -> Hostname {
    match hostname.split_once('.') {
        Some((label, rest)) if label.len() + "-api".len() <= LABEL => {
            Hostname::new(format!("{label}-api.{rest}"))
        }
        _ => Hostname::new(format!("api.{hostname}")),
    }
}

/// What part of an instance an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Component {
    /// The API server.
    App,
    /// The web app.
    Web,
    /// The worker pool.
    Workers,
    /// The Job that makes the database.
    Database,
    /// Policies of the network.
    Network,
}

impl Component {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Web => "web",
            Self::Workers => "workers",
            Self::Database => "database",
            Self::Network => "network",
        }
    }

    pub(super) const fn of(part: Part) -> Self {
        match part {
            Part::Api | Part::Config => Self::App,
            Part::Web => Self::Web,
            Part::Workers => Self::Workers,
            Part::Database => Self::Database,
            Part::Policy(_) => Self::Network,
        }
    }
}

/// Whose objects these are.
pub(super) fn subject(workload: &Workload) -> Subject<'_> {
    Subject {
        application: MEDPLUM,
        instance: &workload.instance,
        version: &workload.version,
    }
}

/// Metadata of an object that goes with the instance.
pub(super) fn owned(workload: &Workload, part: Part, component: Component) -> ObjectMeta {
    subject(workload).owned(object(&workload.instance, part), component.as_str())
}

/// Finds the pods of one component.
pub(super) fn select(workload: &Workload, component: Component) -> LabelSelector {
    subject(workload).select(component.as_str())
}

/// Finds the pods that run the server: API and workers. The web app's hand out files and need nothing.
pub(super) fn select_servers(workload: &Workload) -> LabelSelector {
    select_any(workload, &[Component::App, Component::Workers])
}

/// Finds the pods that talk to the database.
pub(super) fn select_database_clients(workload: &Workload) -> LabelSelector {
    let clients = [Component::App, Component::Workers, Component::Database];
    select_any(workload, &clients)
}

fn select_any(workload: &Workload, components: &[Component]) -> LabelSelector {
    LabelSelector {
        match_expressions: Some(vec![LabelSelectorRequirement {
            key: emr_api::labels::COMPONENT.into(),
            operator: "In".into(),
            values: Some(components.iter().map(|of| of.as_str().to_owned()).collect()),
        }]),
        ..subject(workload).select_instance()
    }
}
