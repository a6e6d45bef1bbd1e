//! The mutating calls of a file system.

use super::{Desired, FileSystem, Lifecycle, Throughput};
use crate::{
    Difference, Mutation, ResourceType, Tags,
    ids::{CreationToken, FileSystemId, MountTargetId, SecurityGroupId, SubnetId, Zone},
};

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateFileSystem`, encrypted.
    Create(Box<Desired>),
    /// `UpdateFileSystem`.
    UpdateThroughput {
        /// Its creation token.
        token: CreationToken,
        /// Its id.
        id: FileSystemId,
        /// How much throughput it gets from now on.
        throughput: Throughput,
        /// What differs.
        difference: Difference,
    },
    /// `PutLifecycleConfiguration`, which replaces all of it.
    PutLifecycle {
        /// Its creation token.
        token: CreationToken,
        /// Its id.
        id: FileSystemId,
        /// When files move from now on.
        lifecycle: Lifecycle,
    },
    /// `PutBackupPolicy`.
    PutBackupPolicy {
        /// Its creation token.
        token: CreationToken,
        /// Its id.
        id: FileSystemId,
        /// Whether AWS Backup's own daily plan for EFS takes it in.
        automatic_backups: bool,
    },
    /// `TagResource`.
    Tag {
        /// Its creation token.
        token: CreationToken,
        /// Its id.
        id: FileSystemId,
        /// All of ours, so that a policy can ask for them.
        tags: Tags,
        /// The names of those that differ.
        missing: Vec<String>,
    },
    /// `CreateMountTarget`.
    CreateMountTarget {
        /// The file system's creation token.
        token: CreationToken,
        /// The file system's id.
        id: FileSystemId,
        /// The zone it is for.
        zone: Zone,
        /// The subnet to make it in.
        subnet_id: SubnetId,
        /// Who may connect.
        security_group_id: SecurityGroupId,
    },
    /// `ModifyMountTargetSecurityGroups`.
    ModifyMountTargetSecurityGroups {
        /// The file system's creation token.
        token: CreationToken,
        /// The mount target.
        mount_target_id: MountTargetId,
        /// Who may connect, and nobody else.
        security_group_id: SecurityGroupId,
        /// What differs.
        difference: Difference,
    },
    /// `DeleteMountTarget`.
    DeleteMountTarget {
        /// The file system's creation token.
        token: CreationToken,
        /// The mount target.
        mount_target_id: MountTargetId,
        /// Its zone.
        zone: Zone,
    },
    /// `DeleteFileSystem`.
    Delete {
        /// Its creation token.
        token: CreationToken,
        /// Its id.
        id: FileSystemId,
    },
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateFileSystem",
            Self::UpdateThroughput { .. } => "UpdateFileSystem",
            Self::PutLifecycle { .. } => "PutLifecycleConfiguration",
            Self::PutBackupPolicy { .. } => "PutBackupPolicy",
            Self::Tag { .. } => "TagResource",
            Self::CreateMountTarget { .. } => "CreateMountTarget",
            Self::ModifyMountTargetSecurityGroups { .. } => "ModifyMountTargetSecurityGroups",
            Self::DeleteMountTarget { .. } => "DeleteMountTarget",
            Self::Delete { .. } => "DeleteFileSystem",
        }
    }

    fn target(&self) -> String {
        FileSystem::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create file system {}", desired.token),
            Self::UpdateThroughput { id, difference, .. } => {
                format!("change file system {id}: {difference}")
            }
            Self::PutLifecycle { id, .. } => format!("set lifecycle of file system {id}"),
            Self::PutBackupPolicy {
                id,
                automatic_backups,
                ..
            } => {
                let switch = if *automatic_backups { "on" } else { "off" };
                format!("switch automatic backups of file system {id} {switch}")
            }
            Self::Tag { id, missing, .. } => {
                format!("tag file system {id} with {}", missing.join(", "))
            }
            Self::CreateMountTarget { id, zone, .. } => {
                format!("create mount target of file system {id} in {zone}")
            }
            Self::ModifyMountTargetSecurityGroups {
                mount_target_id,
                difference,
                ..
            } => {
                format!("change mount target {mount_target_id}: {difference}")
            }
            Self::DeleteMountTarget {
                mount_target_id,
                zone,
                ..
            } => {
                format!("delete mount target {mount_target_id} in {zone}")
            }
            Self::Delete { token, id } => format!("delete file system {id} ({token})"),
        }
    }
}
