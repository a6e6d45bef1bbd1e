//! Who we are, and the user's network and cluster.

use async_trait::async_trait;
use aws_sdk_ec2::types::Filter;
use emr_resource::{
    Service,
    ids::{AccountId, Arn, SecurityGroupId, SubnetId, VpcId, Zone},
    network::{CallerIdentity, EksCluster, Subnet},
};

use super::{Clients, Wire, security_group::from_tags};
use crate::{Caller, CloudError, Discovery};

pub(super) struct Adapter {
    ec2: (aws_sdk_ec2::Client, Wire),
    eks: (aws_sdk_eks::Client, Wire),
    sts: (aws_sdk_sts::Client, Wire),
}

impl Adapter {
    pub(super) fn new(clients: &Clients, caller: &Caller) -> Self {
        Self {
            ec2: (clients.ec2.clone(), Wire::new(caller, Service::Ec2)),
            eks: (clients.eks.clone(), Wire::new(caller, Service::Eks)),
            sts: (clients.sts.clone(), Wire::new(caller, Service::Sts)),
        }
    }
}

fn cluster(cluster: &aws_sdk_eks::types::Cluster) -> Option<EksCluster> {
    let network = cluster.resources_vpc_config()?;
    Some(EksCluster {
        name: cluster.name()?.to_owned(),
        status: cluster
            .status()
            .map_or_else(String::new, |status| status.as_str().to_owned()),
        version: cluster.version().unwrap_or_default().to_owned(),
        vpc_id: VpcId::new(network.vpc_id()?),
        subnet_ids: network.subnet_ids().iter().map(SubnetId::new).collect(),
        security_group_id: SecurityGroupId::new(network.cluster_security_group_id()?),
    })
}

fn subnet(subnet: &aws_sdk_ec2::types::Subnet) -> Option<Subnet> {
    Some(Subnet {
        id: SubnetId::new(subnet.subnet_id()?),
        vpc_id: VpcId::new(subnet.vpc_id()?),
        zone: Zone::new(subnet.availability_zone()?),
        cidr: subnet.cidr_block().unwrap_or_default().to_owned(),
        tags: from_tags(subnet.tags()),
    })
}

#[async_trait]
impl Discovery for Adapter {
    async fn caller_identity(&self) -> Result<CallerIdentity, CloudError> {
        const OPERATION: &str = "GetCallerIdentity";
        let (sts, wire) = &self.sts;
        let identity = wire
            .read(OPERATION, || sts.get_caller_identity().send())
            .await?;
        match (identity.account(), identity.arn()) {
            (Some(account), Some(arn)) => Ok(CallerIdentity {
                account: AccountId::new(account),
                arn: Arn::new(arn),
            }),
            _ => Err(CloudError::malformed(OPERATION, "account and ARN")),
        }
    }

    async fn eks_cluster(&self, name: &str) -> Result<Option<EksCluster>, CloudError> {
        let (eks, wire) = &self.eks;
        let found = wire
            .read("DescribeCluster", || {
                eks.describe_cluster().name(name).send()
            })
            .await;
        let found = CloudError::none_if_not_found(found)?;
        Ok(found.and_then(|found| found.cluster().and_then(cluster)))
    }

    async fn subnets(&self, vpc: &VpcId) -> Result<Vec<Subnet>, CloudError> {
        let (ec2, wire) = &self.ec2;
        let mut subnets = Vec::new();
        let mut token = None;
        loop {
            let list = || {
                let of_vpc = Filter::builder()
                    .name("vpc-id")
                    .values(vpc.as_str())
                    .build();
                ec2.describe_subnets()
                    .filters(of_vpc)
                    .set_next_token(token.clone())
                    .send()
            };
            let page = wire.read("DescribeSubnets", list).await?;
            subnets.extend(page.subnets().iter().filter_map(subnet));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                subnets.sort_by(|a, b| a.id.cmp(&b.id));
                return Ok(subnets);
            }
        }
    }
}
