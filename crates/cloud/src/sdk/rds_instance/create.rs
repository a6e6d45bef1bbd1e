//! The four ways in which an instance comes to be. What one of them does not take (retention and windows of a
//! replica, room, the master password and protection of a restored one) comes with a modification later.

use aws_sdk_rds::{Client, primitives::DateTime, types::DbInstance as Wired};
use emr_resource::{
    ids::DbInstanceId,
    rds_instance::{Desired, ENGINE, LARGE_GB, PORT, Past, Source},
};
use jiff::Timestamp;

use super::translate::{groups, key, logs, number};
use crate::{
    CloudError, SecretValue,
    sdk::{Wire, rds},
};

const STORAGE: &str = "gp3";

/// Operations and throughput, where AWS takes them.
fn speed(desired: &Desired) -> (Option<i32>, Option<i32>) {
    let storage = &desired.settings.storage;
    if storage.allocated_gb < LARGE_GB {
        return (None, None);
    }
    (storage.iops.map(number), storage.throughput.map(number))
}

pub(super) async fn empty(
    client: &Client,
    wire: &Wire,
    desired: &Desired,
    master: &SecretValue,
) -> Result<Option<Wired>, CloudError> {
    let settings = &desired.settings;
    let (iops, throughput) = speed(desired);
    let call = client
        .create_db_instance()
        .db_instance_identifier(desired.id.as_str())
        .engine(ENGINE)
        .engine_version(&desired.engine_version)
        .db_instance_class(&settings.class)
        .multi_az(settings.multi_az)
        .storage_type(STORAGE)
        .allocated_storage(number(settings.storage.allocated_gb))
        .max_allocated_storage(number(settings.storage.max_allocated_gb))
        .set_iops(iops)
        .set_storage_throughput(throughput)
        .storage_encrypted(true)
        .kms_key_id(desired.kms_key_arn.as_str())
        .master_username(&desired.master_username)
        .master_user_password(master.password.as_str())
        .port(i32::from(PORT))
        .db_subnet_group_name(desired.subnet_group.as_str())
        .set_vpc_security_group_ids(Some(groups(settings)))
        .db_parameter_group_name(settings.parameter_group.as_str())
        .backup_retention_period(number(settings.backup_retention_days))
        .preferred_backup_window(&settings.backup_window)
        .preferred_maintenance_window(&settings.maintenance_window)
        .set_enable_cloudwatch_logs_exports(Some(logs(settings)))
        .enable_performance_insights(settings.performance_insights_key.is_some())
        .set_performance_insights_kms_key_id(key(settings))
        .deletion_protection(settings.deletion_protection)
        .copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
        .auto_minor_version_upgrade(settings.auto_minor_version_upgrade)
        .publicly_accessible(settings.publicly_accessible)
        .enable_iam_database_authentication(settings.iam_authentication)
        .ca_certificate_identifier(&settings.certificate_authority)
        .set_tags(Some(rds::to_tags(&desired.tags)));
    let answer = wire.mutate("CreateDBInstance", call.send());
    Ok(answer.await?.db_instance)
}

/// The replica's engine, version, key and master user are its primary's.
pub(super) async fn replica(
    client: &Client,
    wire: &Wire,
    desired: &Desired,
    of: &DbInstanceId,
) -> Result<Option<Wired>, CloudError> {
    let settings = &desired.settings;
    let call = client
        .create_db_instance_read_replica()
        .db_instance_identifier(desired.id.as_str())
        .source_db_instance_identifier(of.as_str())
        .db_instance_class(&settings.class)
        .multi_az(settings.multi_az)
        .storage_type(STORAGE)
        .max_allocated_storage(number(settings.storage.max_allocated_gb))
        .port(i32::from(PORT))
        .set_vpc_security_group_ids(Some(groups(settings)))
        .db_parameter_group_name(settings.parameter_group.as_str())
        .set_enable_cloudwatch_logs_exports(Some(logs(settings)))
        .enable_performance_insights(settings.performance_insights_key.is_some())
        .set_performance_insights_kms_key_id(key(settings))
        .deletion_protection(settings.deletion_protection)
        .copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
        .auto_minor_version_upgrade(settings.auto_minor_version_upgrade)
        .publicly_accessible(settings.publicly_accessible)
        .enable_iam_database_authentication(settings.iam_authentication)
        .ca_certificate_identifier(&settings.certificate_authority)
        .set_tags(Some(rds::to_tags(&desired.tags)));
    let answer = wire.mutate("CreateDBInstanceReadReplica", call.send());
    Ok(answer.await?.db_instance)
}

