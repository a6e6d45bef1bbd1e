//! Aurora clusters.

use std::collections::BTreeMap;

use emr_resource::{
    db_cluster::{Change, DbCluster, Desired, Engine, Observed, Settings},
    ids::DbClusterId,
    quota::Quota,
};

use super::{
    restored_clusters::Contents,
    room::{Keeps, Refused, Room, Window, ensure, refuse},
};

/// The versions that can be created.
const VERSIONS: [(Engine, &str); 5] = [
    (Engine::AuroraMysql, "8.0.mysql_aurora.3.08.2"),
    (Engine::AuroraMysql, "8.0.mysql_aurora.3.10.1"),
    (Engine::AuroraMysql, "8.0.mysql_aurora.3.10.0"),
    (Engine::AuroraPostgresql, "16.6"),
    (Engine::AuroraPostgresql, "16.8"),
];
const WRONG_STATE: &str = "InvalidDBClusterStateFault";
const NOT_FOUND: &str = "DBClusterNotFoundFault";

#[derive(Clone, Default)]
pub(super) struct Clusters {
    pub(super) all: BTreeMap<DbClusterId, Observed>,
    /// Resource ids of deleted clusters whose automated backups were kept.
    pub(super) retained_backups: Vec<(DbClusterId, String)>,
    /// What is in each: whose data, and which secret the master password is of.
    pub(super) contents: BTreeMap<DbClusterId, Contents>,
    /// What retained backups hold, by the lasting id of the deleted cluster.
    pub(super) retained: BTreeMap<String, Contents>,
}

impl Clusters {
    pub(super) fn get(&mut self, id: &DbClusterId) -> Result<&mut Observed, Refused> {
        match self.all.get_mut(id) {
            Some(cluster) => Ok(cluster),
            None => refuse(NOT_FOUND, format!("DB cluster {id} not found")),
        }
    }

    /// Changes are accepted while it is available only. Source: Aurora user guide, "Viewing DB
    /// cluster status".
    pub(super) fn available(&mut self, id: &DbClusterId) -> Result<&mut Observed, Refused> {
        let cluster = self.get(id)?;
        let message = format!("DB cluster {id} is {}", cluster.status);
        ensure(cluster.is_available(), WRONG_STATE, message)?;
        Ok(cluster)
    }
}

impl Room {
    /// Source: RDS API reference, `CreateDBCluster`, errors and constraints of each parameter.
    fn create_cluster(&mut self, desired: &Desired) -> Result<Option<Observed>, Refused> {
        self.secrets.value(&desired.master_secret)?;
        let made = self.new_cluster(desired, desired.settings.clone())?;
        let nth = self.born.get(&format!("cluster-/{}", made.id));
        let contents = Contents {
            data: (made.id.clone(), nth.copied().unwrap_or_default()),
            master: desired.master_secret.clone(),
            master_username: made.master_username.clone(),
            engine: desired.engine,
            engine_version: made.engine_version.clone(),
        };
        self.clusters.contents.insert(made.id.clone(), contents);
        Ok(Some(made))
    }

    pub(super) fn new_cluster(
        &mut self,
        desired: &Desired,
        settings: Settings,
    ) -> Result<Observed, Refused> {
        let id = &desired.id;
        let version = VERSIONS.contains(&(desired.engine, desired.engine_version.as_str()));
        ensure(
            version,
            "InvalidParameterCombination",
            "cannot find this version",
        )?;
        let exists = self.clusters.all.contains_key(id);
        ensure(
            !exists,
            "DBClusterAlreadyExistsFault",
            format!("{id} exists"),
        )?;
        self.within_quota(Quota::DbClusters, "DBClusterQuotaExceededFault")?;
        let subnets = self.groups.subnets.contains_key(&desired.subnet_group);
        ensure(
            subnets,
            "DBSubnetGroupNotFoundFault",
            desired.subnet_group.as_str(),
        )?;
        self.check_key(&desired.kms_key_arn, "KMSKeyNotAccessibleFault")?;
        let family = desired.engine.family(&desired.engine_version);
        self.check_settings(&settings, &family)?;
        let resource_id = self.next_id("cluster-", id.as_str()).to_uppercase();
        let suffix = &resource_id[8..20].to_lowercase();
        let host = |kind: &str| format!("{id}.{kind}{suffix}.{}.rds.amazonaws.com", self.region);
        let cluster = Observed {
            id: id.clone(),
            arn: self.arn("rds", &format!("cluster:{id}")),
            status: "creating".into(),
            engine: desired.engine.to_string(),
            engine_version: desired.engine_version.clone(),
            endpoint: Some(host("cluster-")),
            reader_endpoint: Some(host("cluster-ro-")),
            port: Some(desired.port),
            master_username: desired.master_username.clone(),
            subnet_group: desired.subnet_group.clone(),
            kms_key_arn: Some(desired.kms_key_arn.clone()),
            settings,
            members: Vec::new(),
            tags: desired.tags.clone(),
            resource_id,
        };
        self.clusters.all.insert(id.clone(), cluster.clone());
        self.cluster_later(id, self.delays.cluster_creating, "creating");
        Ok(cluster)
    }

