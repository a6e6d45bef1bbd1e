//! Which subnets serve for what.
//!
//! Subnets say what they are for by tags, as EKS and the load balancer controller read them:
//! `kubernetes.io/role/elb` public, `kubernetes.io/role/internal-elb` private, and
//! `emrstack.dev/tier: database` databases. One subnet a zone is used for each.

use std::collections::BTreeMap;

use emr_api::emr_platform::{Network, NetworkStatus, SubnetStatus};
use emr_resource::network::{EksCluster, Subnet};

const PUBLIC: &str = "kubernetes.io/role/elb";
const PRIVATE: &str = "kubernetes.io/role/internal-elb";
const TIER: &str = "emrstack.dev/tier";
const DATABASE: &str = "database";
/// RDS refuses a subnet group in one zone, and one zone is not highly available.
const FEWEST_ZONES: usize = 2;

/// Why no network can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Databases and pods need two zones.
    #[error(
        "the {tier} subnets of {vpc} lie in {found} zone(s), and two are needed: add a subnet in \
         another zone and tag it {tag}, or name subnets in spec.network"
    )]
    TooFewZones {
        /// What the subnets are for.
        tier: &'static str,
        /// The VPC.
        vpc: String,
        /// How many zones there are.
        found: usize,
        /// The tag that marks such subnets.
        tag: &'static str,
    },
    /// A named subnet does not exist.
    #[error("spec.network names subnet {0}, which {1} does not have")]
    NoSuchSubnet(String, String),
}

impl NetworkError {
    /// The condition's reason.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooFewZones { .. } => "TooFewZones",
            Self::NoSuchSubnet(..) => "NoSuchSubnet",
        }
    }
}

/// The network of an EKS cluster, from the subnets of its VPC.
pub fn find(eks: &EksCluster, subnets: &[Subnet]) -> Result<NetworkStatus, NetworkError> {
    let public = |subnet: &Subnet| subnet.tags.contains_key(PUBLIC);
    let database = |subnet: &Subnet| subnet.tags.get(TIER).is_some_and(|tier| tier == DATABASE);
    let tagged_private = |subnet: &Subnet| subnet.tags.contains_key(PRIVATE) && !database(subnet);
    let of_the_cluster = |subnet: &Subnet| {
        eks.subnet_ids.contains(&subnet.id) && !public(subnet) && !database(subnet)
    };
    let private = match one_a_zone(subnets.iter().filter(|subnet| tagged_private(subnet))) {
        tagged if tagged.is_empty() => {
            one_a_zone(subnets.iter().filter(|subnet| of_the_cluster(subnet)))
        }
        tagged => tagged,
    };
    let databases = match one_a_zone(subnets.iter().filter(|subnet| database(subnet))) {
        tagged if tagged.is_empty() => private.clone(),
        tagged => tagged,
    };
    checked(NetworkStatus {
        vpc_id: eks.vpc_id.to_string(),
        node_security_group_id: eks.security_group_id.to_string(),
        private_subnets: private,
        public_subnets: one_a_zone(subnets.iter().filter(|subnet| public(subnet))),
        database_subnets: databases,
    })
}

/// The network that the spec names.
pub fn explicit(network: &Network, subnets: &[Subnet]) -> Result<NetworkStatus, NetworkError> {
    let named = |ids: &[String]| {
        ids.iter()
            .map(|id| {
                subnets
                    .iter()
                    .find(|subnet| subnet.id.as_str() == id)
                    .map(row)
                    .ok_or_else(|| NetworkError::NoSuchSubnet(id.clone(), network.vpc_id.clone()))
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let private_subnets = named(&network.private_subnet_ids)?;
    let database_subnets = match named(&network.database_subnet_ids)? {
        none if none.is_empty() => private_subnets.clone(),
        named => named,
    };
    checked(NetworkStatus {
        vpc_id: network.vpc_id.clone(),
        node_security_group_id: network.node_security_group_id.clone(),
        private_subnets,
        public_subnets: named(&network.public_subnet_ids)?,
        database_subnets,
    })
}

fn checked(network: NetworkStatus) -> Result<NetworkStatus, NetworkError> {
    let tiers = [
        ("private", &network.private_subnets, PRIVATE),
        (
            "database",
            &network.database_subnets,
            "emrstack.dev/tier=database",
        ),
    ];
    for (tier, subnets, tag) in tiers {
        let zones: std::collections::BTreeSet<_> =
            subnets.iter().map(|subnet| &subnet.zone).collect();
        if zones.len() < FEWEST_ZONES {
            let (vpc, found) = (network.vpc_id.clone(), zones.len());
            return Err(NetworkError::TooFewZones {
                tier,
                vpc,
                found,
                tag,
            });
        }
    }
    Ok(network)
}

fn row(subnet: &Subnet) -> SubnetStatus {
    SubnetStatus {
        id: subnet.id.to_string(),
        zone: subnet.zone.to_string(),
        cidr: subnet.cidr.clone(),
    }
}

/// The first subnet of each zone, by id, so that the choice is stable.
fn one_a_zone<'a>(subnets: impl Iterator<Item = &'a Subnet>) -> Vec<SubnetStatus> {
    let mut zones: BTreeMap<String, SubnetStatus> = BTreeMap::new();
    for subnet in subnets {
        let row = row(subnet);
        zones
            .entry(row.zone.clone())
            .and_modify(|kept| {
                if row.id < kept.id {
                    kept.clone_from(&row);
                }
            })
            .or_insert(row);
    }
    zones.into_values().collect()
}
