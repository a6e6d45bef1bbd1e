//! DB clusters.

mod restore;
mod translate;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::{
    Client,
    operation::{
        create_db_cluster::builders::CreateDBClusterFluentBuilder,
        modify_db_cluster::builders::ModifyDBClusterFluentBuilder,
    },
    types::DbCluster as Wired,
};
use emr_resource::{
    Difference, Mutation,
    db_cluster::{Change, DbCluster, Desired, Observed, Settings},
    ids::DbClusterId,
};

use self::translate::{days, exports, groups, observed, scaling};
use super::{Clients, Wire, rds};
use crate::{CloudError, Cursor, Page, Port, SecretValue, SecretValues};

pub(super) struct Adapter {
    rds: Client,
    wire: Wire,
    secrets: Arc<dyn SecretValues>,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire, secrets: Arc<dyn SecretValues>) -> Self {
        Self {
            rds: clients.rds.clone(),
            wire,
            secrets,
        }
    }

    fn create(&self, desired: &Desired, master: &SecretValue) -> CreateDBClusterFluentBuilder {
        let settings = &desired.settings;
        self.rds
            .create_db_cluster()
            .db_cluster_identifier(desired.id.as_str())
            .engine(desired.engine.as_str())
            .engine_version(&desired.engine_version)
            .master_username(&desired.master_username)
            .master_user_password(master.password.as_str())
            .port(i32::from(desired.port))
            .db_subnet_group_name(desired.subnet_group.as_str())
            .storage_encrypted(true)
            .kms_key_id(desired.kms_key_arn.as_str())
            .serverless_v2_scaling_configuration(scaling(settings))
            .db_cluster_parameter_group_name(settings.parameter_group.as_str())
            .set_vpc_security_group_ids(Some(groups(settings)))
            .backup_retention_period(days(settings))
            .preferred_backup_window(&settings.backup_window)
            .preferred_maintenance_window(&settings.maintenance_window)
            .set_enable_cloudwatch_logs_exports(Some(
                settings.log_exports.iter().cloned().collect(),
            ))
            .deletion_protection(settings.deletion_protection)
            .copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
            .set_tags(Some(rds::to_tags(&desired.tags)))
    }

    /// Sends what differs and nothing else.
    fn modify(
        &self,
        id: &DbClusterId,
        settings: &Settings,
        differences: &[Difference],
    ) -> ModifyDBClusterFluentBuilder {
        let call = self
            .rds
            .modify_db_cluster()
            .db_cluster_identifier(id.as_str())
            .apply_immediately(true);
        differences
            .iter()
            .fold(call, |call, difference| match difference.field {
                "minimum capacity" | "maximum capacity" => {
                    call.serverless_v2_scaling_configuration(scaling(settings))
                }
                "parameter group" => {
                    call.db_cluster_parameter_group_name(settings.parameter_group.as_str())
                }
                "security groups" => call.set_vpc_security_group_ids(Some(groups(settings))),
                "backup retention" => call.backup_retention_period(days(settings)),
                "backup window" => call.preferred_backup_window(&settings.backup_window),
                "maintenance window" => {
                    call.preferred_maintenance_window(&settings.maintenance_window)
                }
                "log exports" => call.cloudwatch_logs_export_configuration(exports(
                    &difference.seen,
                    &settings.log_exports,
                )),
                "deletion protection" => call.deletion_protection(settings.deletion_protection),
                "copying tags to snapshots" => {
                    call.copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
                }
                _ => call,
            })
    }
}

/// A reply without tags says nothing of whose it is, so it is not relied on.
fn reply(cluster: Option<&Wired>) -> Option<Observed> {
    cluster
        .and_then(observed)
        .filter(|seen| !seen.tags.is_empty())
}

#[async_trait]
impl Port<DbCluster> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.rds.describe_db_clusters().max_records(rds::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeDBClusters", list).await?;
        let items = page.db_clusters().iter().filter_map(observed).collect();
        Ok(Page::new(items, page.marker()))
    }

    async fn read(&self, id: &DbClusterId) -> Result<Option<Observed>, CloudError> {
        let read = || {
            self.rds
                .describe_db_clusters()
                .db_cluster_identifier(id.as_str())
                .send()
        };
        let found = self.wire.read("DescribeDBClusters", read).await;
        let found = CloudError::none_if_not_found(found)?;
        Ok(found.and_then(|found| found.db_clusters().first().and_then(observed)))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let master = self.secrets.read(&desired.master_secret).await?;
                let call = self.create(desired, &master);
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(reply(answer.db_cluster()))
            }
            Change::Restore { desired, source } => {
                let made = restore::restore(&self.rds, &self.wire, desired, source).await?;
                Ok(reply(made.as_ref()))
            }
            Change::TakeOver { id, master_secret } => {
                let master = self.secrets.read(master_secret).await?;
                let call = self.rds.modify_db_cluster();
                let call = call
                    .db_cluster_identifier(id.as_str())
                    .apply_immediately(true);
                let call = call
                    .master_user_password(master.password.as_str())
                    .deletion_protection(true);
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            // The other replies may show the cluster as it was before.
            Change::Modify {
                id,
                settings,
                differences,
            } => {
                let call = self.modify(id, settings, differences);
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Tag { arn, tags, .. } => {
                rds::tag(&self.rds, &self.wire, arn, tags).await?;
                Ok(None)
            }
            Change::Start(id) => {
                let call = self
                    .rds
                    .start_db_cluster()
                    .db_cluster_identifier(id.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete {
                id,
                retain_automated_backups,
            } => {
                let call = self
                    .rds
                    .delete_db_cluster()
                    .db_cluster_identifier(id.as_str())
                    .skip_final_snapshot(true)
                    .delete_automated_backups(!retain_automated_backups);
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
