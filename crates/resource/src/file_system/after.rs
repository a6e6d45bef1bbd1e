//! What a file system is like once AWS has accepted a change.

use std::collections::BTreeSet;

use super::{Change, Details, MountTarget, Observed};
use crate::ids::MountTargetId;

/// A new mount target's id and address are AWS's choice, so that is read.
pub(super) fn after(change: &Change, before: &Observed) -> Option<Observed> {
    let mut seen = before.clone();
    match change {
        Change::UpdateThroughput { id, throughput, .. } if *id == seen.id => {
            seen.throughput = throughput.clone();
            seen.state = "updating".into();
        }
        Change::PutLifecycle { id, lifecycle, .. } if *id == seen.id => {
            seen.details.as_mut()?.lifecycle = lifecycle.clone();
        }
        Change::PutBackupPolicy {
            id,
            automatic_backups,
            ..
        } if *id == seen.id => {
            seen.details.as_mut()?.automatic_backups = *automatic_backups;
        }
        Change::Tag { id, tags, .. } if *id == seen.id => seen.tags.extend(tags.clone()),
        Change::ModifyMountTargetSecurityGroups {
            mount_target_id,
            security_group_id,
            ..
        } => {
            let target = target(seen.details.as_mut()?, mount_target_id)?;
            target.security_group_ids = [security_group_id.clone()].into();
        }
        // EFS tells the groups of an available mount target only.
        Change::DeleteMountTarget {
            mount_target_id, ..
        } => {
            let target = target(seen.details.as_mut()?, mount_target_id)?;
            target.state = "deleting".into();
            target.security_group_ids = BTreeSet::new();
        }
        Change::Delete { id, .. } if *id == seen.id => seen.state = "deleting".into(),
        _ => return None,
    }
    Some(seen)
}

fn target<'a>(details: &'a mut Details, id: &MountTargetId) -> Option<&'a mut MountTarget> {
    let mut targets = details.mount_targets.iter_mut();
    targets.find(|target| target.id == *id)
}
