//! What people and children read of a platform.

use emr_api::emr_platform::{EmrPlatformStatus, NetworkStatus};
use emr_resource::network::EksCluster;

use super::{PlatformParts, PlatformSeen};

/// The status that follows from what is seen. Account and network are pinned: later differences
/// are reported, never followed.
pub fn status(
    old: &EmrPlatformStatus,
    parts: &PlatformParts<'_>,
    eks: Option<&EksCluster>,
    named_key: Option<&str>,
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
    }
}

fn zones(network: &NetworkStatus) -> i32 {
    let zones: std::collections::BTreeSet<_> = network
        .private_subnets
        .iter()
        .map(|subnet| &subnet.zone)
        .collect();
    i32::try_from(zones.len()).unwrap_or(i32::MAX)
}
