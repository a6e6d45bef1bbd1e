//! A replication group is changed, one change at a time.

use emr_resource::{
    ids::ReplicationGroupId,
    replication_group::{Settings, Strategy, Token, family},
};

use super::create::{MOST_REPLICAS, check_failover, running};
use crate::memory::room::{Refused, Room, ensure};

impl Room {
    /// Works on it for a while.
    fn nodes_rest(&mut self, id: &ReplicationGroupId) {
        if let Some((group, _)) = self.replication_groups.all.get_mut(id) {
            group.status = "modifying".into();
        }
        let id = id.clone();
        self.after(self.delays.modifying, move |room| {
            if let Some((group, _)) = room.replication_groups.all.get_mut(&id)
                && group.status == "modifying"
            {
                group.status = "available".into();
            }
        });
    }

    /// Source: ElastiCache API reference, `ModifyReplicationGroup`. Nodes are exchanged and engines
    /// upgraded by a call of their own.
    pub(super) fn modify_nodes(
        &mut self,
        id: &ReplicationGroupId,
        settings: &Settings,
    ) -> Result<(), Refused> {
        let code = "InvalidParameterCombination";
        let mut group = self.available_group(id)?.0.clone();
        let Some(details) = &mut group.details else {
            return Ok(());
        };
        if let Some(version) = &settings.engine_version {
            let alone = settings.node_type.is_none() && settings.failover.is_none();
            ensure(alone, code, "ask for it alone")?;
            let runs = running(&group.engine, version)?;
            ensure(runs > details.engine_version, code, "it can't be lowered")?;
            details.engine_version = runs;
        }
        if let Some(name) = &settings.parameter_group {
            details.parameter_group = name.clone();
        }
        let family = family(&group.engine, &details.engine_version);
        self.check_parameters(&details.parameter_group, &family, group.cluster_mode)?;
        if let Some(id) = &settings.security_group_id {
            let known = self.ec2.has(id);
            ensure(known, "InvalidParameterValue", "no such security group")?;
            details.security_group_ids = [id.clone()].into();
        }
        if let Some(window) = &settings.maintenance_window {
            details.maintenance_window.clone_from(window);
        }
        if let Some(yes) = settings.auto_minor_version_upgrade {
            details.auto_minor_version_upgrade = yes;
        }
        if let Some((failover, multi_az)) = settings.failover {
            check_failover(group.replicas, failover, multi_az)?;
            (group.automatic_failover, group.multi_az) = (failover, multi_az);
        }
        if let Some(node_type) = &settings.node_type {
            group.node_type.clone_from(node_type);
        }
        if let Some(description) = &settings.description {
            group.description.clone_from(description);
        }
        if let Some(window) = &settings.snapshot_window {
            group.snapshot_window.clone_from(window);
        }
        if let Some(days) = settings.snapshot_retention_days {
            group.snapshot_retention_days = days;
        }
        self.available_group(id)?.0 = group;
        self.nodes_rest(id);
        Ok(())
    }

    /// Two tokens are valid at most, and `SET` comes after `ROTATE` alone. Source: ElastiCache user
    /// guide, "Modifying the AUTH token on an existing cluster".
    pub(super) fn replace_token(
        &mut self,
        id: &ReplicationGroupId,
        token: &Token,
        strategy: Strategy,
    ) -> Result<(), Refused> {
        let value = self.token_value(token)?;
        let now = self.now;
        let (group, tokens) = self.available_group(id)?;
        match strategy {
            Strategy::Rotate => {
                tokens.insert(0, value);
                tokens.truncate(2);
            }
            Strategy::Set => {
                let rotated = tokens.len() == 2 && tokens.first() == Some(&value);
                ensure(rotated, "InvalidParameterCombination", "rotate it first")?;
                tokens.truncate(1);
            }
        }
        group.token_modified_at = Some(now);
        self.nodes_rest(id);
        Ok(())
    }

    pub(super) fn add_replicas(
        &mut self,
        id: &ReplicationGroupId,
        replicas: u32,
    ) -> Result<(), Refused> {
        let (group, _) = self.available_group(id)?;
        ensure(replicas != group.replicas, "NoOperationFault", "it is so")?;
        let more = replicas > group.replicas && replicas <= MOST_REPLICAS;
        ensure(more, "InvalidParameterValue", "more, and 5 at most")?;
        group.replicas = replicas;
        self.nodes_rest(id);
        Ok(())
    }

    /// Source: ElastiCache API reference, `DecreaseReplicaCount`.
    pub(super) fn remove_replicas(
        &mut self,
        id: &ReplicationGroupId,
        replicas: u32,
    ) -> Result<(), Refused> {
        let (group, _) = self.available_group(id)?;
        ensure(replicas != group.replicas, "NoOperationFault", "it is so")?;
        let fewer = replicas < group.replicas;
        ensure(fewer, "InvalidParameterValue", "not fewer than there are")?;
        check_failover(replicas, group.automatic_failover, group.multi_az)?;
        group.replicas = replicas;
        self.nodes_rest(id);
        Ok(())
    }
}
