//! Why there is nothing that an instance could be made from, and what to do about it.

use emr_api::labels;
use emr_resource::ownership;

use crate::progress::{Notice, Progress};

/// Why there is nothing to restore from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSet {
    /// Nothing of that name.
    #[error(
        "spec.restoreFrom.backup: there is no EmrBackup {0} in this namespace; if its set is still in AWS, \
         name it by snapshotArn in a new instance"
    )]
    NoBackup(String),
    /// Its halves are still being made.
    #[error("EmrBackup {0} is {1}; the restore begins once it is Complete")]
    NotYet(String, &'static str),
    /// There are no halves.
    #[error("EmrBackup {0} is {1}, so it has nothing to restore; make a new instance from another")]
    Over(String, &'static str),
    /// Its files' half is in a bucket that is not the instance's own.
    #[error(
        "the documents of EmrBackup {0} are versions in a bucket ({1}), which only the instance that runs \
         with it is put back to, by an EmrRestore: to look at its database, make a ManagedDatabase with \
         spec.restoreFrom.snapshotArn from status.set.database; the bucket keeps every version"
    )]
    OfBucket(String, String),
    /// Medplum's documents have no recovery points.
    #[error(
        "Medplum's documents are in a bucket that is never copied, so an instance is put back to an \
         EmrBackup of its own alone: name it in spec.from.backup of an EmrRestore"
    )]
    BackupsOnly,
    /// Another application's data.
    #[error("EmrBackup {0} is of {1} and the instance runs {2}: name one of its own")]
    OtherApplication(String, String, &'static str),
    /// Nothing of that ARN.
    #[error("{0} is not in this account and region, or not complete; check spec.restoreFrom")]
    NoHalf(String),
    /// Nobody knows the files' half.
    #[error(
        "snapshot {0} does not tell the other half of its set: name it in \
         spec.restoreFrom.recoveryPointArn of a new instance"
    )]
    NoOtherHalf(String),
    /// Two sets.
    #[error(
        "the two halves are not of one set ({0} is of {1}, {2} of {3}): database and files open only \
         together"
    )]
    TwoSets(String, String, String, String),
    /// Somebody else's.
    #[error(
        "{0} was made for {1}, and nobody let this namespace have it: whoever administers the AWS \
         account can, with the tag {tag}={2} on it",
        tag = ownership::SHARED_WITH
    )]
    NotYours(String, String, String),
    /// No instance to go back in time of.
    #[error(
        "there is no EmrInstance {0} with a database and files in this namespace whose past could be \
         restored"
    )]
    NoOrigin(String),
    /// Not a moment that is kept.
    #[error("pointInTime.time {0} can't be restored: {1}")]
    NotThen(String, String),
    /// The files are older.
    #[error(
        "the files have no recovery point that was begun at {0} or later: the next comes with the \
         platform's plan, or take an EmrBackup now; files of an earlier time would lack documents and keys"
    )]
    NoFilesSince(String),
    /// Somebody has to accept what the two halves disagree about.
    #[error(
        "the first copy of the files since {time} was begun at {files}, {apart} later: documents that were \
         removed in between are missing, those that were stored are in no chart. To accept that, set the \
         annotation {label}={files}",
        label = labels::APPROVED
    )]
    NotApproved {
        /// The moment.
        time: String,
        /// When the copy of the files was begun.
        files: String,
        /// How far apart they are.
        apart: String,
    },
    /// Another version's data.
    #[error(
        "the set was taken of {application} {taken} and {field} is {wanted}: a restore does not upgrade; \
         set the version to {taken}"
    )]
    OtherVersion {
        /// The application, as people call it.
        application: &'static str,
        /// The field with the version.
        field: &'static str,
        /// The set's version.
        taken: String,
        /// The instance's.
        wanted: String,
    },
}

impl NoSet {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NoBackup(_) => "BackupNotFound",
            Self::NotYet(..) => "WaitingForBackup",
            Self::Over(..) => "BackupOver",
            Self::OfBucket(..) => "SetOfBucket",
            Self::BackupsOnly => "BackupNeeded",
            Self::OtherApplication(..) => "ApplicationMismatch",
            Self::NoHalf(_) => "SetNotFound",
            Self::NoOtherHalf(_) => "OtherHalfUnknown",
            Self::TwoSets(..) => "SetMismatch",
            Self::NotYours(..) => "SetNotShared",
            Self::NoOrigin(_) => "InstanceNotFound",
            Self::NotThen(..) => "MomentNotKept",
            Self::NoFilesSince(_) => "FilesNotCopiedSince",
            Self::NotApproved { .. } => "ApprovalNeeded",
            Self::OtherVersion { .. } => "VersionMismatch",
        }
    }

    /// As a person reads it: stalled where somebody has to do something.
    pub fn progress(&self) -> Progress {
        let notice = Notice::new(self.reason(), self.to_string());
        match self {
            Self::NotYet(..) => Progress::Working(notice),
            _ => Progress::Stalled(notice),
        }
    }
}
