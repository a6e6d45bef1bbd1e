//! Security groups: one in front of each data resource, admitting the cluster's group on the
//! resource's ports and nothing else. A rule that somebody added is taken out again.

mod plan;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt};

pub use plan::{plan, remove};

use crate::{
    Listing, Mutation, ResourceType, Service, Tags,
    ids::{SecurityGroupId, SecurityGroupName, VpcId},
};

/// The resource type.
#[derive(Debug)]
pub struct SecurityGroup;

/// A security group as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// Its name, unique in the VPC.
    pub name: SecurityGroupName,
    /// Its VPC.
    pub vpc_id: VpcId,
    /// What people read in the console. EC2 allows letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`.
    pub description: String,
    /// Who may connect, and where.
    pub ingress: BTreeSet<IngressRule>,
    /// Its tags.
    pub tags: Tags,
}

/// One permission to connect over TCP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IngressRule {
    /// `tcp`, or what somebody wrote by hand: `udp`, `-1` for all.
    pub protocol: String,
    /// First and last port; absent where the protocol has none.
    pub ports: Option<(u16, u16)>,
    /// From where.
    pub source: Source,
}

/// Where a connection may come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Members of a group.
    Group(SecurityGroupId),
    /// An IPv4 range.
    Ipv4(String),
    /// An IPv6 range.
    Ipv6(String),
    /// A managed prefix list.
    PrefixList(String),
}

impl IngressRule {
    /// TCP on one port from the members of a group: the only rule that we write.
    pub fn tcp(port: u16, group: &SecurityGroupId) -> Self {
        Self {
            protocol: "tcp".into(),
            ports: Some((port, port)),
            source: Source::Group(group.clone()),
        }
    }
}

impl fmt::Display for IngressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.source {
            Source::Group(id) => id.as_str(),
            Source::Ipv4(s) | Source::Ipv6(s) | Source::PrefixList(s) => s,
        };
        match self.ports {
            Some((from, to)) if from == to => write!(f, "{}/{from} from {source}", self.protocol),
            Some((from, to)) => write!(f, "{}/{from}-{to} from {source}", self.protocol),
            None => write!(f, "{} from {source}", self.protocol),
        }
    }
}

/// A security group as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name.
    pub name: SecurityGroupName,
    /// Its VPC.
    pub vpc_id: VpcId,
    /// Who may connect.
    pub ingress: BTreeSet<IngressRule>,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CreateSecurityGroup`, without rules: nobody is let in until they are added.
    Create(Desired),
    /// `AuthorizeSecurityGroupIngress`.
    Authorize {
        /// Its name.
        name: SecurityGroupName,
        /// Its id.
        id: SecurityGroupId,
        /// The rules to add.
        rules: BTreeSet<IngressRule>,
    },
    /// `RevokeSecurityGroupIngress`.
    Revoke {
        /// Its name.
        name: SecurityGroupName,
        /// Its id.
        id: SecurityGroupId,
        /// The rules to take out.
        rules: BTreeSet<IngressRule>,
    },
    /// `DeleteSecurityGroup`.
    Delete {
        /// Its name.
        name: SecurityGroupName,
        /// Its id.
        id: SecurityGroupId,
    },
}

fn list(rules: &BTreeSet<IngressRule>) -> String {
    rules
        .iter()
        .map(IngressRule::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Mutation for Change {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateSecurityGroup",
            Self::Authorize { .. } => "AuthorizeSecurityGroupIngress",
            Self::Revoke { .. } => "RevokeSecurityGroupIngress",
            Self::Delete { .. } => "DeleteSecurityGroup",
        }
    }

    fn target(&self) -> String {
        SecurityGroup::changed(self).to_string()
    }

    fn describe(&self) -> String {
        match self {
            Self::Create(desired) => format!("create security group {}", desired.name),
            Self::Authorize { name, rules, .. } => {
                format!("admit {} to security group {name}", list(rules))
            }
            Self::Revoke { name, rules, .. } => {
                format!("no longer admit {} to security group {name}", list(rules))
            }
            Self::Delete { name, .. } => format!("delete security group {name}"),
        }
    }
}

impl ResourceType for SecurityGroup {
    const NAME: &'static str = "security-group";
    const SERVICE: Service = Service::Ec2;
    const LISTING: Listing = Listing::Pages;
    type Id = SecurityGroupName;
    type Observed = Observed;
    type Change = Change;

    fn id(observed: &Observed) -> Option<Self::Id> {
        Some(observed.name.clone())
    }

    fn changed(change: &Change) -> Self::Id {
        match change {
            Change::Create(desired) => desired.name.clone(),
            Change::Authorize { name, .. }
            | Change::Revoke { name, .. }
            | Change::Delete { name, .. } => name.clone(),
        }
    }

    fn tags(observed: &Observed) -> Option<&Tags> {
        Some(&observed.tags)
    }

    fn in_transition(_: &Observed) -> bool {
        false
    }

    fn after(change: &Change, before: &Observed) -> Option<Observed> {
        let mut seen = before.clone();
        match change {
            Change::Authorize { id, rules, .. } if *id == seen.id => {
                seen.ingress.extend(rules.iter().cloned());
            }
            Change::Revoke { id, rules, .. } if *id == seen.id => {
                seen.ingress.retain(|rule| !rules.contains(rule));
            }
            _ => return None,
        }
        Some(seen)
    }
}
