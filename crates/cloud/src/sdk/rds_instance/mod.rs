//! DB instances that stand alone, and their read replicas.

mod create;
mod translate;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::{
    Client, operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder,
    types::DbInstance as Wired,
};
use emr_resource::{
    Difference, Mutation,
    ids::DbInstanceId,
    rds_instance::{Change, Observed, RdsInstance, Settings},
};

use self::translate::{exports, groups, key, number, observed};
use super::{Clients, Wire, rds};
use crate::{CloudError, Cursor, Page, Port, SecretValues};

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

    /// Sends what differs and nothing else. AWS wants room, operations and throughput together.
    fn modify(
        &self,
        id: &DbInstanceId,
        settings: &Settings,
        differences: &[Difference],
    ) -> ModifyDBInstanceFluentBuilder {
        let storage = &settings.storage;
        let call = self.rds.modify_db_instance();
        let call = call
            .db_instance_identifier(id.as_str())
            .apply_immediately(true);
        differences
            .iter()
            .fold(call, |call, difference| match difference.field {
                "class" => call.db_instance_class(&settings.class),
                "Multi-AZ" => call.multi_az(settings.multi_az),
                "storage" => call.allocated_storage(number(storage.allocated_gb)),
                "greatest storage" => call.max_allocated_storage(number(storage.max_allocated_gb)),
                "storage IOPS" | "storage throughput" => call
                    .allocated_storage(number(storage.allocated_gb))
                    .set_iops(storage.iops.map(number))
                    .set_storage_throughput(storage.throughput.map(number)),
                "parameter group" => {
                    call.db_parameter_group_name(settings.parameter_group.as_str())
                }
                "security groups" => call.set_vpc_security_group_ids(Some(groups(settings))),
                "backup retention" => {
                    call.backup_retention_period(number(settings.backup_retention_days))
                }
                "backup window" => call.preferred_backup_window(&settings.backup_window),
                "maintenance window" => {
                    call.preferred_maintenance_window(&settings.maintenance_window)
                }
                "log exports" => call.cloudwatch_logs_export_configuration(exports(
                    &difference.seen,
                    &settings.log_exports,
                )),
                "Performance Insights" => call
                    .enable_performance_insights(settings.performance_insights_key.is_some())
                    .set_performance_insights_kms_key_id(key(settings)),
                "deletion protection" => call.deletion_protection(settings.deletion_protection),
                "copying tags to snapshots" => {
                    call.copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
                }
                "automatic minor upgrades" => {
                    call.auto_minor_version_upgrade(settings.auto_minor_version_upgrade)
                }
                "public access" => call.publicly_accessible(settings.publicly_accessible),
                "IAM authentication" => {
                    call.enable_iam_database_authentication(settings.iam_authentication)
                }
                "certificate authority" => {
                    call.ca_certificate_identifier(&settings.certificate_authority)
                }
                _ => call,
            })
    }
}

/// A reply without tags says nothing of whose it is, so it is not relied on.
fn reply(instance: Option<&Wired>) -> Option<Observed> {
    instance
        .and_then(observed)
        .filter(|seen| !seen.tags.is_empty())
}

#[async_trait]
impl Port<RdsInstance> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.rds.describe_db_instances().max_records(rds::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeDBInstances", list).await?;
        let items = page.db_instances().iter().filter_map(observed).collect();
        Ok(Page::new(items, page.marker()))
    }

    async fn read(&self, id: &DbInstanceId) -> Result<Option<Observed>, CloudError> {
        let read = || {
            let call = self.rds.describe_db_instances();
            call.db_instance_identifier(id.as_str()).send()
        };
        let found = self.wire.read("DescribeDBInstances", read).await;
        let found = CloudError::none_if_not_found(found)?;
        Ok(found.and_then(|found| found.db_instances().first().and_then(observed)))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let master = self.secrets.read(&desired.master_secret).await?;
                let made = create::empty(&self.rds, &self.wire, desired, &master).await?;
                Ok(reply(made.as_ref()))
            }
            Change::Restore { desired, source } => {
                let made = create::restored(&self.rds, &self.wire, desired, source).await?;
                Ok(reply(made.as_ref()))
            }
            Change::Replicate { desired, of } => {
                let made = create::replica(&self.rds, &self.wire, desired, of).await?;
                Ok(reply(made.as_ref()))
            }
            Change::TakeOver { id, master_secret } => {
                let master = self.secrets.read(master_secret).await?;
                let call = self.rds.modify_db_instance();
                let call = call
                    .db_instance_identifier(id.as_str())
                    .apply_immediately(true)
                    .master_user_password(master.password.as_str())
                    .deletion_protection(true);
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            // The other replies may show the instance as it was before.
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
                let call = self.rds.start_db_instance();
                let call = call.db_instance_identifier(id.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete {
                id,
                retain_automated_backups,
            } => {
                let call = self.rds.delete_db_instance();
                let call = call
                    .db_instance_identifier(id.as_str())
                    .skip_final_snapshot(true)
                    .delete_automated_backups(!retain_automated_backups);
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}
