//! Which application an instance runs, with what its profile fills in.
//!
//! What is the same for every application asks the instance; what differs asks this value, once, at the
//! place where it differs.

use emr_api::{
    emr_instance::{EmrInstanceSpec, OpenEmr},
    managed_database::{AuroraMysql, Capacity, engine_version},
};

use emr_resource::secret;

use super::{InstanceError, stack};
use crate::profile::Sizes;

/// The application of an instance.
#[derive(Clone, Debug)]
pub enum Application {
    /// OpenEMR: Aurora MySQL, a serverless cache for its sessions, files that pods share.
    OpenEmr(Box<OpenEmrPlan>),
}

/// OpenEMR and its database.
#[derive(Clone, Debug)]
pub struct OpenEmrPlan {
    /// As the spec has it.
    pub openemr: OpenEmr,
    /// The database, with the profile's numbers filled in.
    pub mysql: AuroraMysql,
}

/// A user of an application and its secret.
pub(super) struct Login {
    /// What it is for.
    pub(super) purpose: &'static str,
    /// What the secret's name in AWS ends in.
    pub(super) name: &'static str,
    /// The user's name.
    pub(super) username: &'static str,
    /// What the secret holds.
    pub(super) content: secret::Content,
    /// What people read of it in AWS.
    pub(super) description: &'static str,
}

impl Application {
    /// The application that a spec names.
    pub(super) fn of(spec: &EmrInstanceSpec, sizes: &Sizes) -> Result<Self, InstanceError> {
        let openemr = spec.openemr.clone().ok_or(InstanceError::NoApplication)?;
        let managed = &spec.database.managed;
        let mysql = AuroraMysql {
            engine_version: managed
                .engine_version
                .clone()
                .unwrap_or_else(engine_version),
            capacity: managed.capacity.unwrap_or(Capacity { ..sizes.capacity }),
            readers: managed.readers.unwrap_or(sizes.readers),
            parameters: managed.parameters.clone(),
        };
        Ok(Self::OpenEmr(Box::new(OpenEmrPlan { openemr, mysql })))
    }

    /// What it signs in with, made before anything is installed.
    pub(super) const fn logins(&self) -> &'static [Login] {
        match self {
            Self::OpenEmr(_) => &[
                Login {
                    purpose: stack::APP,
                    // The first of two users (safety.md 8).
                    name: "app-a",
                    username: "openemr_a",
                    content: secret::Content::Password,
                    description: "Database user",
                },
                Login {
                    purpose: stack::ADMIN,
                    name: "admin",
                    username: "admin",
                    content: secret::Content::Password,
                    description: "First administrator",
                },
            ],
        }
    }

    /// The version that is asked for.
    pub fn version(&self) -> &str {
        match self {
            Self::OpenEmr(plan) => &plan.openemr.version,
        }
    }

    /// The field that names it, as messages call it.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::OpenEmr(_) => "spec.openemr",
        }
    }
}
