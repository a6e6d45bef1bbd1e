//! From what AWS tells of a replication group and of a node to what the plan looks at.

use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, Endpoint as WiredEndpoint, MultiAzStatus,
    ReplicationGroup as Wired, TransitEncryptionMode,
};
use emr_resource::{
    ids::{CacheParameterGroupName, CacheSubnetGroupName, ReplicationGroupId, SecurityGroupId},
    replication_group::{Details, Endpoint, Observed},
};

use crate::sdk::wire::timestamp;

pub(super) fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn endpoint(endpoint: &WiredEndpoint) -> Option<Endpoint> {
    Some(Endpoint {
        address: endpoint.address()?.to_owned(),
        port: endpoint.port().and_then(|port| u16::try_from(port).ok())?,
    })
}

/// As a list tells of it.
pub(super) fn observed(group: &Wired) -> Option<Observed> {
    let shards = group.node_groups();
    let nodes = shards.iter().map(|shard| shard.node_group_members().len());
    let primary = shards.first().and_then(|shard| shard.primary_endpoint());
    let readers = shards.first().and_then(|shard| shard.reader_endpoint());
    let cluster_mode = group.cluster_enabled().unwrap_or_default();
    let written = if cluster_mode {
        group.configuration_endpoint()
    } else {
        primary
    };
    let failover = group.automatic_failover();
    let in_transit = group.transit_encryption_enabled().unwrap_or_default()
        && group.transit_encryption_mode() != Some(&TransitEncryptionMode::Preferred);
    Some(Observed {
        id: ReplicationGroupId::new(group.replication_group_id()?),
        arn: group.arn()?.into(),
        created_at: group.replication_group_create_time().and_then(timestamp),
        status: text(group.status()),
        description: text(group.description()),
        engine: text(group.engine()),
        node_type: text(group.cache_node_type()),
        cluster_mode,
        shards: count(shards.len()),
        replicas: count(nodes.min().unwrap_or_default().saturating_sub(1)),
        multi_az: group.multi_az() == Some(&MultiAzStatus::Enabled),
        automatic_failover: matches!(
            failover,
            Some(AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling)
        ),
        kms_key_arn: group.kms_key_id().map(Into::into),
        encrypted: in_transit && group.at_rest_encryption_enabled().unwrap_or_default(),
        token_required: group.auth_token_enabled().unwrap_or_default(),
        token_modified_at: group.auth_token_last_modified_date().and_then(timestamp),
        endpoint: written.and_then(endpoint),
        reader_endpoint: readers.filter(|_| !cluster_mode).and_then(endpoint),
        snapshot_window: text(group.snapshot_window()),
        snapshot_retention_days: group
            .snapshot_retention_limit()
            .and_then(|days| u32::try_from(days).ok())
            .unwrap_or_default(),
        details: None,
        tags: None,
    })
}

/// What a node tells of its group; `None` while it lacks something.
pub(super) fn details(node: &CacheCluster) -> Option<Details> {
    let parameters = node.cache_parameter_group()?;
    let groups = node.security_groups().iter();
    Some(Details {
        engine_version: node.engine_version()?.to_owned(),
        parameter_group: CacheParameterGroupName::new(parameters.cache_parameter_group_name()?),
        subnet_group: CacheSubnetGroupName::new(node.cache_subnet_group_name()?),
        security_group_ids: groups
            .filter_map(|group| group.security_group_id())
            .map(SecurityGroupId::new)
            .collect(),
        maintenance_window: text(node.preferred_maintenance_window()),
        auto_minor_version_upgrade: node.auto_minor_version_upgrade().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticache::types::{NodeGroup, NodeGroupMember};

    use super::*;

    fn group() -> aws_sdk_elasticache::types::builders::ReplicationGroupBuilder {
        let member = || NodeGroupMember::builder().build();
        let at = |host: &str| WiredEndpoint::builder().address(host).port(6379).build();
        let shard = NodeGroup::builder()
            .primary_endpoint(at("master.x"))
            .reader_endpoint(at("replica.x"))
            .node_group_members(member())
            .node_group_members(member());
        Wired::builder()
            .replication_group_id("emr-a-b")
            .arn("arn")
            .node_groups(shard.build())
            .configuration_endpoint(at("clustercfg.x"))
            .transit_encryption_enabled(true)
            .at_rest_encryption_enabled(true)
    }

    #[test]
    fn a_client_is_sent_where_its_mode_has_it() {
        let host = |seen: Option<Endpoint>| seen.map(|at| at.address);
        let seen = observed(&group().build()).unwrap();
        assert_eq!((seen.shards, seen.replicas), (1, 1));
        assert_eq!(host(seen.endpoint).as_deref(), Some("master.x"));
        assert_eq!(host(seen.reader_endpoint).as_deref(), Some("replica.x"));
        let seen = observed(&group().cluster_enabled(true).build()).unwrap();
        assert_eq!(host(seen.endpoint).as_deref(), Some("clustercfg.x"));
        assert_eq!(seen.reader_endpoint, None);
    }

    #[test]
    fn what_also_answers_without_tls_is_not_encrypted() {
        assert!(observed(&group().build()).unwrap().encrypted);
        let preferred = group().transit_encryption_mode(TransitEncryptionMode::Preferred);
        assert!(!observed(&preferred.build()).unwrap().encrypted);
    }
}
