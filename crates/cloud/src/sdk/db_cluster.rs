//! DB clusters.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_rds::{
    Client,
    operation::{
        create_db_cluster::builders::CreateDBClusterFluentBuilder,
        modify_db_cluster::builders::ModifyDBClusterFluentBuilder,
    },
    types::{
        CloudwatchLogsExportConfiguration, DbCluster as Wired, ServerlessV2ScalingConfiguration,
    },
};
use emr_resource::{
    Difference, Mutation,
    db_cluster::{Acu, Change, DbCluster, Desired, Member, Observed, Settings},
    ids::{DbClusterId, DbInstanceId, ParameterGroupName, SecurityGroupId, SubnetGroupName},
};

use super::{Clients, Wire, rds};
use crate::{CloudError, Cursor, Page, Port, SecretValue, SecretValues};

const ENGINE: &str = "aurora-mysql";

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
            .engine(ENGINE)
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

fn scaling(settings: &Settings) -> ServerlessV2ScalingConfiguration {
    ServerlessV2ScalingConfiguration::builder()
        .min_capacity(settings.min_capacity.as_f64())
        .max_capacity(settings.max_capacity.as_f64())
        .build()
}

fn groups(settings: &Settings) -> Vec<String> {
    settings
        .security_groups
        .iter()
        .map(|id| id.as_str().to_owned())
        .collect()
}

fn days(settings: &Settings) -> i32 {
    i32::try_from(settings.backup_retention_days).unwrap_or(i32::MAX)
}

/// RDS takes what to switch on and what to switch off. `seen` is the set as the difference tells
/// it, each log in quotes.
fn exports(seen: &str, wanted: &BTreeSet<String>) -> CloudwatchLogsExportConfiguration {
    const LOGS: [&str; 5] = ["audit", "error", "general", "instance", "slowquery"];
    let is_on = |log: &str| seen.contains(&format!("{log:?}"));
    let on = wanted.iter().filter(|log| !is_on(log)).cloned().collect();
    let off = LOGS
        .iter()
        .filter(|log| is_on(log) && !wanted.contains(**log));
    CloudwatchLogsExportConfiguration::builder()
        .set_enable_log_types(Some(on))
        .set_disable_log_types(Some(off.map(|log| (*log).to_owned()).collect()))
        .build()
}

/// Exports with what is about to change: it is no longer to be asked for.
fn log_exports(cluster: &Wired) -> BTreeSet<String> {
    let mut logs: BTreeSet<String> = cluster
        .enabled_cloudwatch_logs_exports()
        .iter()
        .cloned()
        .collect();
    let pending = cluster
        .pending_modified_values()
        .and_then(|values| values.pending_cloudwatch_logs_exports());
    if let Some(pending) = pending {
        logs.extend(pending.log_types_to_enable().iter().cloned());
        for log in pending.log_types_to_disable() {
            logs.remove(log);
        }
    }
    logs
}

fn observed(cluster: &Wired) -> Option<Observed> {
    let scaling = cluster.serverless_v2_scaling_configuration();
    let capacity = |value: Option<f64>| Acu::from_f64(value.unwrap_or_default());
    let retention = cluster
        .pending_modified_values()
        .and_then(aws_sdk_rds::types::ClusterPendingModifiedValues::backup_retention_period)
        .or(cluster.backup_retention_period());
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let mut members: Vec<Member> = cluster
        .db_cluster_members()
        .iter()
        .filter_map(|member| {
            Some(Member {
                id: DbInstanceId::new(member.db_instance_identifier()?),
                is_writer: member.is_cluster_writer().unwrap_or_default(),
                parameter_group_status: text(member.db_cluster_parameter_group_status()),
            })
        })
        .collect();
    // AWS gives them in any order; a difference in order is no change.
    members.sort_by(|a, b| a.id.cmp(&b.id));
    Some(Observed {
        id: DbClusterId::new(cluster.db_cluster_identifier()?),
        arn: cluster.db_cluster_arn()?.into(),
        resource_id: text(cluster.db_cluster_resource_id()),
        status: text(cluster.status()),
        engine_version: text(cluster.engine_version()),
        endpoint: cluster.endpoint().map(str::to_owned),
        reader_endpoint: cluster.reader_endpoint().map(str::to_owned),
        port: cluster.port().and_then(|port| u16::try_from(port).ok()),
        master_username: text(cluster.master_username()),
        subnet_group: SubnetGroupName::new(text(cluster.db_subnet_group())),
        kms_key_arn: cluster.kms_key_id().map(Into::into),
        settings: Settings {
            min_capacity: capacity(
                scaling.and_then(
                    aws_sdk_rds::types::ServerlessV2ScalingConfigurationInfo::min_capacity,
                ),
            ),
            max_capacity: capacity(
                scaling.and_then(
                    aws_sdk_rds::types::ServerlessV2ScalingConfigurationInfo::max_capacity,
                ),
            ),
            parameter_group: ParameterGroupName::new(text(cluster.db_cluster_parameter_group())),
            security_groups: cluster
                .vpc_security_groups()
                .iter()
                .filter_map(|group| Some(SecurityGroupId::new(group.vpc_security_group_id()?)))
                .collect(),
            backup_retention_days: retention
                .and_then(|days| u32::try_from(days).ok())
                .unwrap_or_default(),
            backup_window: text(cluster.preferred_backup_window()),
            maintenance_window: text(cluster.preferred_maintenance_window()),
            log_exports: log_exports(cluster),
            deletion_protection: cluster.deletion_protection().unwrap_or_default(),
            copy_tags_to_snapshot: cluster.copy_tags_to_snapshot().unwrap_or_default(),
        },
        members,
        tags: rds::from_tags(cluster.tag_list()),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_switched_on_and_off_by_what_differs() {
        let set = |logs: &[&str]| {
            logs.iter()
                .map(|log| (*log).to_owned())
                .collect::<BTreeSet<_>>()
        };
        let seen = format!("{:?}", set(&["audit", "general"]));
        let change = exports(&seen, &set(&["audit", "error"]));
        assert_eq!(change.enable_log_types(), ["error"]);
        assert_eq!(change.disable_log_types(), ["general"]);
    }
}
