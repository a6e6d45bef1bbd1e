//! Replication groups. The token comes from Secrets Manager at the moment of the call and goes
//! nowhere else (invariant 7). Lists tell neither tags nor what only nodes know; a single read looks
//! at a node and at the tags.

mod translate;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticache::{
    Client,
    operation::{
        create_replication_group::builders::CreateReplicationGroupFluentBuilder,
        modify_replication_group::builders::ModifyReplicationGroupFluentBuilder,
    },
    types::{AuthTokenUpdateStrategyType, ClusterMode, TransitEncryptionMode},
};
use emr_resource::{
    Mutation,
    ids::ReplicationGroupId,
    replication_group::{
        Change, Desired, Details, Observed, PORT, ReplicationGroup, Settings, Strategy, Token,
    },
};

use self::translate::{details, number, observed};
use super::{Clients, Wire, elasticache};
use crate::{CloudError, Cursor, Page, Port, SecretValue, SecretValues};

pub(super) struct Adapter {
    elasticache: Client,
    wire: Wire,
    secrets: Arc<dyn SecretValues>,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire, secrets: Arc<dyn SecretValues>) -> Self {
        Self {
            elasticache: clients.elasticache.clone(),
            wire,
            secrets,
        }
    }

    async fn token(&self, token: &Token) -> Result<SecretValue, CloudError> {
        self.secrets.version(&token.secret, &token.version).await
    }

    fn create(
        &self,
        desired: &Desired,
        token: &SecretValue,
    ) -> CreateReplicationGroupFluentBuilder {
        let mode = if desired.shards > 1 {
            ClusterMode::Enabled
        } else {
            ClusterMode::Disabled
        };
        self.elasticache
            .create_replication_group()
            .replication_group_id(desired.id.as_str())
            .replication_group_description(&desired.description)
            .engine(&desired.engine)
            .engine_version(&desired.engine_version)
            .cache_node_type(&desired.node_type)
            .cluster_mode(mode)
            .num_node_groups(number(desired.shards))
            .replicas_per_node_group(number(desired.replicas))
            .multi_az_enabled(desired.multi_az)
            .automatic_failover_enabled(desired.automatic_failover)
            .cache_parameter_group_name(desired.parameter_group.as_str())
            .cache_subnet_group_name(desired.subnet_group.as_str())
            .security_group_ids(desired.security_group_id.as_str())
            .port(i32::from(PORT))
            .transit_encryption_enabled(true)
            .transit_encryption_mode(TransitEncryptionMode::Required)
            .at_rest_encryption_enabled(true)
            .kms_key_id(desired.kms_key_arn.as_str())
            .auth_token(token.password.as_str())
            .auto_minor_version_upgrade(true)
            .preferred_maintenance_window(&desired.maintenance_window)
            .snapshot_window(&desired.snapshot_window)
            .snapshot_retention_limit(number(desired.snapshot_retention_days))
            .set_tags(Some(elasticache::to_tags(&desired.first_tags())))
    }

    /// At once: what waits for the window would look as if it had not been asked for.
    fn modify_now(&self, id: &ReplicationGroupId) -> ModifyReplicationGroupFluentBuilder {
        self.elasticache
            .modify_replication_group()
            .replication_group_id(id.as_str())
            .apply_immediately(true)
    }

    fn modify(
        &self,
        id: &ReplicationGroupId,
        settings: &Settings,
    ) -> ModifyReplicationGroupFluentBuilder {
        let parameters = settings.parameter_group.as_ref();
        let groups = settings.security_group_id.as_ref();
        self.modify_now(id)
            .set_replication_group_description(settings.description.clone())
            .set_cache_node_type(settings.node_type.clone())
            .set_engine_version(settings.engine_version.clone())
            .set_cache_parameter_group_name(parameters.map(ToString::to_string))
            .set_security_group_ids(groups.map(|id| vec![id.to_string()]))
            .set_automatic_failover_enabled(settings.failover.map(|(failover, _)| failover))
            .set_multi_az_enabled(settings.failover.map(|(_, multi_az)| multi_az))
            .set_preferred_maintenance_window(settings.maintenance_window.clone())
            .set_snapshot_window(settings.snapshot_window.clone())
            .set_snapshot_retention_limit(settings.snapshot_retention_days.map(number))
            .set_auto_minor_version_upgrade(settings.auto_minor_version_upgrade)
    }

    /// What a node tells. `None` while there is none.
    async fn details(&self, node: Option<&String>) -> Result<Option<Details>, CloudError> {
        let Some(node) = node else {
            return Ok(None);
        };
        let read = || {
            let call = self.elasticache.describe_cache_clusters();
            call.cache_cluster_id(node).send()
        };
        let found = self.wire.read("DescribeCacheClusters", read).await;
        let found = CloudError::none_if_not_found(found)?;
        let node = found
            .as_ref()
            .and_then(|found| found.cache_clusters().first());
        Ok(node.and_then(details))
    }
}

