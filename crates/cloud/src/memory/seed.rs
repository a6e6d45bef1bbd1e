//! What a new account and region hold: a VPC with three tiers of subnets in three zones, and an
//! EKS cluster. The same as the stand-in on the wire seeds.

use emr_resource::{
    Tags,
    ids::{AccountId, Region, SecurityGroupId, SubnetId, VpcId, Zone},
    network::{EksCluster, Subnet},
};

use super::room::hex;

/// What a new account and region hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// The cluster.
    pub cluster: EksCluster,
    /// The VPC.
    pub vpc_id: VpcId,
    /// Its subnets.
    pub subnets: Vec<Subnet>,
    /// The security group of the cluster's nodes.
    pub node_group: SecurityGroupId,
}

impl Seeded {
    pub(super) fn new(seed: u64, account: &AccountId, region: &Region) -> Self {
        let id = |prefix: &str, what: &str| {
            let text = format!("{seed}/{account}/{region}/{prefix}/{what}");
            format!("{prefix}-{}", hex(&text, 17))
        };
        let vpc_id = VpcId::new(id("vpc", "clinics"));
        let tiers = [
            ("private", "kubernetes.io/role/internal-elb", "1"),
            ("public", "kubernetes.io/role/elb", "1"),
            ("database", "emrstack.dev/tier", "database"),
        ];
        let mut subnets = Vec::new();
        for (row, (tier, tag, value)) in tiers.into_iter().enumerate() {
            for (column, letter) in ["a", "b", "c"].into_iter().enumerate() {
                subnets.push(Subnet {
                    id: SubnetId::new(id("subnet", &format!("{tier}-{letter}"))),
                    vpc_id: vpc_id.clone(),
                    zone: Zone::new(format!("{region}{letter}")),
                    cidr: format!("10.0.{}.0/24", row * 16 + column),
                    tags: Tags::from([(tag.to_owned(), value.to_owned())]),
                });
            }
        }
        let node_group = SecurityGroupId::new(id("sg", "eks-cluster-sg-clinics"));
        let private = subnets.iter().take(3).map(|subnet| subnet.id.clone());
        Self {
            cluster: EksCluster {
                name: "clinics".into(),
                status: "ACTIVE".into(),
                version: "1.35".into(),
                vpc_id: vpc_id.clone(),
                subnet_ids: private.collect(),
                security_group_id: node_group.clone(),
            },
            vpc_id,
            subnets,
            node_group,
        }
    }

    /// The subnets for databases.
    pub fn database_subnets(&self) -> impl Iterator<Item = &Subnet> {
        let is_one = |subnet: &&Subnet| subnet.tags.contains_key("emrstack.dev/tier");
        self.subnets.iter().filter(is_one)
    }

    pub(super) fn subnet(&self, id: &SubnetId) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.id == *id)
    }
}
