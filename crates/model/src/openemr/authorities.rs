//! Certificate authorities: who signs the certificates of database and cache.

use std::collections::BTreeMap;

use emr_resource::ids::Region;
use k8s_openapi::api::core::v1::ConfigMap;

use super::{labels::Component, meta, names::Part, workload::Workload};

mod bundle;

pub use bundle::AuthoritiesError;

/// The key of the database's authorities.
pub(super) const DATABASE: &str = "mysql-ca";
/// The key of the cache's authorities.
pub(super) const CACHE: &str = "redis-ca";

/// Amazon Trust Services, which signs ElastiCache's certificates in every region.
const AMAZON_ROOTS: &str = include_str!("ca/amazon-roots.pem");

/// Who signs the certificates of database and cache, as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorities {
    /// The region's RDS roots, or the bundle that the platform gives.
    pub database: String,
    /// The roots of Amazon Trust Services.
    pub cache: String,
}

impl Authorities {
    /// Whom to trust in a region: the bundle that the platform gives, else what the operator ships.
    pub fn of(region: &Region, bundle: Option<&str>) -> Result<Self, AuthoritiesError> {
        match bundle {
            Some(text) => Ok(Self {
                database: bundle::checked(text)?,
                cache: AMAZON_ROOTS.to_owned(),
            }),
            None => {
                Self::shipped(region).ok_or_else(|| AuthoritiesError::UnknownRegion(region.clone()))
            }
        }
    }

    /// What the operator ships for a region; `None` where it knows no RDS roots, so that somebody
    /// has to give them. Sources are in `ca/README.md`.
    pub fn shipped(region: &Region) -> Option<Self> {
        rds(region.as_str()).map(|database| Self {
            database: database.to_owned(),
            cache: AMAZON_ROOTS.to_owned(),
        })
    }
}

/// The `ConfigMap` that pods mount.
pub(super) fn config_map(workload: &Workload) -> ConfigMap {
    ConfigMap {
        metadata: meta::owned(workload, Part::Authorities, Component::App),
        data: Some(data(workload)),
        ..Default::default()
    }
}

/// Its content.
pub(super) fn data(workload: &Workload) -> BTreeMap<String, String> {
    BTreeMap::from([
        (DATABASE.into(), workload.authorities.database.clone()),
        (CACHE.into(), workload.authorities.cache.clone()),
    ])
}

/// Defines the table of regions.
macro_rules! rds_roots {
    ($($region:literal),+ $(,)?) => {
        /// The regions whose RDS roots the operator ships.
        #[cfg(test)]
        pub(super) const REGIONS: &[&str] = &[$($region),+];

        fn rds(region: &str) -> Option<&'static str> {
            match region {
                $($region => Some(include_str!(concat!("ca/rds/", $region, ".pem"))),)+
                _ => None,
            }
        }
    };
}

rds_roots! {
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ca-central-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
}
