//! Certificate authorities: who signs the certificates of database and cache.

mod bundle;

use emr_resource::ids::Region;

pub use bundle::AuthoritiesError;

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

/// Defines the table of regions.
macro_rules! rds_roots {
    ($($region:literal),+ $(,)?) => {
        /// The regions whose RDS roots the operator ships.
        #[cfg(test)]
        pub(crate) const REGIONS: &[&str] = &[$($region),+];

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
