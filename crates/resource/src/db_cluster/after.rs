//! What a cluster is like once AWS has accepted a change.

use super::{Change, Observed};

/// Two things are read and never assumed: whether deletion protection is really off, and which
/// members wait for a reboot under another parameter group.
pub(super) fn after(change: &Change, before: &Observed) -> Option<Observed> {
    let mut seen = before.clone();
    match change {
        Change::Create(_) | Change::Restore { .. } | Change::TakeOver { .. } => return None,
        Change::Modify {
            settings: wanted,
            differences,
            ..
        } => {
            let settings = &mut seen.settings;
            for difference in differences {
                match difference.field {
                    "minimum capacity" => settings.min_capacity = wanted.min_capacity,
                    "maximum capacity" => settings.max_capacity = wanted.max_capacity,
                    "security groups" => {
                        settings.security_groups.clone_from(&wanted.security_groups);
                    }
                    "backup retention" => {
                        settings.backup_retention_days = wanted.backup_retention_days;
                    }
                    "backup window" => settings.backup_window.clone_from(&wanted.backup_window),
                    "maintenance window" => {
                        let window = &mut settings.maintenance_window;
                        window.clone_from(&wanted.maintenance_window);
                    }
                    "log exports" => settings.log_exports.clone_from(&wanted.log_exports),
                    "copying tags to snapshots" => {
                        settings.copy_tags_to_snapshot = wanted.copy_tags_to_snapshot;
                    }
                    _ => return None,
                }
            }
            seen.status = "modifying".into();
        }
        Change::Tag { tags, .. } => seen.tags.extend(tags.clone()),
        Change::Start(_) => seen.status = "starting".into(),
        Change::Delete { .. } => seen.status = "deleting".into(),
    }
    Some(seen)
}
