//! Aurora clusters from snapshots and from points in time, and what is in each.

use emr_resource::{
    db_cluster::{Desired, Engine, Observed, Origin, Settings, Source},
    ids::{Arn, DbClusterId, SecretName},
};
use jiff::Timestamp;

use super::room::{Refused, Room, ensure, refuse};

/// What a cluster or a snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contents {
    /// The cluster that was created empty and the how-manieth of its name that was, however often its
    /// data was restored since.
    pub(super) data: (DbClusterId, u32),
    /// The secret that holds the master password.
    pub(super) master: SecretName,
    pub(super) master_username: String,
    pub(super) engine: Engine,
    pub(super) engine_version: String,
}

impl Room {
    /// With the master user and password of then; retention and windows are AWS's own. Source: RDS API
    /// reference, `RestoreDBClusterFromSnapshot`, `RestoreDBClusterToPointInTime`.
    pub(super) fn restore_cluster(
        &mut self,
        desired: &Desired,
        source: &Source,
    ) -> Result<Option<Observed>, Refused> {
        let contents = match source {
            Source::Snapshot(arn) => self.contents_of_snapshot(arn)?,
            Source::PointInTime { of, at } => self.contents_at(of, *at)?,
        };
        let newer = matches!(source, Source::Snapshot(_))
            && contents.engine_version > desired.engine_version;
        ensure(!newer, "InvalidParameterCombination", "an older version")?;
        let same = contents.engine == desired.engine;
        ensure(same, "InvalidParameterCombination", "of another engine")?;
        let settings = Settings {
            backup_retention_days: 1,
            backup_window: "03:00-03:30".into(),
            maintenance_window: "sun:05:00-sun:05:30".into(),
            deletion_protection: false,
            ..desired.settings.clone()
        };
        let wanted = Desired {
            master_username: contents.master_username.clone(),
            ..desired.clone()
        };
        let made = self.new_cluster(&wanted, settings)?;
        self.clusters.contents.insert(made.id.clone(), contents);
        Ok(Some(made))
    }

    fn contents_of_snapshot(&self, arn: &Arn) -> Result<Contents, Refused> {
        let mut snapshots = self.snapshots.all.values();
        let Some(snapshot) = snapshots.find(|snapshot| snapshot.arn == *arn) else {
            return refuse("DBClusterSnapshotNotFoundFault", format!("no {arn}"));
        };
        ensure(
            snapshot.status == "available",
            "InvalidDBClusterSnapshotStateFault",
            format!("{arn} is {}", snapshot.status),
        )?;
        match self.snapshots.contents.get(&snapshot.id) {
            Some(contents) => Ok(contents.clone()),
            None => refuse("InvalidRestoreFault", "it holds nothing"),
        }
    }

    /// Within the window since it was made. How far back that goes is not kept here.
    fn contents_at(&self, of: &Origin, at: Option<Timestamp>) -> Result<Contents, Refused> {
        let later = at.is_some_and(|at| at > self.now);
        ensure(
            !later,
            "InvalidRestoreFault",
            "outside of the restore window",
        )?;
        let found = match of {
            Origin::Cluster(id) => self.clusters.contents.get(id),
            Origin::Retained(resource) => self.clusters.retained.get(resource),
        };
        match found {
            Some(contents) => Ok(contents.clone()),
            None => refuse(
                "DBClusterNotFoundFault",
                "no such cluster, and no retained backup of it",
            ),
        }
    }

    pub(super) fn take_cluster_over(
        &mut self,
        id: &DbClusterId,
        master: &SecretName,
    ) -> Result<(), Refused> {
        self.secrets.value(master)?;
        let cluster = self.clusters.available(id)?;
        cluster.settings.deletion_protection = true;
        cluster.status = "resetting-master-credentials".into();
        if let Some(contents) = self.clusters.contents.get_mut(id) {
            contents.master = master.clone();
        }
        let resetting = "resetting-master-credentials";
        self.cluster_later(id, self.delays.modifying, resetting);
        Ok(())
    }
}
