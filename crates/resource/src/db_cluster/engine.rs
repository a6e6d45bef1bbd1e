//! The engines of Aurora, and what AWS ties to each.

use std::fmt;

/// An engine of Aurora.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// MySQL 8.0 compatible.
    AuroraMysql,
    /// PostgreSQL compatible.
    AuroraPostgresql,
}

impl Engine {
    /// As AWS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuroraMysql => "aurora-mysql",
            Self::AuroraPostgresql => "aurora-postgresql",
        }
    }

    /// The port that clients expect.
    pub const fn port(self) -> u16 {
        match self {
            Self::AuroraMysql => 3306,
            Self::AuroraPostgresql => 5432,
        }
    }

    /// The family of parameter groups for a version: `aurora-mysql8.0`, `aurora-postgresql16`.
    /// Source: RDS API reference, `DescribeDBEngineVersions`.
    pub fn family(self, version: &str) -> String {
        match self {
            Self::AuroraMysql => "aurora-mysql8.0".to_owned(),
            Self::AuroraPostgresql => {
                let major = version.split('.').next().unwrap_or(version);
                format!("aurora-postgresql{major}")
            }
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
