//! Settings and clusters, from ours to RDS's and back.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{
    CloudwatchLogsExportConfiguration, DbCluster as Wired, ServerlessV2ScalingConfiguration,
};
use emr_resource::{
    db_cluster::{Acu, Member, Observed, Settings},
    ids::{DbClusterId, DbInstanceId, ParameterGroupName, SecurityGroupId, SubnetGroupName},
};

use crate::sdk::rds;

pub(super) fn scaling(settings: &Settings) -> ServerlessV2ScalingConfiguration {
    ServerlessV2ScalingConfiguration::builder()
        .min_capacity(settings.min_capacity.as_f64())
        .max_capacity(settings.max_capacity.as_f64())
        .build()
}

pub(super) fn groups(settings: &Settings) -> Vec<String> {
    settings
        .security_groups
        .iter()
        .map(|id| id.as_str().to_owned())
        .collect()
}

pub(super) fn days(settings: &Settings) -> i32 {
    i32::try_from(settings.backup_retention_days).unwrap_or(i32::MAX)
}

/// RDS takes what to switch on and what to switch off. `seen` is the set as the difference tells
/// it, each log in quotes.
pub(super) fn exports(seen: &str, wanted: &BTreeSet<String>) -> CloudwatchLogsExportConfiguration {
    const LOGS: [&str; 6] = [
        "audit",
        "error",
        "general",
        "instance",
        "postgresql",
        "slowquery",
    ];
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

pub(super) fn observed(cluster: &Wired) -> Option<Observed> {
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
        engine: text(cluster.engine()),
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
