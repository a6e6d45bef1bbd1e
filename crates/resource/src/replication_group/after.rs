//! What a replication group is like once AWS has accepted a change.

use super::{Change, Observed};

/// The version that runs after an upgrade and the time of a token are AWS's choice, so these are read.
pub(super) fn after(change: &Change, before: &Observed) -> Option<Observed> {
    let mut seen = before.clone();
    match change {
        Change::Create(_) | Change::ReplaceToken { .. } => return None,
        Change::Modify { settings, .. } => {
            if settings.engine_version.is_some() {
                return None;
            }
            if let Some(description) = &settings.description {
                seen.description.clone_from(description);
            }
            if let Some(node_type) = &settings.node_type {
                seen.node_type.clone_from(node_type);
            }
            if let Some((failover, multi_az)) = settings.failover {
                (seen.automatic_failover, seen.multi_az) = (failover, multi_az);
            }
            if let Some(window) = &settings.snapshot_window {
                seen.snapshot_window.clone_from(window);
            }
            if let Some(days) = settings.snapshot_retention_days {
                seen.snapshot_retention_days = days;
            }
            let details = seen.details.as_mut()?;
            if let Some(group) = &settings.parameter_group {
                details.parameter_group = group.clone();
            }
            if let Some(id) = &settings.security_group_id {
                details.security_group_ids = [id.clone()].into();
            }
            if let Some(window) = &settings.maintenance_window {
                details.maintenance_window.clone_from(window);
            }
            if let Some(yes) = settings.auto_minor_version_upgrade {
                details.auto_minor_version_upgrade = yes;
            }
            seen.status = "modifying".into();
        }
        Change::AddReplicas { replicas, .. } | Change::RemoveReplicas { replicas, .. } => {
            seen.replicas = *replicas;
            seen.status = "modifying".into();
        }
        Change::Delete { .. } => seen.status = "deleting".into(),
    }
    Some(seen)
}
