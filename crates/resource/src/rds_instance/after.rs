//! What an instance is like once AWS has accepted a change.

use super::{Change, Observed};

/// What AWS picks is read and never assumed: how far storage grows (a tenth at least). So is whether
/// deletion protection is really off, and what waits for a reboot under another parameter group.
pub(super) fn after(change: &Change, before: &Observed) -> Option<Observed> {
    let mut seen = before.clone();
    match change {
        Change::Create(_)
        | Change::Restore { .. }
        | Change::Replicate { .. }
        | Change::TakeOver { .. } => return None,
        Change::Modify {
            settings: wanted,
            differences,
            ..
        } => {
            let settings = &mut seen.settings;
            for difference in differences {
                match difference.field {
                    "class" => settings.class.clone_from(&wanted.class),
                    "Multi-AZ" => settings.multi_az = wanted.multi_az,
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
