//! OpenEMR's stores: Aurora MySQL, a serverless cache for its sessions, and the files that its pods share.

use emr_api::{
    CacheCluster, ManagedDatabase, SharedFileSystem,
    cache_cluster::{CacheClusterSpec, CacheEngine, Serverless},
    managed_database::{LogExport, ManagedDatabaseSpec, backup_window, maintenance_window},
    shared_file_system::{
        AccessPoint, CreationInfo, FilesSource, SharedFileSystemSpec, ThroughputMode,
    },
};
use kube::ResourceExt;

use super::{super::OpenEmrPlan, Children, Parent};

/// The access point of OpenEMR's `sites` folder.
pub const SITES: &str = "sites";
/// The access point of the certificates between load balancer and pods.
pub const CERTIFICATES: &str = "certificates";

/// All three.
pub(super) fn children(parent: &Parent<'_>, plan: &OpenEmrPlan) -> Children {
    Children {
        database: database(parent, plan),
        cache: cache(parent),
        files: Some(files(parent)),
        objects: None,
    }
}

fn database(parent: &Parent<'_>, plan: &OpenEmrPlan) -> ManagedDatabase {
    let (spec, stores) = (&parent.instance.spec, parent.instance.stores());
    let mut database = ManagedDatabase::new(
        &stores,
        ManagedDatabaseSpec {
            platform_ref: spec.platform_ref.clone(),
            aurora_mysql: Some(plan.mysql.clone()),
            aurora_postgresql: None,
            rds_postgres: None,
            kms_key_arn: Some(parent.key.clone()),
            restore_from: parent.database_source(),
            backup_retention_days: parent.validated.backup_retention_days,
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
    database.metadata = parent.metadata(&stores, "database");
    database
}

fn cache(parent: &Parent<'_>) -> CacheCluster {
    let (spec, name) = (&parent.instance.spec, parent.instance.name_any());
    let (managed, sizes) = (&spec.cache.managed, &parent.validated.sizes);
    let mut cache = CacheCluster::new(
        &name,
        CacheClusterSpec {
            platform_ref: spec.platform_ref.clone(),
            serverless: Some(Serverless {
                engine: CacheEngine::Valkey,
                max_data_gb: managed.max_data_gb.unwrap_or(sizes.cache_data_gb),
                max_ecpu: managed.max_ecpu.unwrap_or(sizes.cache_ecpu),
            }),
            replication_group: None,
            kms_key_arn: Some(parent.key.clone()),
            snapshot_retention_days: 0,
            deletion_policy: spec.deletion_policy,
            management_policy: spec.management_policy,
        },
    );
    cache.metadata = parent.metadata(&name, "cache");
    cache
}

fn files(parent: &Parent<'_>) -> SharedFileSystem {
    let (spec, stores) = (&parent.instance.spec, parent.instance.stores());
    let point = |name: &str| AccessPoint {
        name: name.to_owned(),
        path: format!("/{name}"),
        creation_info: CreationInfo::default(),
    };
    let mut files = SharedFileSystem::new(
        &stores,
        SharedFileSystemSpec {
            platform_ref: spec.platform_ref.clone(),
            kms_key_arn: Some(parent.key.clone()),
            restore_from: parent.set().map(|set| FilesSource {
                // Without one AWS refuses: an empty file system must never stand for a restored one.
                recovery_point_arn: set.recovery_point_arn.clone().unwrap_or_default(),
            }),
            throughput_mode: ThroughputMode::Elastic,
            lifecycle: spec.files.managed.lifecycle.unwrap_or_default(),
            automatic_backups: false,
            hourly_backups: parent.validated.sizes.hourly_backups,
            access_points: vec![point(SITES), point(CERTIFICATES)],
            deletion_policy: spec.deletion_policy,
            management_policy: spec.management_policy,
        },
    );
    files.metadata = parent.metadata(&stores, "files");
    files
}
