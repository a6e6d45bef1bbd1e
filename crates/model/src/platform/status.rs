//! What people and children read of a platform.

use emr_api::{
    emr_platform::{EmrPlatformStatus, NetworkStatus},
    references::ResourceStatus,
};
use emr_resource::{
    ResourceType, backup_plan::BackupPlan, backup_role::BackupRole, backup_vault::BackupVault,
    key::Key, names, network::EksCluster, subnet_group::SubnetGroup,
};

use super::{PlatformParts, PlatformSeen, PlatformStack};
use crate::inventory::line;

/// The status that follows from what is seen. Account and network are pinned: later differences
/// are reported, never followed.
pub fn status(
    old: &EmrPlatformStatus,
    parts: &PlatformParts<'_>,
    eks: Option<&EksCluster>,
    named_key: Option<&str>,
    stack: &PlatformStack,
    seen: &PlatformSeen,
) -> EmrPlatformStatus {
    let network = old.network.clone().unwrap_or_else(|| parts.network.clone());
    EmrPlatformStatus {
        observed_generation: old.observed_generation,
        conditions: old.conditions.clone(),
        account_id: Some(
            old.account_id
                .clone()
                .unwrap_or_else(|| parts.account.to_string()),
        ),
        region: Some(parts.region.to_string()),
        cluster_version: eks
            .map(|eks| eks.version.clone())
            .or_else(|| old.cluster_version.clone()),
        zones: Some(zones(&network)),
        db_subnet_group: seen
            .subnet_group
            .as_ref()
            .map(|group| group.name.to_string()),
        kms_key_arn: old.kms_key_arn.clone().or_else(|| {
            named_key.map(str::to_owned).or_else(|| {
                let details = seen.key.as_ref()?.details.as_ref()?;
                Some(details.arn.to_string())
            })
        }),
        backup_vault: seen.vault.as_ref().map(|vault| vault.name.to_string()),
        backup_role_arn: seen.backup_role.as_ref().map(|role| role.arn.to_string()),
        network: Some(network),
        resources: resources(stack, seen),
    }
}

/// The list of a platform's own resources, always in the order in which they are made.
fn resources(stack: &PlatformStack, seen: &PlatformSeen) -> Vec<ResourceStatus> {
    let mut lines = Vec::new();
    if let Some(key) = &stack.key {
        let details = seen.key.as_ref().and_then(|key| key.details.as_ref());
        lines.push(line(
            Key::NAME,
            &key.alias,
            details.map(|details| (Some(details.arn.as_str()), details.state.as_str())),
        ));
    }
    lines.push(line(
        SubnetGroup::NAME,
        &stack.subnet_group.name,
        seen.subnet_group
            .as_ref()
            .map(|group| (Some(group.arn.as_str()), "available")),
    ));
    lines.push(line(
        BackupRole::NAME,
        &stack.backup_role.name,
        seen.backup_role
            .as_ref()
            .map(|role| (Some(role.arn.as_str()), "available")),
    ));
    lines.push(line(
        BackupVault::NAME,
        &names::backup_vault(&stack.owner),
        seen.vault
            .as_ref()
            .map(|vault| (Some(vault.arn.as_str()), "available")),
    ));
    lines.extend(stack.backup_plans.iter().map(|name| {
        let seen = seen.backup_plans.get(name);
        let seen = seen.map(|plan| (Some(plan.arn.as_str()), "available"));
        line(BackupPlan::NAME, name, seen)
    }));
    lines
}

fn zones(network: &NetworkStatus) -> i32 {
    let zones: std::collections::BTreeSet<_> = network
        .private_subnets
        .iter()
        .map(|subnet| &subnet.zone)
        .collect();
    i32::try_from(zones.len()).unwrap_or(i32::MAX)
}
