//! Manual snapshots of DB instances that stand alone.

use std::collections::BTreeMap;

use emr_resource::{
    db_snapshot::{Change, DbSnapshot, Desired, Observed},
    ids::{Arn, DbSnapshotId},
};

use super::{
    rds::Records,
    room::{Keeps, Refused, Room, Window, ensure, refuse},
};

const NOT_FOUND: &str = "DBSnapshotNotFound";
const WRONG_STATE: &str = "InvalidDBSnapshotState";

#[derive(Clone, Default)]
pub(super) struct DbSnapshots {
    pub(super) all: BTreeMap<DbSnapshotId, Observed>,
    pub(super) records: BTreeMap<DbSnapshotId, Records>,
}

impl Room {
    pub(super) fn records_of_snapshot(&self, arn: &Arn) -> Result<Records, Refused> {
        let mut snapshots = self.db_snapshots.all.values();
        let Some(snapshot) = snapshots.find(|snapshot| snapshot.arn == *arn) else {
            return refuse(NOT_FOUND, format!("no {arn}"));
        };
        let made = snapshot.status == "available";
        ensure(made, WRONG_STATE, format!("{arn} is {}", snapshot.status))?;
        match self.db_snapshots.records.get(&snapshot.id) {
            Some(records) => Ok(records.clone()),
            None => refuse("InvalidRestoreFault", "it holds nothing"),
        }
    }

    /// Of an available instance, which is backing up meanwhile. Source: RDS API reference,
    /// `CreateDBSnapshot`; RDS user guide, "Viewing DB instance status".
    fn create_db_snapshot(&mut self, desired: &Desired) -> Result<Observed, Refused> {
        let id = &desired.id;
        let exists = self.db_snapshots.all.contains_key(id);
        ensure(!exists, "DBSnapshotAlreadyExists", format!("{id} exists"))?;
        let instance = self.rds.available(&desired.instance_id)?;
        instance.status = "backing-up".into();
        let (engine_version, key) = (
            instance.engine_version.clone(),
            instance.kms_key_arn.clone(),
        );
        let snapshot = Observed {
            id: id.clone(),
            arn: self.arn("rds", &format!("snapshot:{id}")),
            instance_id: desired.instance_id.clone(),
            engine: emr_resource::rds_instance::ENGINE.into(),
            engine_version,
            kms_key_arn: key,
            status: "creating".into(),
            taken_at: Some(self.now),
            tags: desired.tags.clone(),
        };
        self.db_snapshots.all.insert(id.clone(), snapshot.clone());
        if let Some(records) = self.rds.records.get(&desired.instance_id) {
            let records = records.clone();
            self.db_snapshots.records.insert(id.clone(), records);
        }
        self.rds_later(&desired.instance_id, "backing-up", "available");
        let id = id.clone();
        self.after(self.delays.snapshot, move |room| {
            // An instance that went meanwhile takes what was not copied yet along.
            if let Some(snapshot) = room.db_snapshots.all.get_mut(&id)
                && snapshot.status == "creating"
            {
                let lives = room.rds.all.contains_key(&snapshot.instance_id);
                snapshot.status = if lives { "available" } else { "failed" }.into();
            }
        });
        Ok(snapshot)
    }
}

impl Keeps<DbSnapshot> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.db_snapshots.all.values(), Observed::clone)
    }

    fn read(&self, id: &DbSnapshotId) -> Option<Observed> {
        self.db_snapshots.all.get(id).cloned()
    }

    /// Only one that is made can be deleted. Source: RDS API reference, `DeleteDBSnapshot`.
    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        let (Change::Tag { id, .. } | Change::Delete(id)) = change else {
            return match change {
                Change::Create(desired) => self.create_db_snapshot(desired).map(Some),
                _ => Ok(None),
            };
        };
        let Some(snapshot) = self.db_snapshots.all.get_mut(id) else {
            return refuse(NOT_FOUND, format!("no snapshot {id}"));
        };
        if let Change::Tag { tags, .. } = change {
            snapshot.tags.extend(tags.clone());
            return Ok(None);
        }
        let made = matches!(snapshot.status.as_str(), "available" | "failed");
        ensure(made, WRONG_STATE, format!("{id} is {}", snapshot.status))?;
        self.db_snapshots.all.remove(id);
        self.db_snapshots.records.remove(id);
        Ok(None)
    }
}
