//! Clusters from a snapshot or from a point in time. What a restore does not take (backup retention, windows,
//! protection, the master password) comes with a modification later.

use aws_sdk_rds::{Client, primitives::DateTime, types::DbCluster as Wired};
use emr_resource::db_cluster::{Desired, Origin, Source};
use jiff::Timestamp;

use super::translate::{groups, scaling};
use crate::{
    CloudError,
    sdk::{Wire, rds},
};

/// Makes the one call, and hands back the cluster as AWS answers it.
pub(super) async fn restore(
    client: &Client,
    wire: &Wire,
    desired: &Desired,
    source: &Source,
) -> Result<Option<Wired>, CloudError> {
    match source {
        Source::Snapshot(arn) => {
            let settings = &desired.settings;
            let call = client
                .restore_db_cluster_from_snapshot()
                .db_cluster_identifier(desired.id.as_str())
                .snapshot_identifier(arn.as_str())
                .engine(desired.engine.as_str())
                .engine_version(&desired.engine_version)
                .port(i32::from(desired.port))
                .db_subnet_group_name(desired.subnet_group.as_str())
                .kms_key_id(desired.kms_key_arn.as_str())
                .serverless_v2_scaling_configuration(scaling(settings))
                .db_cluster_parameter_group_name(settings.parameter_group.as_str())
                .set_vpc_security_group_ids(Some(groups(settings)))
                .set_enable_cloudwatch_logs_exports(Some(logs(desired)))
                .deletion_protection(false)
                .copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
                .set_tags(Some(rds::to_tags(&desired.tags)));
            let answer = wire.mutate("RestoreDBClusterFromSnapshot", call.send());
            Ok(answer.await?.db_cluster)
        }
        Source::PointInTime { of, at } => to_point_in_time(client, wire, desired, of, *at).await,
    }
}

/// The engine's version is that of then: AWS takes none.
async fn to_point_in_time(
    client: &Client,
    wire: &Wire,
    desired: &Desired,
    of: &Origin,
    at: Option<Timestamp>,
) -> Result<Option<Wired>, CloudError> {
    let settings = &desired.settings;
    let mut call = client
        .restore_db_cluster_to_point_in_time()
        .db_cluster_identifier(desired.id.as_str())
        .port(i32::from(desired.port))
        .db_subnet_group_name(desired.subnet_group.as_str())
        .kms_key_id(desired.kms_key_arn.as_str())
        .serverless_v2_scaling_configuration(scaling(settings))
        .db_cluster_parameter_group_name(settings.parameter_group.as_str())
        .set_vpc_security_group_ids(Some(groups(settings)))
        .set_enable_cloudwatch_logs_exports(Some(logs(desired)))
        .deletion_protection(false)
        .copy_tags_to_snapshot(settings.copy_tags_to_snapshot)
        .set_tags(Some(rds::to_tags(&desired.tags)));
    call = match of {
        Origin::Cluster(id) => call.source_db_cluster_identifier(id.as_str()),
        Origin::Retained(id) => call.source_db_cluster_resource_id(id),
    };
    call = match at {
        Some(at) => call.restore_to_time(DateTime::from_secs(at.as_second())),
        None => call.use_latest_restorable_time(true),
    };
    let answer = wire.mutate("RestoreDBClusterToPointInTime", call.send());
    Ok(answer.await?.db_cluster)
}

fn logs(desired: &Desired) -> Vec<String> {
    desired.settings.log_exports.iter().cloned().collect()
}