#[async_trait]
impl Port<ReplicationGroup> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self
                .elasticache
                .describe_replication_groups()
                .max_records(elasticache::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeReplicationGroups", list).await?;
        let groups = page.replication_groups().iter();
        Ok(Page::new(
            groups.filter_map(observed).collect(),
            page.marker(),
        ))
    }

    async fn read(&self, id: &ReplicationGroupId) -> Result<Option<Observed>, CloudError> {
        let read = || {
            let call = self.elasticache.describe_replication_groups();
            call.replication_group_id(id.as_str()).send()
        };
        let found = self.wire.read("DescribeReplicationGroups", read).await;
        let found = CloudError::none_if_not_found(found)?;
        let group = found
            .as_ref()
            .and_then(|found| found.replication_groups().first());
        let Some((group, mut seen)) = group.and_then(|group| Some((group, observed(group)?)))
        else {
            return Ok(None);
        };
        seen.details = self.details(group.member_clusters().first()).await?;
        seen.tags = elasticache::tags(&self.elasticache, &self.wire, group.arn()).await?;
        Ok(Some(seen))
    }

    /// No reply tells all, and one to a modification shows the group as it was before.
    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let token = self.token(&desired.token).await?;
                let call = self.create(desired, &token);
                self.wire.mutate(operation, call.send()).await?;
            }
            Change::Modify { id, settings, .. } => {
                let call = self.modify(id, settings);
                self.wire.mutate(operation, call.send()).await?;
            }
            Change::ReplaceToken {
                id,
                token,
                strategy,
            } => {
                let value = self.token(token).await?;
                let strategy = match strategy {
                    Strategy::Rotate => AuthTokenUpdateStrategyType::Rotate,
                    Strategy::Set => AuthTokenUpdateStrategyType::Set,
                };
                let call = self
                    .modify_now(id)
                    .auth_token(value.password.as_str())
                    .auth_token_update_strategy(strategy);
                self.wire.mutate(operation, call.send()).await?;
            }
            Change::AddReplicas { id, replicas } => {
                let call = self
                    .elasticache
                    .increase_replica_count()
                    .replication_group_id(id.as_str())
                    .new_replica_count(number(*replicas))
                    .apply_immediately(true);
                self.wire.mutate(operation, call.send()).await?;
            }
            Change::RemoveReplicas { id, replicas } => {
                let call = self
                    .elasticache
                    .decrease_replica_count()
                    .replication_group_id(id.as_str())
                    .new_replica_count(number(*replicas))
                    .apply_immediately(true);
                self.wire.mutate(operation, call.send()).await?;
            }
            Change::Delete { id, final_snapshot } => {
                let snapshot = final_snapshot.as_ref().map(ToString::to_string);
                let call = self
                    .elasticache
                    .delete_replication_group()
                    .replication_group_id(id.as_str())
                    .set_final_snapshot_identifier(snapshot);
                self.wire.mutate(operation, call.send()).await?;
            }
        }
        Ok(None)
    }
}