    fn check_settings(&self, settings: &Settings, family: &str) -> Result<(), Refused> {
        let days = settings.backup_retention_days;
        ensure(
            (1..=35).contains(&days),
            "InvalidParameterValue",
            "1 to 35 days",
        )?;
        let range = settings.min_capacity <= settings.max_capacity;
        ensure(
            range,
            "InvalidParameterCombination",
            "least above greatest capacity",
        )?;
        for group in &settings.security_groups {
            let known = self.ec2.has(group);
            ensure(
                known,
                "InvalidParameterValue",
                format!("no security group {group}"),
            )?;
        }
        match self.family_of(&settings.parameter_group) {
            None => refuse("DBClusterParameterGroupNotFound", "no such parameter group"),
            Some(of) if of == family => Ok(()),
            Some(_) => refuse("InvalidParameterCombination", "of another family"),
        }
    }

    /// Lets it come to rest from `status` after `time`, unless something else happened to it.
    pub(super) fn cluster_later(
        &mut self,
        id: &DbClusterId,
        time: std::time::Duration,
        status: &'static str,
    ) {
        let id = id.clone();
        self.after(time, move |room| {
            if let Ok(cluster) = room.clusters.get(&id)
                && cluster.status == status
            {
                cluster.status = "available".into();
            }
        });
    }

    /// The family of parameter groups that a cluster takes.
    fn family_for(&mut self, id: &DbClusterId) -> Result<String, Refused> {
        let cluster = self.clusters.available(id)?;
        let engines = [Engine::AuroraMysql, Engine::AuroraPostgresql];
        let engine = engines.into_iter().find(|of| of.as_str() == cluster.engine);
        let engine = engine.unwrap_or(Engine::AuroraMysql);
        Ok(engine.family(&cluster.engine_version))
    }

    /// Only what `differences` name is sent, and only while it is available. Switching protection
    /// is done at once and leaves the status as it is.
    fn modify_cluster(
        &mut self,
        id: &DbClusterId,
        wanted: &Settings,
        fields: &[&'static str],
    ) -> Result<(), Refused> {
        let mut settings = self.clusters.available(id)?.settings.clone();
        for field in fields {
            match *field {
                "minimum capacity" => settings.min_capacity = wanted.min_capacity,
                "maximum capacity" => settings.max_capacity = wanted.max_capacity,
                "parameter group" => {
                    settings.parameter_group.clone_from(&wanted.parameter_group);
                }
                "security groups" => {
                    settings.security_groups.clone_from(&wanted.security_groups);
                }
                "backup retention" => settings.backup_retention_days = wanted.backup_retention_days,
                "backup window" => {
                    settings.backup_window.clone_from(&wanted.backup_window);
                }
                "maintenance window" => {
                    settings
                        .maintenance_window
                        .clone_from(&wanted.maintenance_window);
                }
                "log exports" => {
                    settings.log_exports.clone_from(&wanted.log_exports);
                }
                "deletion protection" => settings.deletion_protection = wanted.deletion_protection,
                "copying tags to snapshots" => {
                    settings.copy_tags_to_snapshot = wanted.copy_tags_to_snapshot;
                }
                other => return refuse("InvalidParameterValue", format!("unknown: {other}")),
            }
        }
        let family = self.family_for(id)?;
        self.check_settings(&settings, &family)?;
        let cluster = self.clusters.available(id)?;
        cluster.settings = settings;
        if fields != ["deletion protection"] {
            cluster.status = "modifying".into();
            self.cluster_later(id, self.delays.modifying, "modifying");
        }
        Ok(())
    }

    /// Protection forbids it, and so do members. Source: RDS API reference, `DeleteDBCluster`;
    /// Aurora user guide, "Deleting Aurora DB clusters and DB instances".
    fn delete_cluster(&mut self, id: &DbClusterId, keep: bool) -> Result<(), Refused> {
        let cluster = self.clusters.get(id)?;
        let protected = cluster.settings.deletion_protection;
        ensure(!protected, "InvalidParameterCombination", "it is protected")?;
        let empty = cluster.members.is_empty();
        ensure(empty, WRONG_STATE, "it has members")?;
        let cluster = self.clusters.available(id)?;
        cluster.status = "deleting".into();
        let resource_id = cluster.resource_id.clone();
        let id = id.clone();
        self.after(self.delays.deleting, move |room| {
            room.clusters.all.remove(&id);
            let held = room.clusters.contents.remove(&id);
            if keep {
                if let Some(held) = held {
                    room.clusters.retained.insert(resource_id.clone(), held);
                }
                room.clusters.retained_backups.push((id, resource_id));
            }
        });
        Ok(())
    }
}

impl Keeps<DbCluster> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.clusters.all.values(), Observed::clone)
    }

    fn read(&self, id: &DbClusterId) -> Option<Observed> {
        self.clusters.all.get(id).cloned()
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => self.create_cluster(desired),
            Change::Restore { desired, source } => self.restore_cluster(desired, source),
            Change::TakeOver { id, master_secret } => {
                self.take_cluster_over(id, master_secret)?;
                Ok(None)
            }
            Change::Modify {
                id,
                settings,
                differences,
            } => {
                let fields: Vec<_> = differences.iter().map(|of| of.field).collect();
                self.modify_cluster(id, settings, &fields)?;
                Ok(None)
            }
            Change::Tag { id, tags, .. } => {
                self.clusters.get(id)?.tags.extend(tags.clone());
                Ok(None)
            }
            Change::Start(id) => {
                let cluster = self.clusters.get(id)?;
                let stopped = cluster.status == "stopped";
                ensure(stopped, WRONG_STATE, "it is not stopped")?;
                cluster.status = "starting".into();
                self.cluster_later(id, self.delays.modifying, "starting");
                Ok(None)
            }
            Change::Delete {
                id,
                retain_automated_backups,
            } => {
                self.delete_cluster(id, *retain_automated_backups)?;
                Ok(None)
            }
        }
    }
}
