//! Members of Aurora clusters.

use std::collections::BTreeMap;

use emr_resource::{
    db_cluster::Member,
    db_instance::{Change, DbInstance, Desired, Observed},
    ids::{DbClusterId, DbInstanceId, Zone},
    quota::Quota,
};

use super::room::{Keeps, Refused, Room, Window, ensure, refuse};

const WRONG_STATE: &str = "InvalidDBInstanceState";

#[derive(Clone, Default)]
pub(super) struct Instances {
    pub(super) all: BTreeMap<DbInstanceId, Observed>,
}

impl Instances {
    /// Source: RDS API reference, `ModifyDBInstance`, `InvalidDBInstanceState`.
    fn available(&mut self, id: &DbInstanceId) -> Result<&mut Observed, Refused> {
        let Some(instance) = self.all.get_mut(id) else {
            return refuse("DBInstanceNotFound", format!("DB instance {id} not found"));
        };
        let message = format!("DB instance {id} is {}", instance.status);
        ensure(instance.status == "available", WRONG_STATE, message)?;
        Ok(instance)
    }
}

impl Room {
    /// In an available cluster, in one of its zones. The first member is the writer.
    /// Source: RDS API reference, `CreateDBInstance`.
    fn create_instance(&mut self, desired: &Desired) -> Result<Option<Observed>, Refused> {
        let Desired { id, cluster_id, .. } = desired;
        let exists = self.instances.all.contains_key(id);
        ensure(!exists, "DBInstanceAlreadyExists", format!("{id} exists"))?;
        self.within_quota(Quota::DbInstances, "InstanceQuotaExceeded")?;
        let serverless = desired.class == "db.serverless";
        ensure(serverless, "InvalidParameterValue", "no such class")?;
        let tier = desired.promotion_tier <= 15;
        ensure(tier, "InvalidParameterValue", "tiers go from 0 to 15")?;
        if let Some(key) = &desired.performance_insights_key {
            self.check_key(key, "KMSKeyNotAccessibleFault")?;
        }
        let cluster = self.clusters.available(cluster_id)?;
        let same = cluster.engine == desired.engine.as_str();
        ensure(
            same,
            "InvalidParameterCombination",
            "the cluster has another engine",
        )?;
        let subnet_group = cluster.subnet_group.clone();
        let zone = self.zone_for(&subnet_group, desired.zone.as_ref())?;
        let cluster = self.clusters.available(cluster_id)?;
        let is_writer = cluster.members.is_empty();
        cluster.members.push(Member {
            id: id.clone(),
            is_writer,
            parameter_group_status: "in-sync".into(),
        });
        let instance = Observed {
            id: id.clone(),
            arn: self.arn("rds", &format!("db:{id}")),
            cluster_id: Some(cluster_id.clone()),
            status: "creating".into(),
            zone: Some(zone),
            promotion_tier: desired.promotion_tier,
            performance_insights: desired.performance_insights_key.is_some(),
            tags: desired.tags.clone(),
        };
        self.instances.all.insert(id.clone(), instance.clone());
        let (of, id) = (cluster_id.clone(), id.clone());
        self.after(self.delays.instance_creating, move |room| {
            room.instance_rests(&id, "creating");
            room.write_logs(&of);
        });
        Ok(Some(instance))
    }

    fn zone_for(
        &self,
        group: &emr_resource::ids::SubnetGroupName,
        wanted: Option<&Zone>,
    ) -> Result<Zone, Refused> {
        let group = self.groups.subnets.get(group);
        let ids = group.iter().flat_map(|group| &group.subnet_ids);
        let zones = ids.filter_map(|id| Some(&self.seeded.subnet(id)?.zone));
        let mut zones = zones.filter(|zone| wanted.is_none_or(|wanted| wanted == *zone));
        match zones.next() {
            Some(zone) => Ok(zone.clone()),
            None => refuse("InvalidVPCNetworkStateFault", "no subnet in this zone"),
        }
    }

    fn instance_rests(&mut self, id: &DbInstanceId, status: &str) {
        if let Some(instance) = self.instances.all.get_mut(id)
            && instance.status == status
        {
            instance.status = "available".into();
        }
    }

    /// RDS makes the log groups that it writes to, without key and without end, where nobody did
    /// before. Source: Aurora user guide, "Publishing Aurora MySQL logs to CloudWatch Logs".
    fn write_logs(&mut self, id: &DbClusterId) {
        let Ok(cluster) = self.clusters.get(id) else {
            return;
        };
        let exports = cluster.settings.log_exports.clone();
        for log in exports {
            self.write_log(&format!("/aws/rds/cluster/{id}/{log}"));
        }
    }

    /// The member with the lowest tier takes over from a writer that goes.
    /// Source: Aurora user guide, "Fault tolerance for an Aurora DB cluster".
    fn delete_instance(&mut self, id: &DbInstanceId) -> Result<(), Refused> {
        let instance = self.instances.available(id)?;
        instance.status = "deleting".into();
        let id = id.clone();
        self.after(self.delays.instance_deleting, move |room| {
            let gone = room.instances.all.remove(&id);
            let Some(cluster_id) = gone.and_then(|gone| gone.cluster_id) else {
                return;
            };
            let tier = |member: &Member| {
                let instance = room.instances.all.get(&member.id);
                (instance.map(|i| i.promotion_tier), member.id.clone())
            };
            let Some(cluster) = room.clusters.all.get_mut(&cluster_id) else {
                return;
            };
            cluster.members.retain(|member| member.id != id);
            if cluster.writer().is_none()
                && let Some(next) = cluster.members.iter_mut().min_by_key(|member| tier(member))
            {
                next.is_writer = true;
            }
        });
        Ok(())
    }
}

impl Keeps<DbInstance> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.instances.all.values(), Observed::clone)
    }

    fn read(&self, id: &DbInstanceId) -> Option<Observed> {
        self.instances.all.get(id).cloned()
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => self.create_instance(desired),
            Change::Modify {
                id,
                promotion_tier,
                performance_insights_key,
                ..
            } => {
                if let Some(key) = performance_insights_key {
                    self.check_key(key, "KMSKeyNotAccessibleFault")?;
                }
                let instance = self.instances.available(id)?;
                instance.promotion_tier = *promotion_tier;
                instance.performance_insights = performance_insights_key.is_some();
                instance.status = "modifying".into();
                let id = id.clone();
                self.after(self.delays.modifying, move |room| {
                    room.instance_rests(&id, "modifying");
                });
                Ok(None)
            }
            Change::Delete(id) => {
                self.delete_instance(id)?;
                Ok(None)
            }
        }
    }
}
