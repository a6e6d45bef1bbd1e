//! Settings and instances, from ours to RDS's and back.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{
    CloudwatchLogsExportConfiguration, DbInstance as Wired, PendingModifiedValues,
};
use emr_resource::{
    ids::{DbInstanceId, ParameterGroupName, SecurityGroupId, SubnetGroupName},
    rds_instance::{Observed, Settings, Storage},
};

use crate::sdk::rds;

pub(super) fn groups(settings: &Settings) -> Vec<String> {
    let groups = settings.security_groups.iter();
    groups.map(|id| id.as_str().to_owned()).collect()
}

pub(super) fn logs(settings: &Settings) -> Vec<String> {
    settings.log_exports.iter().cloned().collect()
}

pub(super) fn key(settings: &Settings) -> Option<String> {
    let key = settings.performance_insights_key.as_ref();
    key.map(ToString::to_string)
}

/// As RDS takes numbers.
pub(super) fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// As RDS gives them.
pub(super) fn count(value: Option<i32>) -> Option<u32> {
    value.and_then(|value| u32::try_from(value).ok())
}

/// RDS takes what to switch on and what to switch off. `seen` is the set as the difference tells
/// it, each log in quotes.
pub(super) fn exports(seen: &str, wanted: &BTreeSet<String>) -> CloudwatchLogsExportConfiguration {
    const LOGS: [&str; 3] = ["iam-db-auth-error", "postgresql", "upgrade"];
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
fn log_exports(instance: &Wired, pending: Option<&PendingModifiedValues>) -> BTreeSet<String> {
    let now = instance.enabled_cloudwatch_logs_exports().iter();
    let mut logs: BTreeSet<String> = now.cloned().collect();
    if let Some(pending) = pending.and_then(|values| values.pending_cloudwatch_logs_exports()) {
        logs.extend(pending.log_types_to_enable().iter().cloned());
        for log in pending.log_types_to_disable() {
            logs.remove(log);
        }
    }
    logs
}

/// What AWS has accepted and not applied, in words.
fn in_words(pending: &PendingModifiedValues) -> Vec<String> {
    let all = [
        ("class", pending.db_instance_class().is_some()),
        ("storage", pending.allocated_storage().is_some()),
        ("master password", pending.master_user_password().is_some()),
        ("port", pending.port().is_some()),
        (
            "backup retention",
            pending.backup_retention_period().is_some(),
        ),
        ("Multi-AZ", pending.multi_az().is_some()),
        ("engine version", pending.engine_version().is_some()),
        ("storage IOPS", pending.iops().is_some()),
        ("storage throughput", pending.storage_throughput().is_some()),
        ("storage type", pending.storage_type().is_some()),
        (
            "certificate authority",
            pending.ca_certificate_identifier().is_some(),
        ),
        ("subnet group", pending.db_subnet_group_name().is_some()),
        (
            "log exports",
            pending.pending_cloudwatch_logs_exports().is_some(),
        ),
    ];
    let pending = all.into_iter().filter(|(_, is)| *is);
    pending.map(|(name, _)| name.to_owned()).collect()
}

/// As it will be once what is pending is applied. `None` of a member of a cluster.
pub(super) fn observed(instance: &Wired) -> Option<Observed> {
    if instance.db_cluster_identifier().is_some() {
        return None;
    }
    let pending = instance.pending_modified_values();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let soon = |of: fn(&PendingModifiedValues) -> Option<i32>, now: Option<i32>| {
        count(pending.and_then(of).or(now))
    };
    let group = instance.db_parameter_groups().first();
    let endpoint = instance.endpoint();
    let network = instance.db_subnet_group();
    let port = endpoint.and_then(aws_sdk_rds::types::Endpoint::port);
    Some(Observed {
        id: DbInstanceId::new(instance.db_instance_identifier()?),
        arn: instance.db_instance_arn()?.into(),
        resource_id: text(instance.dbi_resource_id()),
        status: text(instance.db_instance_status()),
        engine: text(instance.engine()),
        engine_version: text(instance.engine_version()),
        endpoint: endpoint.and_then(|of| of.address()).map(str::to_owned),
        port: port.and_then(|port| u16::try_from(port).ok()),
        master_username: text(instance.master_username()),
        subnet_group: SubnetGroupName::new(text(network.and_then(|of| of.db_subnet_group_name()))),
        kms_key_arn: instance.kms_key_id().map(Into::into),
        settings: Settings {
            class: text(
                pending
                    .and_then(PendingModifiedValues::db_instance_class)
                    .or(instance.db_instance_class()),
            ),
            multi_az: pending
                .and_then(PendingModifiedValues::multi_az)
                .or(instance.multi_az())
                .unwrap_or_default(),
            storage: Storage {
                allocated_gb: soon(
                    PendingModifiedValues::allocated_storage,
                    instance.allocated_storage(),
                )
                .unwrap_or_default(),
                max_allocated_gb: count(instance.max_allocated_storage()).unwrap_or_default(),
                iops: soon(PendingModifiedValues::iops, instance.iops()),
                throughput: soon(
                    PendingModifiedValues::storage_throughput,
                    instance.storage_throughput(),
                ),
            },
            parameter_group: ParameterGroupName::new(text(
                group.and_then(|group| group.db_parameter_group_name()),
            )),
            security_groups: instance
                .vpc_security_groups()
                .iter()
                .filter_map(|group| Some(SecurityGroupId::new(group.vpc_security_group_id()?)))
                .collect(),
            backup_retention_days: soon(
                PendingModifiedValues::backup_retention_period,
                instance.backup_retention_period(),
            )
            .unwrap_or_default(),
            backup_window: text(instance.preferred_backup_window()),
            maintenance_window: text(instance.preferred_maintenance_window()),
            log_exports: log_exports(instance, pending),
            performance_insights_key: instance
                .performance_insights_kms_key_id()
                .filter(|_| instance.performance_insights_enabled().unwrap_or_default())
                .map(Into::into),
            deletion_protection: instance.deletion_protection().unwrap_or_default(),
            copy_tags_to_snapshot: instance.copy_tags_to_snapshot().unwrap_or_default(),
            auto_minor_version_upgrade: instance.auto_minor_version_upgrade().unwrap_or_default(),
            publicly_accessible: instance.publicly_accessible().unwrap_or_default(),
            iam_authentication: instance
                .iam_database_authentication_enabled()
                .unwrap_or_default(),
            certificate_authority: text(
                pending
                    .and_then(PendingModifiedValues::ca_certificate_identifier)
                    .or(instance.ca_certificate_identifier()),
            ),
        },
        pending: pending.map(in_words).unwrap_or_default(),
        parameter_status: text(group.and_then(|group| group.parameter_apply_status())),
        replica_of: instance
            .read_replica_source_db_instance_identifier()
            .map(DbInstanceId::new),
        tags: rds::from_tags(instance.tag_list()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pending_is_seen_as_it_will_be_and_told() {
        let pending = PendingModifiedValues::builder()
            .db_instance_class("db.r6g.xlarge")
            .allocated_storage(200)
            .build();
        let wired = |cluster: Option<&str>| {
            Wired::builder()
                .db_instance_identifier("emr-a")
                .db_instance_arn("arn:a")
                .set_db_cluster_identifier(cluster.map(str::to_owned))
                .db_instance_class("db.r6g.large")
                .allocated_storage(100)
                .pending_modified_values(pending.clone())
                .build()
        };
        let seen = observed(&wired(None)).unwrap();
        assert_eq!(seen.settings.class, "db.r6g.xlarge");
        assert_eq!(seen.settings.storage.allocated_gb, 200);
        assert_eq!(seen.pending, ["class", "storage"]);
        assert_eq!(observed(&wired(Some("emr-c"))), None, "a member");
    }
}
