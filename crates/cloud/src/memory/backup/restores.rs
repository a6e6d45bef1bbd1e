//! Restores into a file system that is there.

use emr_resource::{
    backup_role::MANAGED_POLICIES,
    ids::{Arn, FileSystemId, RestoreToken},
    restore_job::{Change, Desired, Observed, RestoreJob},
};

use super::Started;
use crate::memory::room::{Keeps, Refused, Room, Window, ensure, refuse};

const INVALID: &str = "InvalidParameterValueException";

/// A job with what it was asked for.
#[derive(Clone)]
pub(in crate::memory) struct Restore {
    pub(in crate::memory) seen: Observed,
    /// The file system whose files these were.
    of: Arn,
    into: FileSystemId,
}

impl Keeps<RestoreJob> for Room {
    fn list(&self, _: Window) -> Vec<Observed> {
        Vec::new()
    }

    fn read(&self, token: &RestoreToken) -> Option<Observed> {
        let restore = self.backup.restores.get(token)?;
        Some(restore.seen.clone())
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        let Change::Start(desired) = change;
        self.start_restore(desired)?;
        Ok(None)
    }
}

impl Room {
    /// Of a recovery point that is there, into an available file system, by a role that can be taken. A
    /// token starts one job. Source: AWS Backup API reference, `StartRestoreJob`.
    fn start_restore(&mut self, desired: &Desired) -> Result<(), Refused> {
        let token = &desired.token;
        if self.backup.restores.contains_key(token) {
            return Ok(());
        }
        let role = self.roles().by_arn(&desired.role_arn).is_some();
        ensure(role, INVALID, "the role can't be assumed")?;
        let point =
            |of: &&Started| of.job.recovery_point_arn.as_ref() == Some(&desired.recovery_point_arn);
        let Some(of) = self
            .completed()
            .find(point)
            .map(|of| of.resource_arn.clone())
        else {
            return refuse("ResourceNotFoundException", "no such recovery point");
        };
        let into = desired.file_system_id.clone();
        self.file_systems.available(&into)?;
        let seen = Observed {
            token: token.clone(),
            job_id: self.next_id("", &format!("restore/{token}")),
            state: "PENDING".into(),
            message: None,
        };
        let restore = Restore { seen, of, into };
        self.backup.restores.insert(token.clone(), restore);
        let running = token.clone();
        self.after(self.delays.backup / 4, move |room| {
            room.move_restore(&running, "PENDING");
        });
        let token = token.clone();
        self.after(self.delays.backup, move |room| {
            room.move_restore(&token, "RUNNING");
        });
        Ok(())
    }

    /// It fails without the file system and without the policy that lets it write there.
    fn move_restore(&mut self, token: &RestoreToken, from: &str) {
        let allowed = self.roles().any_with(&Arn::from(MANAGED_POLICIES[1]));
        let Some(restore) = self.backup.restores.get_mut(token) else {
            return;
        };
        if restore.seen.state != from {
            return;
        }
        let files = self.file_systems.get(&restore.into);
        let trouble = match (&files, allowed) {
            (Ok(_), true) => None,
            (Err(_), _) => Some("the file system does not exist"),
            (Ok(_), false) => Some("insufficient privileges to perform this action"),
        };
        restore.seen.message = trouble.map(Into::into);
        restore.seen.state = match (trouble, from) {
            (Some(_), _) => "FAILED",
            (None, "PENDING") => "RUNNING",
            (None, _) => "COMPLETED",
        }
        .into();
        if let (Ok(files), "COMPLETED") = (files, restore.seen.state.as_str()) {
            files.folders.push(restore.of.clone());
        }
    }

    /// Whose files lie in the folders that restores made in this file system.
    pub fn restored_into(&self, token: &str) -> Vec<String> {
        let files = self.file_systems.all.get(&token.into());
        let folders = files.map(|files| files.folders.iter().map(ToString::to_string));
        folders.into_iter().flatten().collect()
    }
}
