//! What a cache is like once AWS has accepted a change.

use super::{Change, Observed};

/// The version that it will run after an upgrade is AWS's choice, so that is read.
pub(super) fn after(change: &Change, before: &Observed) -> Option<Observed> {
    let mut seen = before.clone();
    match change {
        Change::Create(_) => return None,
        Change::Modify { settings, .. } => {
            if settings.major_version.is_some() {
                return None;
            }
            if let Some(description) = &settings.description {
                seen.description.clone_from(description);
            }
            if let Some((data, ecpu)) = settings.limits {
                (seen.max_data_gb, seen.max_ecpu) = (Some(data), Some(ecpu));
            }
            if let Some(id) = &settings.security_group_id {
                seen.security_group_ids = [id.clone()].into();
            }
            if let Some(id) = &settings.user_group_id {
                seen.user_group_id = Some(id.clone());
            }
            if let Some(days) = settings.snapshot_retention_days {
                seen.snapshot_retention_days = days;
            }
            if let Some(time) = &settings.daily_snapshot_time {
                seen.daily_snapshot_time = Some(time.clone());
            }
            seen.status = "modifying".into();
        }
        Change::Delete { .. } => seen.status = "deleting".into(),
    }
    Some(seen)
}
