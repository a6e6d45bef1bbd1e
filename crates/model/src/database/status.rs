//! What people read of a database.

use std::collections::BTreeMap;

use emr_api::{
    managed_database::ManagedDatabaseStatus,
    references::{Placement, ResourceStatus, SecretRef},
};
use emr_resource::{
    ResourceType,
    db_cluster::{self, Engine},
    db_instance,
    ids::DbInstanceId,
    log_group,
    ownership::{self, Claim},
    parameter_group, secret, security_group,
};

use super::{AuroraStack, DatabaseSeen, engine::postgresql_max_connections};
use crate::{inventory::line, openemr::aurora_mysql_max_connections};

/// A sentence when an application can connect: the cluster has answered and has a writer.
pub(super) fn usable(stack: &AuroraStack, seen: &DatabaseSeen) -> Option<String> {
    let cluster = ours(stack, seen)?;
    let endpoint = cluster.endpoint.as_ref()?;
    let writer = cluster.writer()?;
    let writer = seen.instances.get(writer)?;
    (answers(&cluster.status) && answers(&writer.status) && opens(stack, cluster))
        .then(|| format!("{} answers at {endpoint}", cluster.id))
}

/// True while a wanted member answers that the cluster does not name: the cluster was looked at
/// before, and without its writer nobody can connect.
pub fn names_too_few(
    stack: &AuroraStack,
    cluster: &db_cluster::Observed,
    instances: &BTreeMap<DbInstanceId, db_instance::Observed>,
) -> bool {
    let named = |id: &DbInstanceId| cluster.members.iter().any(|member| member.id == *id);
    stack
        .instances
        .iter()
        .filter_map(|wanted| instances.get(&wanted.id))
        .any(|seen| answers(&seen.status) && !named(&seen.id))
}

/// `modifying` and `backing-up` answer as before; `creating` never did.
fn answers(status: &str) -> bool {
    !matches!(status, "creating" | "deleting" | "stopped" | "failed")
}

/// True when the master password is the one that our secret holds: of a restored cluster it is not before
/// it is taken over.
fn opens(stack: &AuroraStack, cluster: &db_cluster::Observed) -> bool {
    stack.cluster.source.is_none()
        || (cluster.settings.deletion_protection
            && cluster.status != "resetting-master-credentials")
}

/// The cluster, if it is this owner's: another's is neither used nor remembered.
fn ours<'a>(stack: &AuroraStack, seen: &'a DatabaseSeen) -> Option<&'a db_cluster::Observed> {
    let cluster = seen.cluster.as_ref();
    cluster.filter(|cluster| ownership::claim(&cluster.tags, &stack.owner) == Claim::Ours)
}

/// Where to write, once it is known.
pub(super) fn endpoint(stack: &AuroraStack, seen: &DatabaseSeen) -> Option<(String, u16)> {
    let cluster = ours(stack, seen)?;
    Some((cluster.endpoint.clone()?, cluster.port?))
}

/// What the shapes tell of themselves, each in its own way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Facts {
    /// ARN and lasting id of what holds the data, from the moment it can: never forgotten (safety.md 1).
    pub(super) remembered: Option<(String, String)>,
    pub(super) endpoint: Option<String>,
    pub(super) reader_endpoint: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) engine_version: Option<String>,
    pub(super) max_connections: Option<i32>,
    pub(super) pending_reboot: bool,
    pub(super) final_snapshot: Option<String>,
    pub(super) resources: Vec<ResourceStatus>,
}

/// The status that follows from what is seen; `old` keeps what must not be forgotten.
pub(super) fn told(
    old: &ManagedDatabaseStatus,
    facts: Facts,
    seen: &DatabaseSeen,
    placement: &Placement,
    master_secret_ref: Option<SecretRef>,
) -> ManagedDatabaseStatus {
    let (arn, resource_id) = facts.remembered.unzip();
    ManagedDatabaseStatus {
        observed_generation: old.observed_generation,
        conditions: old.conditions.clone(),
        placement: Some(old.placement.clone().unwrap_or_else(|| placement.clone())),
        arn: old.arn.clone().or(arn),
        resource_id: old.resource_id.clone().or(resource_id),
        endpoint: facts.endpoint,
        reader_endpoint: facts.reader_endpoint,
        port: facts.port.map(i32::from),
        engine_version: facts.engine_version,
        max_connections: facts.max_connections,
        master_secret_arn: seen
            .master_secret
            .as_ref()
            .map(|secret| secret.arn.to_string()),
        master_secret_ref: master_secret_ref.or_else(|| old.master_secret_ref.clone()),
        pending_reboot: facts.pending_reboot.then_some(true),
        final_snapshot: facts.final_snapshot,
        resources: facts.resources,
    }
}

