//! The calls that change an instance, each exactly one.

use super::{Desired, Origin, Settings, Source};
use crate::{
    Difference, Mutation, Tags,
    ids::{Arn, DbInstanceId, SecretName},
};

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateDBInstance`: empty.
    Create(Box<Desired>),
    /// `RestoreDBInstanceFromDBSnapshot` or `RestoreDBInstanceToPointInTime`: with the data, the master
    /// user and the master password of then, and unprotected until it is taken over.
    Restore {
        /// The instance.
        desired: Box<Desired>,
        /// What it is made from.
        source: Source,
    },
    /// `CreateDBInstanceReadReplica`.
    Replicate {
        /// The replica.
        desired: Box<Desired>,
        /// What it follows.
        of: DbInstanceId,
    },
    /// `ModifyDBInstance`: a restored instance gets the master password of our secret and is protected,
    /// in one call. So one that is protected has been taken over, whenever somebody looks.
    TakeOver {
        /// Its identifier.
        id: DbInstanceId,
        /// Where the master password lies.
        master_secret: SecretName,
    },
    /// `ModifyDBInstance`, at once.
    Modify {
        /// Its identifier.
        id: DbInstanceId,
        /// The settings to bring it to; only those named in `differences` are sent.
        settings: Box<Settings>,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// `AddTagsToResource`.
    Tag {
        /// Its identifier.
        id: DbInstanceId,
        /// Its ARN.
        arn: Arn,
        /// All of ours, so that a policy can ask for them.
        tags: Tags,
        /// The names of those that differ.
        missing: Vec<String>,
    },
    /// `StartDBInstance`: AWS or somebody stopped it.
    Start(DbInstanceId),
    /// `DeleteDBInstance`, without a snapshot of AWS's own: ours is complete before.
    Delete {
        /// Its identifier.
        id: DbInstanceId,
        /// Keep the automated backups for the rest of their retention.
        retain_automated_backups: bool,
    },
}

impl Change {
    /// The call that makes it.
    pub(super) fn making(desired: &Desired) -> Self {
        let of = desired.origin.clone();
        let desired = Box::new(desired.clone());
        match of {
            Origin::Empty => Self::Create(desired),
            Origin::Restored(source) => Self::Restore { desired, source },
            Origin::Replica(of) => Self::Replicate { desired, of },
        }
    }

    pub(super) fn instance(&self) -> &DbInstanceId {
        match self {
            Self::Create(desired)
            | Self::Restore { desired, .. }
            | Self::Replicate { desired, .. } => &desired.id,
            Self::Modify { id, .. }
            | Self::TakeOver { id, .. }
            | Self::Tag { id, .. }
            | Self::Start(id)
            | Self::Delete { id, .. } => id,
        }
    }
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateDBInstance",
            Self::Restore {
                source: Source::Snapshot(_),
                ..
            } => "RestoreDBInstanceFromDBSnapshot",
            Self::Restore { .. } => "RestoreDBInstanceToPointInTime",
            Self::Replicate { .. } => "CreateDBInstanceReadReplica",
            Self::Modify { .. } | Self::TakeOver { .. } => "ModifyDBInstance",
            Self::Tag { .. } => "AddTagsToResource",
            Self::Start(_) => "StartDBInstance",
            Self::Delete { .. } => "DeleteDBInstance",
        }
    }

    fn target(&self) -> String {
        self.instance().to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create DB instance {}", desired.id),
            Self::Restore { desired, source } => {
                format!("restore DB instance {} from {source}", desired.id)
            }
            Self::Replicate { desired, of } => {
                format!("create read replica {} of DB instance {of}", desired.id)
            }
            Self::TakeOver { id, .. } => {
                format!("give restored DB instance {id} its own master password and protect it")
            }
            Self::Modify {
                id, differences, ..
            } => {
                format!("change DB instance {id}: {}", Difference::list(differences))
            }
            Self::Tag { id, missing, .. } => {
                format!("tag DB instance {id} with {}", missing.join(", "))
            }
            Self::Start(id) => format!("start DB instance {id}"),
            Self::Delete { id, .. } => format!("delete DB instance {id}"),
        }
    }
}
