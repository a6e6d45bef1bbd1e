//! What people read of a database of RDS.

use emr_api::references::ResourceStatus;
use emr_resource::{
    ResourceType, db_parameter_group,
    ownership::{self, Claim},
    rds_instance::{self, Observed, Origin},
};

use super::{RdsStack, connections::max_connections};
use crate::{
    database::{
        DatabaseSeen,
        status::{Facts, surroundings},
    },
    inventory::line,
};

/// The primary, if it is this owner's: another's is neither used nor remembered.
fn ours<'a>(stack: &RdsStack, seen: &'a DatabaseSeen) -> Option<&'a Observed> {
    let instance = seen.rds.instance.as_ref();
    instance.filter(|of| ownership::claim(&of.tags, &stack.owner) == Claim::Ours)
}

/// A sentence when an application can connect.
pub(in crate::database) fn usable(stack: &RdsStack, seen: &DatabaseSeen) -> Option<String> {
    let instance = ours(stack, seen)?;
    let endpoint = instance.endpoint.as_ref()?;
    (instance.answers() && opens(stack, instance))
        .then(|| format!("{} answers at {endpoint}", instance.id))
}

/// True when the master password is the one that our secret holds: of a restored instance it is not before
/// it is taken over.
fn opens(stack: &RdsStack, instance: &Observed) -> bool {
    !matches!(stack.instance.origin, Origin::Restored(_))
        || (instance.settings.deletion_protection
            && instance.status != "resetting-master-credentials")
}

/// Where to write, once it is known.
pub(in crate::database) fn endpoint(
    stack: &RdsStack,
    seen: &DatabaseSeen,
) -> Option<(String, u16)> {
    let instance = ours(stack, seen)?;
    Some((instance.endpoint.clone()?, instance.port?))
}

/// What its status tells.
pub(in crate::database) fn facts(stack: &RdsStack, seen: &DatabaseSeen) -> Facts {
    let instance = ours(stack, seen);
    // Remembered from the moment it can hold data, and never forgotten (safety.md 1).
    let remembered = instance.filter(|of| of.is_available());
    let mut replicas = stack
        .replicas
        .iter()
        .filter_map(|replica| seen.rds.replicas.get(&replica.id));
    let pending = |of: &Observed| of.parameter_status == "pending-reboot";
    let pending_reboot = instance.is_some_and(pending) || replicas.clone().any(pending);
    let snapshot = seen.rds.final_snapshot.as_ref();
    let snapshot = snapshot.filter(|snapshot| snapshot.status == "available");
    Facts {
        remembered: remembered.map(|of| (of.arn.to_string(), of.resource_id.clone())),
        endpoint: instance.and_then(|of| of.endpoint.clone()),
        reader_endpoint: replicas
            .find(|of| of.answers())
            .and_then(|of| of.endpoint.clone()),
        port: instance.and_then(|of| of.port),
        engine_version: instance.map(|of| of.engine_version.clone()),
        max_connections: instance.and_then(|of| max_connections(&of.settings.class)),
        pending_reboot,
        final_snapshot: snapshot.map(|snapshot| snapshot.arn.to_string()),
        resources: resources(stack, seen),
    }
}

fn resources(stack: &RdsStack, seen: &DatabaseSeen) -> Vec<ResourceStatus> {
    let group = seen.rds.parameter_group.as_ref();
    let group = line(
        db_parameter_group::DbParameterGroup::NAME,
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
    let primary = (&stack.instance, seen.rds.instance.as_ref());
    let replicas = stack
        .replicas
        .iter()
        .map(|replica| (replica, seen.rds.replicas.get(&replica.id)));
    lines.extend([primary].into_iter().chain(replicas).map(|(wanted, seen)| {
        line(
            rds_instance::RdsInstance::NAME,
            &wanted.id,
            seen.map(|of| (Some(of.arn.as_str()), of.status.as_str())),
        )
    }));
    lines
}
