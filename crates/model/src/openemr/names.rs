//! Names of an instance's objects, derived from the instance's alone.

use emr_resource::{ids::AccessPointId, names::hash};

use super::workload::Workload;
pub use crate::workload::names::label_value;
use crate::workload::{
    Instance,
    names::{LABEL, SUBDOMAIN, cut, fit},
};

/// What an object is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The workers, and all that goes with them.
    App,
    /// The install Job.
    Install,
    /// The certificate authorities.
    Authorities,
    /// Scripts and Apache's limits.
    Config,
    /// A `NetworkPolicy`, by what it allows.
    Policy(&'static str),
}

impl Part {
    fn suffix(self) -> String {
        match self {
            Self::App => "openemr".into(),
            Self::Install => "openemr-install".into(),
            Self::Authorities => "openemr-authorities".into(),
            Self::Config => "openemr-config".into(),
            Self::Policy(allows) => format!("openemr-{allows}"),
        }
    }
}

/// The name of an object in the instance's namespace: `riverside-openemr-install`.
pub fn object(instance: &Instance, part: Part) -> String {
    fit(instance.name.as_str(), &part.suffix(), LABEL)
}

/// The name of the claim on an access point, or on the whole file system. Another access point means
/// another claim, since a claim's volume can't be changed.
pub fn claim(workload: &Workload, purpose: &str, access_point: Option<&AccessPointId>) -> String {
    let suffix = format!("openemr-{purpose}-{}", volume_hash(workload, access_point));
    fit(workload.instance.name.as_str(), &suffix, LABEL)
}

/// The name of the install Job. One that takes restored data over is told by the file system: an
/// instance may be put back more than once.
pub fn install_job(workload: &Workload) -> String {
    match workload.restored {
        Some(_) => claim(workload, "install", None),
        None => object(&workload.instance, Part::Install),
    }
}

/// The name of the Job that brings restored files into place: one a file system.
pub fn restore_job(workload: &Workload) -> String {
    claim(workload, "restore", None)
}

/// The name of the Job that looks at a restored copy.
pub fn check_job(workload: &Workload) -> String {
    claim(workload, "check", None)
}

/// The name of the Job that puts the settings in place, one for all of them together. Data that was
/// restored brings settings of its own, so a file system more means a Job more.
pub fn settings_job(workload: &Workload) -> String {
    let revision = workload.settings.revision();
    let claimed = claim(workload, "settings", None);
    let told = hash(&[&revision, &claimed]);
    fit(
        workload.instance.name.as_str(),
        &format!("openemr-settings-{told}"),
        LABEL,
    )
}

/// The name of a Job that deals with a database user, by what it does and which rotation it is of.
pub(super) fn user_job(workload: &Workload, purpose: &str, revision: &str) -> String {
    let suffix = format!("openemr-{purpose}-{revision}");
    fit(workload.instance.name.as_str(), &suffix, LABEL)
}

/// The name of the volume behind an access point, unique in the cluster.
pub fn volume(workload: &Workload, purpose: &str, access_point: Option<&AccessPointId>) -> String {
    let instance = &workload.instance;
    let readable = format!("emr-{}-{}", instance.namespace, instance.name);
    let tail = format!("-{purpose}-{}", volume_hash(workload, access_point));
    format!("{}{tail}", cut(&readable, SUBDOMAIN - tail.len()))
}

fn volume_hash(workload: &Workload, access_point: Option<&AccessPointId>) -> String {
    hash(&[
        workload.instance.namespace.as_str(),
        workload.instance.name.as_str(),
        workload.files.file_system.as_str(),
        access_point.map_or("/", AccessPointId::as_str),
    ])
}
