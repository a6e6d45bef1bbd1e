//! Manual snapshots of DB clusters.

use std::collections::BTreeMap;

use emr_resource::{
    cluster_snapshot::{Change, ClusterSnapshot, Observed},
    ids::ClusterSnapshotId,
    quota::Quota,
};

use super::restored_clusters::Contents;
use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

const NOT_FOUND: &str = "DBClusterSnapshotNotFoundFault";

#[derive(Clone, Default)]
pub(super) struct Snapshots {
    pub(super) all: BTreeMap<ClusterSnapshotId, Observed>,
    pub(super) contents: BTreeMap<ClusterSnapshotId, Contents>,
}

impl Keeps<ClusterSnapshot> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.snapshots.all.values(), Observed::clone)
    }

    fn read(&self, id: &ClusterSnapshotId) -> Option<Observed> {
        self.snapshots.all.get(id).cloned()
    }

    /// Of an available cluster; it outlives the cluster. Only one that is made can be deleted.
    /// Source: RDS API reference, `CreateDBClusterSnapshot`, `DeleteDBClusterSnapshot`.
    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        let desired = match change {
            Change::Create(desired) => desired,
            Change::Tag { id, tags, .. } => {
                let Some(snapshot) = self.snapshots.all.get_mut(id) else {
                    return refuse(NOT_FOUND, format!("no snapshot {id}"));
                };
                snapshot.tags.extend(tags.clone());
                return Ok(None);
            }
            Change::Delete(id) => return self.delete_snapshot(id),
        };
        let id = &desired.id;
        let exists = self.snapshots.all.contains_key(id);
        ensure(
            !exists,
            "DBClusterSnapshotAlreadyExistsFault",
            format!("{id} exists"),
        )?;
        self.within_quota(Quota::ManualClusterSnapshots, "SnapshotQuotaExceeded")?;
        self.clusters.available(&desired.cluster_id)?;
        let snapshot = Observed {
            id: id.clone(),
            arn: self.arn("rds", &format!("cluster-snapshot:{id}")),
            cluster_id: desired.cluster_id.clone(),
            status: "creating".into(),
            taken_at: Some(self.now),
            tags: desired.tags.clone(),
        };
        self.snapshots.all.insert(id.clone(), snapshot.clone());
        if let Some(contents) = self.clusters.contents.get(&desired.cluster_id) {
            let contents = contents.clone();
            self.snapshots.contents.insert(id.clone(), contents);
        }
        let id = id.clone();
        self.after(self.delays.snapshot, move |room| {
            // A cluster that went meanwhile takes what was not copied yet along.
            if let Some(snapshot) = room.snapshots.all.get_mut(&id)
                && snapshot.status == "creating"
            {
                let lives = room.clusters.all.contains_key(&snapshot.cluster_id);
                snapshot.status = if lives { "available" } else { "failed" }.into();
            }
        });
        Ok(Some(snapshot))
    }
}

impl Room {
    fn delete_snapshot(&mut self, id: &ClusterSnapshotId) -> Result<Option<Observed>, Refused> {
        let Some(snapshot) = self.snapshots.all.get(id) else {
            return refuse(NOT_FOUND, format!("no snapshot {id}"));
        };
        ensure(
            matches!(snapshot.status.as_str(), "available" | "failed"),
            "InvalidDBClusterSnapshotStateFault",
            format!("{id} is {}", snapshot.status),
        )?;
        self.snapshots.all.remove(id);
        self.snapshots.contents.remove(id);
        Ok(None)
    }
}
