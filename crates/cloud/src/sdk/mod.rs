//! The ports over the AWS SDK, a file a resource type: translation, no decisions.
//!
//! The SDK tries nothing again: [`Caller`] does that for reads, so that every attempt passes the
//! rate limit, and mutations are tried once (invariant 11). An answer that tells too little to be
//! relied on is handed on as `None`, and the view reads instead.

mod access_point;
mod backup;
mod backup_job;
mod backup_plan;
mod backup_role;
mod backup_vault;
mod bucket;
mod cache_parameter_group;
mod cache_subnet_group;
mod cache_user;
mod cache_user_group;
mod clients;
mod cluster_snapshot;
mod db_cluster;
mod db_instance;
mod db_parameter_group;
mod db_snapshot;
mod discovery;
mod efs;
mod elasticache;
mod file_system;
mod http;
mod iam;
mod key;
mod log_group;
mod parameter_group;
mod pod_identity_association;
mod pod_role;
mod protected_resource;
mod quotas;
mod rds;
mod rds_instance;
mod recovery_point;
mod replication_group;
mod restore_job;
mod secret;
mod security_group;
mod serverless_cache;
mod subnet_group;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use emr_resource::{Service, ids::AccountId};

pub use self::clients::Clients;
use self::wire::Wire;
use crate::{
    Caller, CloudError, Connect, Discovery, Metrics, Ports, SecretValues, Target, limits::Limiters,
};

/// Opens accounts of AWS itself, or of whatever `AWS_ENDPOINT_URL` names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sdk;

#[async_trait]
impl Connect for Sdk {
    async fn connect(
        &self,
        target: &Target,
        limiters: &Arc<Limiters>,
        metrics: &Metrics,
    ) -> Result<(Caller, Ports), CloudError> {
        let clients = Clients::load(target).await;
        // The account is not known before AWS tells, so this one call has a bucket of its own.
        let caller = |account| {
            Caller::new(
                account,
                target.region.clone(),
                Arc::clone(limiters),
                metrics.clone(),
            )
        };
        let unknown = caller(AccountId::new("unknown"));
        let identity = discovery::Adapter::new(&clients, &unknown)
            .caller_identity()
            .await?;
        let caller = caller(identity.account);
        let ports = ports(&clients, &caller);
        Ok((caller, ports))
    }
}

/// The ports over these clients.
pub fn ports(clients: &Clients, caller: &Caller) -> Ports {
    let wire = |service: Service| Wire::new(caller, service);
    let secrets = Arc::new(secret::Adapter::new(clients, wire(Service::SecretsManager)));
    let secret_values: Arc<dyn SecretValues> = Arc::clone(&secrets) as _;
    Ports {
        cluster_snapshot: Arc::new(cluster_snapshot::Adapter::new(clients, wire(Service::Rds))),
        db_cluster: Arc::new(db_cluster::Adapter::new(
            clients,
            wire(Service::Rds),
            Arc::clone(&secret_values),
        )),
        db_instance: Arc::new(db_instance::Adapter::new(clients, wire(Service::Rds))),
        db_parameter_group: Arc::new(db_parameter_group::Adapter::new(
            clients,
            wire(Service::Rds),
        )),
        db_snapshot: Arc::new(db_snapshot::Adapter::new(clients, wire(Service::Rds))),
        rds_instance: Arc::new(rds_instance::Adapter::new(
            clients,
            wire(Service::Rds),
            Arc::clone(&secret_values),
        )),
        key: Arc::new(key::Adapter::new(clients, wire(Service::Kms))),
        log_group: Arc::new(log_group::Adapter::new(clients, caller)),
        parameter_group: Arc::new(parameter_group::Adapter::new(clients, wire(Service::Rds))),
        secret: secrets,
        security_group: Arc::new(security_group::Adapter::new(clients, wire(Service::Ec2))),
        subnet_group: Arc::new(subnet_group::Adapter::new(clients, wire(Service::Rds))),
        access_point: Arc::new(access_point::Adapter::new(clients, wire(Service::Efs))),
        backup_job: Arc::new(backup_job::Adapter::new(clients, wire(Service::Backup))),
        backup_plan: Arc::new(backup_plan::Adapter::new(clients, wire(Service::Backup))),
        backup_role: Arc::new(backup_role::Adapter::new(clients, wire(Service::Iam))),
        backup_vault: Arc::new(backup_vault::Adapter::new(clients, wire(Service::Backup))),
        cache_parameter_group: Arc::new(cache_parameter_group::Adapter::new(
            clients,
            wire(Service::ElastiCache),
        )),
        cache_subnet_group: Arc::new(cache_subnet_group::Adapter::new(
            clients,
            wire(Service::ElastiCache),
        )),
        bucket: Arc::new(bucket::Adapter::new(clients, caller)),
        cache_user: Arc::new(cache_user::Adapter::new(
            clients,
            wire(Service::ElastiCache),
            Arc::clone(&secret_values),
        )),
        cache_user_group: Arc::new(cache_user_group::Adapter::new(
            clients,
            wire(Service::ElastiCache),
        )),
        pod_identity_association: Arc::new(pod_identity_association::Adapter::new(
            clients,
            wire(Service::Eks),
        )),
        pod_role: Arc::new(pod_role::Adapter::new(clients, wire(Service::Iam))),
        protected_resource: Arc::new(protected_resource::Adapter::new(
            clients,
            wire(Service::Backup),
        )),
        recovery_point: Arc::new(recovery_point::Adapter::new(clients, wire(Service::Backup))),
        restore_job: Arc::new(restore_job::Adapter::new(clients, wire(Service::Backup))),
        file_system: Arc::new(file_system::Adapter::new(clients, wire(Service::Efs))),
        replication_group: Arc::new(replication_group::Adapter::new(
            clients,
            wire(Service::ElastiCache),
            Arc::clone(&secret_values),
        )),
        serverless_cache: Arc::new(serverless_cache::Adapter::new(
            clients,
            wire(Service::ElastiCache),
        )),
        discovery: Arc::new(discovery::Adapter::new(clients, caller)),
        quotas: Arc::new(quotas::Adapter::new(clients, caller)),
        secret_values,
    }
}
