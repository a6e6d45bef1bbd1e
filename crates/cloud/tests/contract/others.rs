//! What the account has.

use emr_resource::ids::VpcId;

use super::World;

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
