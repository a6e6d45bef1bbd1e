//! Medplum's stores: PostgreSQL, a cache of nodes for its job queue, and a bucket.

use emr_api::{
    CacheCluster, ManagedDatabase, ObjectStore,
    cache_cluster::{CacheClusterSpec, ReplicationGroup},
    managed_database::{LogExport, ManagedDatabaseSpec, backup_window, maintenance_window},
    object_store::{Access, Cors, Lifecycle, ObjectStoreSpec},
};
use kube::ResourceExt;

use super::{
    super::{MedplumPlan, Postgres},
    Children, Parent,
};
use crate::{medplum, workload};

/// Days that the job queue's daily snapshots are kept.
const SNAPSHOT_DAYS: u32 = 7;

/// All three.
pub(super) fn children(parent: &Parent<'_>, plan: &MedplumPlan) -> Children {
    Children {
        database: database(parent, plan),
        cache: cache(parent, plan),
        files: None,
        objects: Some(objects(parent)),
    }
}

fn database(parent: &Parent<'_>, plan: &MedplumPlan) -> ManagedDatabase {
    let (spec, stores) = (&parent.instance.spec, parent.instance.stores());
    let (rds, aurora) = match &plan.database {
        Postgres::Rds(rds) => (Some((**rds).clone()), None),
        Postgres::Aurora(aurora) => (None, Some((**aurora).clone())),
    };
    let logs = match rds {
        Some(_) => vec![LogExport::Postgresql, LogExport::Upgrade],
        None => vec![LogExport::Postgresql],
    };
    let mut database = ManagedDatabase::new(
        &stores,
        ManagedDatabaseSpec {
            platform_ref: spec.platform_ref.clone(),
            aurora_mysql: None,
            aurora_postgresql: aurora,
            rds_postgres: rds,
            kms_key_arn: Some(parent.key.clone()),
            restore_from: parent.database_source(),
            backup_retention_days: parent.validated.backup_retention_days,
            preferred_backup_window: backup_window(),
            maintenance_window: maintenance_window(),
            performance_insights: true,
            log_exports: Some(logs),
            deletion_policy: spec.deletion_policy,
            management_policy: spec.management_policy,
        },
    );
    database.metadata = parent.metadata(&stores, "database");
    database
}

fn cache(parent: &Parent<'_>, plan: &MedplumPlan) -> CacheCluster {
    let (spec, name) = (&parent.instance.spec, parent.instance.name_any());
    let managed = &spec.cache.managed;
    let replicas = managed.replicas.unwrap_or(plan.sizes.cache_replicas);
    let node_type = managed.node_type.clone();
    let mut cache = CacheCluster::new(
        &name,
        CacheClusterSpec {
            platform_ref: spec.platform_ref.clone(),
            serverless: None,
            replication_group: Some(ReplicationGroup {
                node_type: node_type.unwrap_or_else(|| plan.sizes.node_type.to_owned()),
                replicas_per_shard: replicas,
                multi_az: replicas > 0,
                automatic_failover: replicas > 0,
                ..ReplicationGroup::default()
            }),
            kms_key_arn: Some(parent.key.clone()),
            snapshot_retention_days: SNAPSHOT_DAYS,
            deletion_policy: spec.deletion_policy,
            management_policy: spec.management_policy,
        },
    );
    cache.metadata = parent.metadata(&name, "cache");
    cache
}

fn objects(parent: &Parent<'_>) -> ObjectStore {
    let (spec, name) = (&parent.instance.spec, parent.instance.name_any());
    let instance = workload::Instance {
        namespace: parent
            .instance
            .namespace()
            .unwrap_or_default()
            .as_str()
            .into(),
        name: name.as_str().into(),
        uid: parent.instance.uid().unwrap_or_default().as_str().into(),
    };
    let mut objects = ObjectStore::new(
        &name,
        ObjectStoreSpec {
            platform_ref: spec.platform_ref.clone(),
            kms_key_arn: Some(parent.key.clone()),
            access: Some(Access {
                service_account: medplum::object(&instance, medplum::Part::Api),
            }),
            access_logs: true,
            deletion_policy: spec.deletion_policy,
            management_policy: spec.management_policy,
            lifecycle: Lifecycle::default(),
            object_lock: None,
            cors: Cors::default(),
        },
    );
    objects.metadata = parent.metadata(&name, "objects");
    objects
}
