//! File systems. Their mount targets are in `mounts`.

use std::collections::BTreeMap;

use emr_resource::Tags;
use emr_resource::{
    file_system::{Change, Desired, Details, FileSystem, Lifecycle, Observed, Throughput},
    ids::{Arn, CreationToken, FileSystemId},
    quota::Quota,
};

use super::{
    mounts::Target,
    room::{Keeps, Refused, Room, Window, ensure, refuse},
};

const WRONG_STATE: &str = "IncorrectFileSystemLifeCycleState";

#[derive(Clone, Default)]
pub(super) struct FileSystems {
    pub(super) all: BTreeMap<CreationToken, Files>,
}

/// A file system with everything about it.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) id: FileSystemId,
    pub(super) token: CreationToken,
    pub(super) arn: Arn,
    pub(super) state: String,
    pub(super) kms_key_arn: Option<Arn>,
    pub(super) throughput: Throughput,
    pub(super) lifecycle: Lifecycle,
    pub(super) automatic_backups: bool,
    pub(super) targets: Vec<Target>,
    /// Whose files restores put into folders of their own.
    pub(super) folders: Vec<Arn>,
    pub(super) tags: Tags,
}

impl Files {
    fn listed(&self) -> Observed {
        Observed {
            id: self.id.clone(),
            token: self.token.clone(),
            arn: self.arn.clone(),
            state: self.state.clone(),
            kms_key_arn: self.kms_key_arn.clone(),
            throughput: self.throughput.clone(),
            number_of_mount_targets: self.targets.len(),
            tags: self.tags.clone(),
            details: None,
        }
    }

    fn read(&self) -> Observed {
        let mut targets: Vec<_> = self.targets.iter().map(Target::observed).collect();
        targets.sort_by(|a, b| a.id.cmp(&b.id));
        Observed {
            details: Some(Details {
                mount_targets: targets,
                lifecycle: self.lifecycle.clone(),
                automatic_backups: self.automatic_backups,
            }),
            ..self.listed()
        }
    }
}

impl FileSystems {
    pub(super) fn get(&mut self, id: &FileSystemId) -> Result<&mut Files, Refused> {
        let found = self.all.values_mut().find(|files| files.id == *id);
        found.map_or_else(
            || refuse("FileSystemNotFound", format!("file system {id} not found")),
            Ok,
        )
    }

    /// Source: EFS API reference, `IncorrectFileSystemLifeCycleState` of each operation.
    pub(super) fn available(&mut self, id: &FileSystemId) -> Result<&mut Files, Refused> {
        let files = self.get(id)?;
        let message = format!("file system {id} is {}", files.state);
        ensure(files.state == "available", WRONG_STATE, message)?;
        Ok(files)
    }
}

impl Room {
    /// A token makes one file system. Source: EFS API reference, `CreateFileSystem`.
    fn create_files(&mut self, desired: &Desired) -> Result<Option<Observed>, Refused> {
        let token = &desired.token;
        let exists = self.file_systems.all.contains_key(token);
        ensure(
            !exists,
            "FileSystemAlreadyExists",
            format!("{token} exists"),
        )?;
        self.within_quota(Quota::FileSystems, "FileSystemLimitExceeded")?;
        self.check_key(&desired.kms_key_arn, "BadRequest")?;
        let id = FileSystemId::new(self.next_id("fs-", token.as_str()));
        let files = Files {
            token: token.clone(),
            arn: self.arn("elasticfilesystem", &format!("file-system/{id}")),
            state: "creating".into(),
            kms_key_arn: Some(desired.kms_key_arn.clone()),
            throughput: desired.throughput.clone(),
            lifecycle: Lifecycle::default(),
            automatic_backups: desired.automatic_backups,
            folders: Vec::new(),
            targets: Vec::new(),
            tags: desired.tags.clone(),
            id: id.clone(),
        };
        let reply = files.listed();
        self.file_systems.all.insert(token.clone(), files);
        self.files_rest(id, "creating");
        Ok(Some(reply))
    }

    fn files_rest(&mut self, id: FileSystemId, state: &'static str) {
        self.after(self.delays.files, move |room| {
            if let Ok(files) = room.file_systems.get(&id)
                && files.state == state
            {
                files.state = "available".into();
            }
        });
    }

    /// Mount targets go first; access points go along.
    /// Source: EFS API reference, `DeleteFileSystem`, `FileSystemInUse`.
    fn delete_files(&mut self, id: &FileSystemId) -> Result<(), Refused> {
        let files = self.file_systems.available(id)?;
        let free = files.targets.is_empty();
        ensure(free, "FileSystemInUse", "it has mount targets")?;
        files.state = "deleting".into();
        let id = id.clone();
        self.after(self.delays.files, move |room| {
            room.file_systems.all.retain(|_, files| files.id != id);
            let points = &mut room.access_points.all;
            points.retain(|_, point| point.file_system_id != id);
        });
        Ok(())
    }
}

impl Keeps<FileSystem> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.file_systems.all.values(), Files::listed)
    }

    fn read(&self, id: &CreationToken) -> Option<Observed> {
        self.file_systems.all.get(id).map(Files::read)
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => return self.create_files(desired),
            Change::UpdateThroughput { id, throughput, .. } => {
                let files = self.file_systems.available(id)?;
                files.throughput = throughput.clone();
                files.state = "updating".into();
                self.files_rest(id.clone(), "updating");
            }
            Change::PutLifecycle { id, lifecycle, .. } => {
                self.file_systems.available(id)?.lifecycle = lifecycle.clone();
            }
            Change::PutBackupPolicy {
                id,
                automatic_backups,
                ..
            } => {
                self.file_systems.available(id)?.automatic_backups = *automatic_backups;
            }
            Change::Tag { id, tags, .. } => {
                self.file_systems.available(id)?.tags.extend(tags.clone());
            }
            Change::CreateMountTarget {
                id,
                subnet_id,
                security_group_id,
                ..
            } => self.create_target(id, subnet_id, security_group_id)?,
            Change::ModifyMountTargetSecurityGroups {
                mount_target_id,
                security_group_id,
                ..
            } => self.modify_target(mount_target_id, security_group_id)?,
            Change::DeleteMountTarget {
                mount_target_id, ..
            } => self.delete_target(mount_target_id)?,
            Change::Delete { id, .. } => self.delete_files(id)?,
        }
        Ok(None)
    }
}
