//! The children of an instance: objects that work alone too.
//!
//! Children that hold data carry labels and no owner reference: garbage collection must never
//! delete them because a finalizer of the instance was removed by force (ADR 0003). They leave by
//! a planned step.

use std::collections::BTreeMap;

use emr_api::{
    CacheCluster, EmrInstance, ManagedDatabase, SharedFileSystem,
    cache_cluster::{CacheClusterSpec, CacheEngine, Serverless},
    labels,
    managed_database::{
        DatabaseSource, LogExport, ManagedDatabaseSpec, PointInTime, backup_window,
        maintenance_window,
    },
    shared_file_system::{
        AccessPoint, CreationInfo, FilesSource, SharedFileSystemSpec, ThroughputMode,
    },
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;

use super::Validated;
use crate::openemr::names::label_value;

/// The access point of OpenEMR's `sites` folder.
pub const SITES: &str = "sites";
/// The access point of the certificates between load balancer and pods.
pub const CERTIFICATES: &str = "certificates";

/// The children of an instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Children {
    /// Its database.
    pub database: ManagedDatabase,
    /// Its cache.
    pub cache: CacheCluster,
    /// Its files.
    pub files: SharedFileSystem,
}

/// The children that a validated instance asks for, encrypted with `kms_key_arn`, and made from what
/// its status says that it is restored from.
pub fn children(instance: &EmrInstance, validated: &Validated, kms_key_arn: &str) -> Children {
    let set = instance
        .status
        .as_ref()
        .and_then(|status| status.restored.as_ref());
    let spec = &instance.spec;
    let stores = instance.stores();
    let named = |name: &str, component: &str| metadata(instance, name, component);
    let key = Some(kms_key_arn.to_owned());
    let mut database = ManagedDatabase::new(
        &stores,
        ManagedDatabaseSpec {
            platform_ref: spec.platform_ref.clone(),
            aurora_mysql: Some(validated.mysql.clone()),
            aurora_postgresql: None,
            kms_key_arn: key.clone(),
            restore_from: set.map(|set| DatabaseSource {
                snapshot_arn: set.snapshot_arn.clone(),
                point_in_time: set.database_at.as_ref().map(|at| PointInTime {
                    cluster_id: Some(at.cluster_id.clone()),
                    resource_id: None,
                    time: Some(at.time.clone()),
                }),
            }),
            backup_retention_days: validated.backup_retention_days,
            preferred_backup_window: backup_window(),
            maintenance_window: maintenance_window(),
            performance_insights: true,
            log_exports: Some(vec![
                LogExport::Audit,
                LogExport::Error,
                LogExport::Slowquery,
            ]),
            deletion_policy: spec.deletion_policy,
            management_policy: spec.management_policy,
        },
    );
    database.metadata = named(&stores, "database");
    let managed = &spec.cache.managed;
    let mut cache = CacheCluster::new(
        &instance.name_any(),
        CacheClusterSpec {
            platform_ref: spec.platform_ref.clone(),
            serverless: Some(Serverless {
                engine: CacheEngine::Valkey,
                max_data_gb: managed.max_data_gb.unwrap_or(validated.sizes.cache_data_gb),
                max_ecpu: managed.max_ecpu.unwrap_or(validated.sizes.cache_ecpu),
            }),
            kms_key_arn: key.clone(),
            snapshot_retention_days: 0,
            deletion_policy: spec.deletion_policy,
            management_policy: spec.management_policy,
        },
    );
    cache.metadata = named(&instance.name_any(), "cache");
    let point = |name: &str| AccessPoint {
        name: name.to_owned(),
        path: format!("/{name}"),
        creation_info: CreationInfo::default(),
    };
    let mut files = SharedFileSystem::new(
        &stores,
        SharedFileSystemSpec {
            platform_ref: spec.platform_ref.clone(),
            kms_key_arn: key,
            restore_from: set.map(|set| FilesSource {
                recovery_point_arn: set.recovery_point_arn.clone(),
            }),
            throughput_mode: ThroughputMode::Elastic,
            lifecycle: spec.files.managed.lifecycle.unwrap_or_default(),
            automatic_backups: false,
            hourly_backups: validated.sizes.hourly_backups,
            access_points: vec![point(SITES), point(CERTIFICATES)],
            deletion_policy: spec.deletion_policy,
            management_policy: spec.management_policy,
        },
    );
    files.metadata = named(&stores, "files");
    Children {
        database,
        cache,
        files,
    }
}

fn metadata(instance: &EmrInstance, name: &str, component: &str) -> ObjectMeta {
    let of = instance.name_any();
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: instance.namespace(),
        labels: Some(BTreeMap::from([
            (labels::INSTANCE.to_owned(), label_value(&of)),
            (labels::COMPONENT.to_owned(), component.to_owned()),
            (labels::MANAGED_BY.to_owned(), labels::OPERATOR.to_owned()),
        ])),
        // A label's value may be a shortened name, and a store's own name may be another.
        annotations: Some(BTreeMap::from([(labels::INSTANCE.to_owned(), of)])),
        ..ObjectMeta::default()
    }
}