/// The engine's version and the key are those of the source: AWS takes no others. Its room is too; what is
/// wanted beyond it comes with a modification.
pub(super) async fn restored(
    client: &Client,
    wire: &Wire,
    desired: &Desired,
    source: &Source,
) -> Result<Option<Wired>, CloudError> {
    let settings = &desired.settings;
    let arn = match source {
        Source::Snapshot(arn) => arn,
        Source::PointInTime { of, at } => {
            return to_point_in_time(client, wire, desired, of, *at).await;
        }
    };
    // An ARN names a snapshot that is shared; ours has a name.
    let name = arn.as_str().split_once(":snapshot:");
    let call = client
        .restore_db_instance_from_db_snapshot()
        .db_instance_identifier(desired.id.as_str())
        .db_snapshot_identifier(name.map_or(arn.as_str(), |(_, name)| name))
        .db_instance_class(&settings.class)
        .multi_az(settings.multi_az)
        .storage_type(STORAGE)
        .port(i32::from(PORT))
        .db_subnet_group_name(desired.subnet_group.as_str())
        .set_vpc_security_group_ids(Some(groups(settings)))
        .db_parameter_group_name(settings.parameter_group.as_str())
        .set_enable_cloudwatch_logs_exports(Some(logs(settings)))
        .deletion_protection(false)
        .copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
        .auto_minor_version_upgrade(settings.auto_minor_version_upgrade)
        .publicly_accessible(settings.publicly_accessible)
        .enable_iam_database_authentication(settings.iam_authentication)
        .ca_certificate_identifier(&settings.certificate_authority)
        .set_tags(Some(rds::to_tags(&desired.tags)));
    let answer = wire.mutate("RestoreDBInstanceFromDBSnapshot", call.send());
    Ok(answer.await?.db_instance)
}

async fn to_point_in_time(
    client: &Client,
    wire: &Wire,
    desired: &Desired,
    of: &Past,
    at: Option<Timestamp>,
) -> Result<Option<Wired>, CloudError> {
    let settings = &desired.settings;
    let mut call = client
        .restore_db_instance_to_point_in_time()
        .target_db_instance_identifier(desired.id.as_str())
        .db_instance_class(&settings.class)
        .multi_az(settings.multi_az)
        .storage_type(STORAGE)
        .max_allocated_storage(number(settings.storage.max_allocated_gb))
        .port(i32::from(PORT))
        .db_subnet_group_name(desired.subnet_group.as_str())
        .set_vpc_security_group_ids(Some(groups(settings)))
        .db_parameter_group_name(settings.parameter_group.as_str())
        .set_enable_cloudwatch_logs_exports(Some(logs(settings)))
        .deletion_protection(false)
        .copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
        .auto_minor_version_upgrade(settings.auto_minor_version_upgrade)
        .publicly_accessible(settings.publicly_accessible)
        .enable_iam_database_authentication(settings.iam_authentication)
        .ca_certificate_identifier(&settings.certificate_authority)
        .set_tags(Some(rds::to_tags(&desired.tags)));
    call = match of {
        Past::Instance(id) => call.source_db_instance_identifier(id.as_str()),
        Past::Retained(id) => call.source_dbi_resource_id(id),
    };
    call = match at {
        Some(at) => call.restore_time(DateTime::from_secs(at.as_second())),
        None => call.use_latest_restorable_time(true),
    };
    let answer = wire.mutate("RestoreDBInstanceToPointInTime", call.send());
    Ok(answer.await?.db_instance)
}
