//! What a VPC and an EKS cluster look like. Read, never written: the network is the user's.

use crate::{
    Tags,
    ids::{SecurityGroupId, SubnetId, VpcId, Zone},
};

/// An EKS cluster, as far as instances depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EksCluster {
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `UPDATING`, …
    pub status: String,
    /// Its Kubernetes version: `1.35`.
    pub version: String,
    /// The VPC it lives in.
    pub vpc_id: VpcId,
    /// The subnets of its control plane.
    pub subnet_ids: Vec<SubnetId>,
    /// The security group that EKS gives to the control plane and to managed nodes.
    pub security_group_id: SecurityGroupId,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its VPC.
    pub vpc_id: VpcId,
    /// Its zone.
    pub zone: Zone,
    /// Its address range.
    pub cidr: String,
    /// Its tags, which say what it is for.
    pub tags: Tags,
}

/// Who calls, as STS sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account.
    pub account: crate::ids::AccountId,
    /// The principal's ARN.
    pub arn: crate::ids::Arn,
}
