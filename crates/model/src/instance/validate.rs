//! From a spec to values that need no further checks. What the API server's rules can't see is
//! refused here, with the field, the reason and the remedy.

use emr_api::EmrInstance;
use ipnet::IpNet;
use kube::ResourceExt;

use super::application::Application;
use crate::{
    profile::{Sizes, sizes},
    schedule::{Schedule, ScheduleError},
};

/// An instance whose contradictions have been refused.
#[derive(Clone, Debug)]
pub struct Validated {
    /// The application, and what is its own.
    pub application: Application,
    /// The profile's numbers.
    pub sizes: Sizes,
    /// Days of point-in-time recovery.
    pub backup_retention_days: u32,
    /// Least and most pods that were asked for.
    pub replicas: (i32, i32),
    /// Who is let in.
    pub allowed: Vec<IpNet>,
    /// When sets are taken by themselves.
    pub sets: Option<Schedule>,
    /// When drills are held by themselves.
    pub drills: Option<Schedule>,
}

/// Why an instance can't be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstanceError {
    /// The CEL rule that demands an application was not enforced.
    #[error(
        "exactly one of spec.openemr and spec.medplum is required: it names the application and its version"
    )]
    NoApplication,
    /// A field that means nothing to this application.
    #[error("{field} means nothing to {application}: {instead}")]
    NotOfApplication {
        /// The field.
        field: &'static str,
        /// The application.
        application: &'static str,
        /// What there is for it.
        instead: &'static str,
    },
    /// Settings that the server can't be given this way.
    #[error("spec.medplum.config.{0}")]
    Config(String),
    /// An override contradicts the profile.
    #[error(
        "spec.scaling: at least {min} and at most {max} pods contradict each other; the profile \
         fills in what is omitted, so set minReplicas and maxReplicas together"
    )]
    Replicas {
        /// Least.
        min: i32,
        /// Most.
        max: i32,
    },
    /// Not an address range.
    #[error("spec.access.allowedCidrs: {0} is not an address range such as 198.51.100.0/24")]
    NotACidr(String),
    /// Not a schedule.
    #[error("spec.backup.{field}.schedule: {why}")]
    Schedule {
        /// Which.
        field: &'static str,
        /// Why.
        why: ScheduleError,
    },
    /// Another instance has the host name.
    #[error(
        "spec.hostname {hostname} is taken by EmrInstance {by}, which is older: choose another \
         name, or delete that instance"
    )]
    HostnameTaken {
        /// The name.
        hostname: String,
        /// The other instance.
        by: String,
    },
}

impl InstanceError {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoApplication
            | Self::NotOfApplication { .. }
            | Self::Config(_)
            | Self::Replicas { .. }
            | Self::NotACidr(_)
            | Self::Schedule { .. } => "InvalidSpec",
            Self::HostnameTaken { .. } => "HostnameTaken",
        }
    }
}

/// Checks an instance against itself and its neighbours.
pub fn validate<'a>(
    instance: &EmrInstance,
    neighbours: impl IntoIterator<Item = &'a EmrInstance>,
) -> Result<Validated, InstanceError> {
    let spec = &instance.spec;
    let sizes = sizes(spec.profile);
    let application = Application::of(instance, &sizes)?;
    let (least, most) = application.usual_replicas(&sizes);
    let min = spec.scaling.min_replicas.unwrap_or(least);
    let max = spec.scaling.max_replicas.unwrap_or_else(|| most.max(min));
    if min > max {
        return Err(InstanceError::Replicas { min, max });
    }
    let allowed = spec
        .access
        .allowed_cidrs
        .iter()
        .map(|cidr| {
            cidr.parse()
                .map_err(|_| InstanceError::NotACidr(cidr.clone()))
        })
        .collect::<Result<Vec<IpNet>, _>>()?;
    if let Some(older) = neighbours
        .into_iter()
        .filter(|other| takes_hostname(other, instance))
        .min_by_key(|o| age(o))
    {
        return Err(InstanceError::HostnameTaken {
            hostname: spec.hostname.clone(),
            by: format!(
                "{}/{}",
                older.namespace().unwrap_or_default(),
                older.name_any()
            ),
        });
    }
    let schedule = |field, text: Option<&str>| {
        let parsed = text.map(Schedule::parse).transpose();
        parsed.map_err(|why| InstanceError::Schedule { field, why })
    };
    let backup = &spec.backup;
    let sets = backup.sets.as_ref().map(|sets| &*sets.schedule);
    let drills = backup.drills.as_ref().map(|drills| &*drills.schedule);
    let (sets, drills) = (schedule("sets", sets)?, schedule("drills", drills)?);
    let managed = &spec.database.managed;
    Ok(Validated {
        backup_retention_days: managed
            .backup_retention_days
            .unwrap_or(sizes.backup_retention_days),
        replicas: (min, max),
        application,
        sizes,
        allowed,
        sets,
        drills,
    })
}

/// The older of two instances keeps a name; equal ages are told apart by UID.
fn takes_hostname(other: &EmrInstance, this: &EmrInstance) -> bool {
    other.spec.hostname == this.spec.hostname
        && other.metadata.uid != this.metadata.uid
        && other.metadata.deletion_timestamp.is_none()
        && age(other) < age(this)
}

fn age(instance: &EmrInstance) -> (Option<k8s_openapi::jiff::Timestamp>, Option<String>) {
    let created = instance
        .metadata
        .creation_timestamp
        .as_ref()
        .map(|time| time.0);
    (created, instance.metadata.uid.clone())
}
