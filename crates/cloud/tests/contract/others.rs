//! What the account has.

use emr_resource::{
    Service,
    ids::VpcId,
    quota::{Quota, Usage},
    subnet_group,
};

use super::World;

/// Limits are AWS's defaults, and what is made is counted.
pub(crate) async fn quotas(world: &World) {
    let quotas = &world.ports.quotas;
    let before = quotas.databases().await.unwrap();
    let expected = [
        (Quota::DbClusters, 40),
        (Quota::DbInstances, 40),
        (Quota::DbClusterParameterGroups, 50),
        (Quota::DbSubnetGroups, 50),
        (Quota::ManualClusterSnapshots, 100),
    ];
    let limits: Vec<_> = before
        .iter()
        .map(|usage| (usage.quota, usage.limit))
        .collect();
    assert_eq!(limits, expected);
    let group = subnet_group::Change::Create(subnet_group::Desired {
        name: "emr-counted".into(),
        description: "x".into(),
        subnet_ids: world.database_subnets.iter().cloned().collect(),
        tags: super::tags("counted"),
    });
    world.ports.subnet_group.perform(&group).await.unwrap();
    let after = quotas.databases().await.unwrap();
    for (before, after) in before.iter().zip(&after) {
        let made = u64::from(before.quota == Quota::DbSubnetGroups);
        let expected = Usage {
            used: before.used + made,
            ..*before
        };
        assert_eq!(*after, expected);
    }
    for quota in Quota::ALL {
        let expected = match quota.service() {
            Service::ElastiCache => 40,
            Service::Efs => 1000,
            _ => continue,
        };
        assert_eq!(quotas.limit(quota).await.unwrap(), Some(expected));
    }
}

pub(crate) async fn discovery(world: &World) {
    let discovery = &world.ports.discovery;
    assert_eq!(
        discovery.caller_identity().await.unwrap().account,
        world.account
    );
    let cluster = discovery
        .eks_cluster(&world.cluster)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(cluster.status, "ACTIVE");
    assert_eq!(cluster.vpc_id, world.vpc_id);
    assert_eq!(cluster.security_group_id, world.node_group);
    assert_eq!(discovery.eks_cluster("none").await.unwrap(), None);
    let subnets = discovery.subnets(&world.vpc_id).await.unwrap();
    for id in &world.database_subnets {
        let subnet = subnets.iter().find(|subnet| subnet.id == *id).unwrap();
        assert_eq!(
            subnet.tags.get("emrstack.dev/tier").map(String::as_str),
            Some("database")
        );
        assert!(subnet.zone.as_str().starts_with(world.region.as_str()));
    }
    assert_eq!(discovery.subnets(&VpcId::new("vpc-0")).await.unwrap(), []);
}
