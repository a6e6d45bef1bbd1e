//! Which application an instance runs, with what its profile fills in.
//!
//! What is the same for every application asks the instance; what differs asks this value, once, at the
//! place where it differs.

mod medplum;
mod openemr;

use emr_api::EmrInstance;
use emr_resource::secret;

pub use medplum::{MedplumPlan, Postgres};
pub use openemr::OpenEmrPlan;

use super::InstanceError;
use crate::profile::Sizes;

/// The application of an instance.
#[derive(Clone, Debug)]
pub enum Application {
    /// OpenEMR: Aurora MySQL, a serverless cache for its sessions, files that pods share.
    OpenEmr(Box<OpenEmrPlan>),
    /// Medplum: PostgreSQL, a cache that holds its job queue, a bucket.
    Medplum(Box<MedplumPlan>),
}

/// A user of an application, or its key, and the secret that holds it.
pub(super) struct Login {
    /// What it is for.
    pub(super) purpose: &'static str,
    /// What the secret's name in AWS ends in.
    pub(super) name: &'static str,
    /// The user's name.
    pub(super) username: String,
    /// What the secret holds.
    pub(super) content: secret::Content,
    /// What people read of it in AWS.
    pub(super) description: &'static str,
}

impl Application {
    /// The application that a spec names.
    pub(super) fn of(instance: &EmrInstance, sizes: &Sizes) -> Result<Self, InstanceError> {
        let spec = &instance.spec;
        match (&spec.openemr, &spec.medplum) {
            (Some(openemr), None) => {
                let plan = openemr::plan(spec, openemr, sizes)?;
                Ok(Self::OpenEmr(Box::new(plan)))
            }
            (None, Some(medplum)) => {
                let plan = medplum::plan(spec, medplum)?;
                Ok(Self::Medplum(Box::new(plan)))
            }
            _ => Err(InstanceError::NoApplication),
        }
    }

    /// What it signs in with, made before anything is installed.
    pub(super) fn logins(&self) -> Vec<Login> {
        match self {
            Self::OpenEmr(_) => openemr::logins(),
            Self::Medplum(plan) => medplum::logins(plan),
        }
    }

    /// Least and most pods, where the spec says nothing.
    pub(super) fn usual_replicas(&self, sizes: &Sizes) -> (i32, i32) {
        match self {
            Self::OpenEmr(_) => (sizes.min_replicas, sizes.max_replicas),
            Self::Medplum(plan) => (plan.sizes.min_replicas, plan.sizes.max_replicas),
        }
    }

    /// The version that is asked for.
    pub fn version(&self) -> &str {
        match self {
            Self::OpenEmr(plan) => &plan.openemr.version,
            Self::Medplum(plan) => &plan.medplum.version,
        }
    }

    /// The field that names it, as messages call it.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::OpenEmr(_) => "spec.openemr",
            Self::Medplum(_) => "spec.medplum",
        }
    }

    /// How people call it.
    pub const fn in_words(&self) -> &'static str {
        match self {
            Self::OpenEmr(_) => "OpenEMR",
            Self::Medplum(_) => "Medplum",
        }
    }
}

/// Refuses a field that means nothing to this application.
fn refuse_foreign(
    application: &'static str,
    fields: &[(&'static str, bool)],
    instead: &'static str,
) -> Result<(), InstanceError> {
    match fields.iter().find(|(_, given)| *given) {
        Some((field, _)) => Err(InstanceError::NotOfApplication {
            field,
            application,
            instead,
        }),
        None => Ok(()),
    }
}
