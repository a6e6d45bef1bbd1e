//! Replication groups: states, what needs replicas, and AUTH tokens of which two are valid at most.

mod create;
mod modify;

use std::collections::{BTreeMap, BTreeSet};

use emr_resource::{
    ids::{CacheSnapshotName, ReplicationGroupId, SecurityGroupId},
    replication_group::{Change, Details, Observed, ReplicationGroup},
};
use zeroize::Zeroizing;

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

/// What a group accepts, newest first.
type Tokens = Vec<Zeroizing<String>>;

#[derive(Clone, Default)]
pub(super) struct ReplicationGroups {
    pub(super) all: BTreeMap<ReplicationGroupId, (Observed, Tokens)>,
    /// Names of final snapshots.
    pub(super) snapshots: BTreeSet<CacheSnapshotName>,
}

impl Room {
    /// What the nodes of every group know.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Details> {
        let groups = self.replication_groups.all.values();
        groups.filter_map(|(group, _)| group.details.as_ref())
    }

    /// The replication group that a security group is used by.
    pub(super) fn replication_group_behind(
        &self,
        security_group: &SecurityGroupId,
    ) -> Option<ReplicationGroupId> {
        let mut groups = self.replication_groups.all.values().map(|(group, _)| group);
        let behind = |group: &&Observed| {
            let details = group.details.as_ref();
            details.is_some_and(|of| of.security_group_ids.contains(security_group))
        };
        groups.find(behind).map(|group| group.id.clone())
    }

    /// Source: ElastiCache API reference, `ModifyReplicationGroup`, `InvalidReplicationGroupState`.
    fn available_group(
        &mut self,
        id: &ReplicationGroupId,
    ) -> Result<&mut (Observed, Tokens), Refused> {
        let Some(entry) = self.replication_groups.all.get_mut(id) else {
            return refuse("ReplicationGroupNotFoundFault", format!("{id} not found"));
        };
        let message = format!("replication group {id} is {}", entry.0.status);
        ensure(
            entry.0.is_available(),
            "InvalidReplicationGroupState",
            message,
        )?;
        Ok(entry)
    }

    /// The snapshot is taken first, and the group goes after it. Source: ElastiCache API reference,
    /// `DeleteReplicationGroup`.
    fn delete_nodes(
        &mut self,
        id: &ReplicationGroupId,
        snapshot: Option<&CacheSnapshotName>,
    ) -> Result<(), Refused> {
        self.available_group(id)?;
        if let Some(snapshot) = snapshot {
            let taken = self.replication_groups.snapshots.contains(snapshot);
            let message = format!("{snapshot} exists");
            ensure(!taken, "SnapshotAlreadyExistsFault", message)?;
        }
        self.available_group(id)?.0.status = "deleting".into();
        let snapshots = &mut self.replication_groups.snapshots;
        snapshots.extend(snapshot.cloned());
        let id = id.clone();
        self.after(self.delays.deleting, move |room| {
            room.replication_groups.all.remove(&id);
        });
        Ok(())
    }
}

impl Keeps<ReplicationGroup> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        let bare = |(group, _): &(Observed, Tokens)| Observed {
            details: None,
            tags: None,
            ..group.clone()
        };
        window.show(self.replication_groups.all.values(), bare)
    }

    fn read(&self, id: &ReplicationGroupId) -> Option<Observed> {
        let (group, _) = self.replication_groups.all.get(id)?;
        Some(group.clone())
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => self.create_nodes(desired)?,
            Change::Modify { id, settings, .. } => self.modify_nodes(id, settings)?,
            Change::ReplaceToken {
                id,
                token,
                strategy,
            } => self.replace_token(id, token, *strategy)?,
            Change::AddReplicas { id, replicas } => self.add_replicas(id, *replicas)?,
            Change::RemoveReplicas { id, replicas } => self.remove_replicas(id, *replicas)?,
            Change::Delete { id, final_snapshot } => {
                self.delete_nodes(id, final_snapshot.as_ref())?;
            }
        }
        Ok(None)
    }
}
