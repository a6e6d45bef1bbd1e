//! Medplum, with what its profile fills in.

use std::collections::BTreeMap;

use emr_api::{
    emr_instance::{EmrInstanceSpec, Medplum},
    managed_database::{
        AuroraPostgresql, RdsPostgres, RdsStorage, postgresql_version, rds_postgres_version,
    },
};
use emr_resource::secret::Content;

use super::{super::stack, Login, refuse_foreign};
use crate::{
    instance::InstanceError,
    medplum::{config, default_api_hostname},
    profile::{MedplumSizes, medplum_sizes},
    workload::Hostname,
};

/// What the server expects of its database beyond the operator's own parameters: no statement runs for
/// ever, and what a transaction reads does not change under it. Source: Medplum's own stack for AWS,
/// `packages/cdk/src/backend.ts`.
const PARAMETERS: [(&str, &str); 2] = [
    ("statement_timeout", "60000"),
    ("default_transaction_isolation", "repeatable read"),
];

/// Medplum and its database.
#[derive(Clone, Debug)]
pub struct MedplumPlan {
    /// As the spec has it.
    pub medplum: Medplum,
    /// The public name of the API.
    pub api_hostname: Hostname,
    /// The database, with the profile's numbers filled in.
    pub database: Postgres,
    /// The profile's numbers.
    pub sizes: MedplumSizes,
}

/// Where Medplum keeps its records.
#[derive(Clone, Debug)]
pub enum Postgres {
    /// Instances of a class that is chosen.
    Rds(Box<RdsPostgres>),
    /// A capacity that follows the load.
    Aurora(Box<AuroraPostgresql>),
}

pub(super) fn plan(
    spec: &EmrInstanceSpec,
    medplum: &Medplum,
) -> Result<MedplumPlan, InstanceError> {
    let (database, cache) = (&spec.database.managed, &spec.cache.managed);
    let version = database.engine_version.as_deref();
    refuse_foreign(
        "Medplum",
        &[
            (
                "spec.database.managed.engineVersion",
                version.is_some_and(|version| version.contains("mysql")),
            ),
            ("spec.backup.drills", spec.backup.drills.is_some()),
            ("spec.cache.managed.maxDataGb", cache.max_data_gb.is_some()),
            ("spec.cache.managed.maxEcpu", cache.max_ecpu.is_some()),
            (
                "spec.files.managed.lifecycle",
                spec.files.managed.lifecycle.is_some(),
            ),
        ],
        "its database is PostgreSQL with backups of its own, its cache has nodes, sized by nodeType and \
         replicas, and its files are in a bucket that keeps every version",
    )?;
    config::check(&medplum.config).map_err(|error| InstanceError::Config(error.to_string()))?;
    let sizes = medplum_sizes(spec.profile);
    let mut parameters: BTreeMap<String, String> = PARAMETERS
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    parameters.extend(database.parameters.clone());
    let database = match database.capacity {
        Some(capacity) => Postgres::Aurora(Box::new(AuroraPostgresql {
            engine_version: version.map_or_else(postgresql_version, str::to_owned),
            capacity,
            readers: database.readers.unwrap_or_default(),
            parameters,
        })),
        None => Postgres::Rds(Box::new(RdsPostgres {
            engine_version: version.map_or_else(rds_postgres_version, str::to_owned),
            instance_class: database
                .instance_class
                .clone()
                .unwrap_or_else(|| sizes.instance_class.to_owned()),
            multi_az: database.multi_az.unwrap_or(sizes.multi_az),
            storage: database.storage.clone().unwrap_or_else(|| RdsStorage {
                allocated_gb: sizes.allocated_gb,
                ..RdsStorage::default()
            }),
            read_replicas: database.readers.unwrap_or_default().min(5),
            parameters,
        })),
    };
    let api = medplum.api_hostname.as_deref();
    Ok(MedplumPlan {
        api_hostname: api.map_or_else(|| default_api_hostname(&spec.hostname), Hostname::new),
        medplum: medplum.clone(),
        database,
        sizes,
    })
}

pub(super) fn logins(plan: &MedplumPlan) -> Vec<Login> {
    vec![
        Login {
            purpose: stack::APP,
            // The first of two users that share one role (safety.md 8).
            name: "app-a",
            username: "medplum_a".into(),
            content: Content::Password,
            description: "Database user",
        },
        Login {
            purpose: stack::ADMIN,
            name: "admin",
            username: format!("admin@{}", plan.api_hostname),
            content: Content::Password,
            description: "First super administrator",
        },
        Login {
            purpose: stack::SIGNING_KEY,
            name: "signing-key",
            username: "emr-operator".into(),
            content: Content::SigningKey,
            description: "Key that signs links to documents",
        },
    ]
}
