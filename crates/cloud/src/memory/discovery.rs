//! What is looked at and never changed: who we are, the user's network, the values of secrets.

use async_trait::async_trait;
use emr_resource::{
    Service,
    ids::{SecretName, SecretVersion, VpcId},
    network::{CallerIdentity, EksCluster, Subnet},
};

use super::{State, fault::Read, side::Side};
use crate::{CloudError, Discovery, SecretValue, SecretValues};

/// A read of what is none of our resource types.
pub(super) fn other(operation: &'static str) -> Read {
    Read {
        operation,
        resource_type: "",
        target: String::new(),
    }
}

#[async_trait]
impl Discovery for Side {
    async fn caller_identity(&self) -> Result<CallerIdentity, CloudError> {
        let identity = |state: &mut State, side: &Self, _| {
            let room = side.room(state);
            let arn = format!("arn:aws:sts::{}:assumed-role/emr/memory", room.account);
            Ok(CallerIdentity {
                account: room.account.clone(),
                arn: arn.as_str().into(),
            })
        };
        self.look(Service::Sts, other("GetCallerIdentity"), identity)
            .await
    }

    async fn eks_cluster(&self, name: &str) -> Result<Option<EksCluster>, CloudError> {
        let cluster = |state: &mut State, side: &Self, _| {
            let cluster = &side.room(state).seeded.cluster;
            Ok((cluster.name == name).then(|| cluster.clone()))
        };
        self.look(Service::Eks, other("DescribeCluster"), cluster)
            .await
    }

    async fn subnets(&self, vpc: &VpcId) -> Result<Vec<Subnet>, CloudError> {
        let subnets = |state: &mut State, side: &Self, _| {
            let of_vpc = |subnet: &&Subnet| subnet.vpc_id == *vpc;
            Ok(side
                .room(state)
                .seeded
                .subnets
                .iter()
                .filter(of_vpc)
                .cloned()
                .collect())
        };
        self.look(Service::Ec2, other("DescribeSubnets"), subnets)
            .await
    }
}

#[async_trait]
impl SecretValues for Side {
    async fn read(&self, name: &SecretName) -> Result<SecretValue, CloudError> {
        let value = |state: &mut State, side: &Self, _| side.room(state).secrets.value(name);
        self.look(Service::SecretsManager, other("GetSecretValue"), value)
            .await
    }

    async fn version(
        &self,
        name: &SecretName,
        version: &SecretVersion,
    ) -> Result<SecretValue, CloudError> {
        let value =
            |state: &mut State, side: &Self, _| side.room(state).secrets.version(name, version);
        self.look(Service::SecretsManager, other("GetSecretValue"), value)
            .await
    }
}