/// What the status of an Aurora cluster tells.
pub(super) fn facts(stack: &AuroraStack, seen: &DatabaseSeen) -> Facts {
    let cluster = ours(stack, seen);
    let remembered = cluster.filter(|cluster| cluster.is_available());
    let waits = |member: &db_cluster::Member| member.parameter_group_status == "pending-reboot";
    let snapshot = seen.final_snapshot.as_ref();
    let snapshot = snapshot.filter(|snapshot| snapshot.status == "available");
    Facts {
        remembered: remembered.map(|of| (of.arn.to_string(), of.resource_id.clone())),
        endpoint: cluster.and_then(|cluster| cluster.endpoint.clone()),
        reader_endpoint: cluster.and_then(|cluster| cluster.reader_endpoint.clone()),
        port: cluster.and_then(|cluster| cluster.port),
        engine_version: cluster.map(|cluster| cluster.engine_version.clone()),
        max_connections: cluster.and_then(|cluster| {
            let settings = &cluster.settings;
            let most = settings.max_capacity.as_f64();
            match stack.cluster.engine {
                Engine::AuroraMysql => i32::try_from(aurora_mysql_max_connections(most)).ok(),
                Engine::AuroraPostgresql => {
                    let least = settings.min_capacity.as_f64();
                    Some(postgresql_max_connections(least, most))
                }
            }
        }),
        pending_reboot: cluster.is_some_and(|cluster| cluster.members.iter().any(waits)),
        final_snapshot: snapshot.map(|snapshot| snapshot.arn.to_string()),
        resources: resources(stack, seen),
    }
}

/// What stands around every database.
pub(super) fn surroundings(
    group: &security_group::Desired,
    master: &secret::Desired,
    parameters: ResourceStatus,
    log_groups: &[log_group::Desired],
    seen: &DatabaseSeen,
) -> Vec<ResourceStatus> {
    let mut lines = vec![
        line(
            security_group::SecurityGroup::NAME,
            &group.name,
            seen.security_group
                .as_ref()
                .map(|group| (Some(group.id.as_str()), "available")),
        ),
        line(
            secret::Secret::NAME,
            &master.name,
            seen.master_secret
                .as_ref()
                .map(|secret| (Some(secret.arn.as_str()), "available")),
        ),
        parameters,
    ];
    lines.extend(log_groups.iter().map(|group| {
        let seen = seen.log_groups.get(&group.name);
        line(
            log_group::LogGroup::NAME,
            &group.name,
            seen.map(|group| (Some(group.arn.as_str()), "available")),
        )
    }));
    lines
}

fn resources(stack: &AuroraStack, seen: &DatabaseSeen) -> Vec<ResourceStatus> {
    let group = seen.parameter_group.as_ref();
    let group = line(
        parameter_group::ParameterGroup::NAME,
        &stack.parameter_group.name,
        group.map(|group| (Some(group.arn.as_str()), "available")),
    );
    let mut lines = surroundings(
        &stack.security_group,
        &stack.master_secret,
        group,
        &stack.log_groups,
        seen,
    );
    lines.push(line(
        db_cluster::DbCluster::NAME,
        &stack.cluster.id,
        seen.cluster
            .as_ref()
            .map(|cluster| (Some(cluster.arn.as_str()), cluster.status.as_str())),
    ));
    lines.extend(stack.instances.iter().map(|instance| {
        let seen = seen.instances.get(&instance.id);
        line(
            db_instance::DbInstance::NAME,
            &instance.id,
            seen.map(|instance| (Some(instance.arn.as_str()), instance.status.as_str())),
        )
    }));
    lines
}
