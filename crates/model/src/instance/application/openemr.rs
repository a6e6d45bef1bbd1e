//! OpenEMR, with what its profile fills in.

use emr_api::{
    emr_instance::{EmrInstanceSpec, OpenEmr},
    managed_database::{AuroraMysql, Capacity, engine_version},
};
use emr_resource::secret::Content;

use super::{super::stack, Login, refuse_foreign};
use crate::{instance::InstanceError, profile::Sizes};

/// OpenEMR and its database.
#[derive(Clone, Debug)]
pub struct OpenEmrPlan {
    /// As the spec has it.
    pub openemr: OpenEmr,
    /// The database, with the profile's numbers filled in.
    pub mysql: AuroraMysql,
}

pub(super) fn plan(
    spec: &EmrInstanceSpec,
    openemr: &OpenEmr,
    sizes: &Sizes,
) -> Result<OpenEmrPlan, InstanceError> {
    let (database, cache) = (&spec.database.managed, &spec.cache.managed);
    let version = database.engine_version.as_deref();
    refuse_foreign(
        "OpenEMR",
        &[
            (
                "spec.database.managed.instanceClass",
                database.instance_class.is_some(),
            ),
            ("spec.database.managed.storage", database.storage.is_some()),
            ("spec.database.managed.multiAz", database.multi_az.is_some()),
            (
                "spec.database.managed.engineVersion",
                version.is_some_and(|version| !version.contains("mysql")),
            ),
            ("spec.cache.managed.nodeType", cache.node_type.is_some()),
            ("spec.cache.managed.replicas", cache.replicas.is_some()),
        ],
        "its database is Aurora MySQL, sized by capacity and readers, and its cache is serverless, sized by \
         maxDataGb and maxEcpu",
    )?;
    Ok(OpenEmrPlan {
        mysql: AuroraMysql {
            engine_version: version.map_or_else(engine_version, str::to_owned),
            capacity: database.capacity.unwrap_or(Capacity { ..sizes.capacity }),
            readers: database.readers.unwrap_or(sizes.readers),
            parameters: database.parameters.clone(),
        },
        openemr: openemr.clone(),
    })
}

pub(super) fn logins() -> Vec<Login> {
    vec![
        Login {
            purpose: stack::APP,
            // The first of two users (safety.md 8).
            name: "app-a",
            username: "openemr_a".into(),
            content: Content::Password,
            description: "Database user",
        },
        Login {
            purpose: stack::ADMIN,
            name: "admin",
            username: "admin".into(),
            content: Content::Password,
            description: "First administrator",
        },
    ]
}
