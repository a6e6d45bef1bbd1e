//! What a cluster may be made from, in place of an empty one.

use jiff::Timestamp;

use crate::ids::{Arn, DbClusterId};

/// What a cluster is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A DB cluster snapshot, by ARN.
    Snapshot(Arn),
    /// What a cluster held at a time, or lately.
    PointInTime {
        /// A cluster that is there.
        of: Origin,
        /// The time; the latest that can be restored when absent.
        at: Option<Timestamp>,
    },
}

/// Whose past is restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A cluster that is there.
    Cluster(DbClusterId),
    /// One that was deleted, whose automated backups were retained: its lasting id, `cluster-…`.
    Retained(String),
}

impl Source {
    /// Whether it is the retained backups of a deleted cluster.
    pub const fn is_retained(&self) -> bool {
        matches!(
            self,
            Self::PointInTime {
                of: Origin::Retained(_),
                ..
            }
        )
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Snapshot(arn) => write!(f, "{arn}"),
            Self::PointInTime { of, at } => {
                match of {
                    Origin::Cluster(id) => write!(f, "DB cluster {id}")?,
                    Origin::Retained(id) => write!(f, "the retained backups of {id}")?,
                }
                match at {
                    Some(at) => write!(f, " as of {at}"),
                    None => f.write_str(" as of now"),
                }
            }
        }
    }
}
