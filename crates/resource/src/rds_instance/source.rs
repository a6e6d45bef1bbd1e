//! What an instance may be made from, in place of an empty one.

use std::fmt;

use jiff::Timestamp;

use super::{Desired, ENGINE, Origin};
use crate::{
    Owner, Refusal, Step, Tags,
    ids::{Arn, DbInstanceId},
    ownership,
};

/// What an instance is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A DB snapshot, by ARN.
    Snapshot(Arn),
    /// What an instance held at a time, or lately.
    PointInTime {
        /// Whose past.
        of: Past,
        /// The time; the latest that can be restored when absent.
        at: Option<Timestamp>,
    },
}

/// Whose past is restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Past {
    /// An instance that is there.
    Instance(DbInstanceId),
    /// One that was deleted, whose automated backups were retained: its lasting id, `db-…`.
    Retained(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(arn) => write!(f, "{arn}"),
            Self::PointInTime { of, at } => {
                match of {
                    Past::Instance(id) => write!(f, "DB instance {id}")?,
                    Past::Retained(id) => write!(f, "the retained backups of {id}")?,
                }
                match at {
                    Some(at) => write!(f, " as of {at}"),
                    None => f.write_str(" as of now"),
                }
            }
        }
    }
}

/// What AWS tells of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Whose it is.
    pub tags: Tags,
    /// Its engine.
    pub engine: String,
    /// Its engine's version.
    pub engine_version: String,
    /// The key that encrypts it.
    pub kms_key_arn: Option<Arn>,
}

/// Refuses to restore from what is not there, not this namespace's, or could not be kept: a restored
/// instance has the engine, the version and the key of its source, and AWS takes no others. Of retained
/// backups AWS shows nothing; their id is known to nobody but who saw the instance.
/// Source: RDS API reference, `RestoreDBInstanceFromDBSnapshot`, `RestoreDBInstanceToPointInTime`.
pub fn usable_source<C>(desired: &Desired, found: Option<&Found>, owner: &Owner) -> Step<C> {
    let Origin::Restored(source) = &desired.origin else {
        return Step::Settled;
    };
    if let Source::PointInTime {
        of: Past::Retained(_),
        ..
    } = source
    {
        return Step::Settled;
    }
    let what = source.to_string();
    let tags = found.map(|found| &found.tags);
    ownership::source(&what, tags, owner).then(|| match found {
        Some(found) => fits(desired, &what, found),
        None => Step::Settled,
    })
}

fn fits<C>(desired: &Desired, what: &str, found: &Found) -> Step<C> {
    let refuse = |message: String| Step::refuse(Refusal::REPLACEMENT_REFUSED, message);
    if found.engine != ENGINE {
        return refuse(format!(
            "{what} holds a database of {}, and spec.rdsPostgres asks for PostgreSQL. Name a source of \
             PostgreSQL in a new object.",
            found.engine
        ));
    }
    if found.engine_version != desired.engine_version {
        return refuse(format!(
            "spec.rdsPostgres.engineVersion is {}, and {what} holds PostgreSQL {}, which is what AWS \
             restores. Set spec.rdsPostgres.engineVersion to {}.",
            desired.engine_version, found.engine_version, found.engine_version
        ));
    }
    if found.kms_key_arn.as_ref() != Some(&desired.kms_key_arn) {
        let has = found
            .kms_key_arn
            .as_ref()
            .map_or("no key", |arn| arn.as_str());
        return refuse(format!(
            "{what} is encrypted with {has}, which is what AWS restores, and not with {}. Set \
             spec.kmsKeyArn to it in a new object, or restore from a copy of the snapshot under the \
             other key.",
            desired.kms_key_arn
        ));
    }
    Step::Settled
}
