//! Security groups. The list is filtered to those that an operator made; a single read finds any
//! group of the name, so that a foreign one is seen before a conflict is believed.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_ec2::{
    Client,
    types::{
        Filter, IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType,
        SecurityGroup as Wired, Tag, TagSpecification, UserIdGroupPair,
    },
};
use emr_resource::{
    Mutation, Tags,
    ids::{SecurityGroupId, SecurityGroupName, VpcId},
    ownership::MANAGED_BY,
    security_group::{Change, IngressRule, Observed, SecurityGroup, Source},
};

use super::{Clients, Wire};
use crate::{CloudError, Cursor, Page, Port};

/// EC2 allows 1000.
const PAGE: i32 = 1000;

pub(super) struct Adapter {
    ec2: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            ec2: clients.ec2.clone(),
            wire,
        }
    }
}

/// Tags as EC2 gives them.
pub(super) fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| {
            Some((
                tag.key()?.to_owned(),
                tag.value().unwrap_or_default().to_owned(),
            ))
        })
        .collect()
}

fn rules(permission: &IpPermission) -> impl Iterator<Item = IngressRule> + '_ {
    let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
    let ports = port(permission.from_port()).zip(port(permission.to_port()));
    let protocol = permission.ip_protocol().unwrap_or("-1").to_owned();
    let groups = permission
        .user_id_group_pairs()
        .iter()
        .filter_map(|pair| Some(Source::Group(SecurityGroupId::new(pair.group_id()?))));
    let ipv4 = permission
        .ip_ranges()
        .iter()
        .filter_map(|range| Some(Source::Ipv4(range.cidr_ip()?.to_owned())));
    let ipv6 = permission
        .ipv6_ranges()
        .iter()
        .filter_map(|range| Some(Source::Ipv6(range.cidr_ipv6()?.to_owned())));
    let lists = permission
        .prefix_list_ids()
        .iter()
        .filter_map(|list| Some(Source::PrefixList(list.prefix_list_id()?.to_owned())));
    groups
        .chain(ipv4)
        .chain(ipv6)
        .chain(lists)
        .map(move |source| IngressRule {
            protocol: protocol.clone(),
            ports,
            source,
        })
}

fn permission(rule: &IngressRule) -> IpPermission {
    let builder = IpPermission::builder()
        .ip_protocol(&rule.protocol)
        .set_from_port(rule.ports.map(|(from, _)| i32::from(from)))
        .set_to_port(rule.ports.map(|(_, to)| i32::from(to)));
    match &rule.source {
        Source::Group(id) => {
            builder.user_id_group_pairs(UserIdGroupPair::builder().group_id(id.as_str()).build())
        }
        Source::Ipv4(cidr) => builder.ip_ranges(IpRange::builder().cidr_ip(cidr).build()),
        Source::Ipv6(cidr) => builder.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(cidr).build()),
        Source::PrefixList(id) => {
            builder.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).build())
        }
    }
    .build()
}

fn permissions(rules: &BTreeSet<IngressRule>) -> Vec<IpPermission> {
    rules.iter().map(permission).collect()
}

fn observed(group: &Wired) -> Option<Observed> {
    Some(Observed {
        id: SecurityGroupId::new(group.group_id()?),
        name: SecurityGroupName::new(group.group_name()?),
        vpc_id: VpcId::new(group.vpc_id()?),
        ingress: group.ip_permissions().iter().flat_map(rules).collect(),
        tags: from_tags(group.tags()),
    })
}

#[async_trait]
impl Port<SecurityGroup> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let token = cursor.map(|cursor| cursor.0);
        let list = || {
            let ours = Filter::builder().name("tag-key").values(MANAGED_BY).build();
            let call = self
                .ec2
                .describe_security_groups()
                .filters(ours)
                .max_results(PAGE);
            call.set_next_token(token.clone()).send()
        };
        let page = self.wire.read("DescribeSecurityGroups", list).await?;
        let items = page.security_groups().iter().filter_map(observed).collect();
        Ok(Page::new(items, page.next_token()))
    }

    async fn read(&self, id: &SecurityGroupName) -> Result<Option<Observed>, CloudError> {
        let read = || {
            let named = Filter::builder()
                .name("group-name")
                .values(id.as_str())
                .build();
            self.ec2.describe_security_groups().filters(named).send()
        };
        let found = self.wire.read("DescribeSecurityGroups", read).await?;
        let groups = || found.security_groups().iter().filter_map(observed);
        // The name is unique in a VPC only; one that carries our tag is the one that is meant.
        let ours = groups().find(|group| group.tags.contains_key(MANAGED_BY));
        Ok(ours.or_else(|| groups().next()))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let tags = desired
                    .tags
                    .iter()
                    .map(|(key, value)| Tag::builder().key(key).value(value).build());
                let call = self
                    .ec2
                    .create_security_group()
                    .group_name(desired.name.as_str())
                    .description(&desired.description)
                    .vpc_id(desired.vpc_id.as_str())
                    .tag_specifications(
                        TagSpecification::builder()
                            .resource_type(ResourceType::SecurityGroup)
                            .set_tags(Some(tags.collect()))
                            .build(),
                    );
                let answer = self.wire.mutate(operation, call.send()).await?;
                Ok(answer.group_id().map(|id| Observed {
                    id: SecurityGroupId::new(id),
                    name: desired.name.clone(),
                    vpc_id: desired.vpc_id.clone(),
                    ingress: BTreeSet::new(),
                    tags: desired.tags.clone(),
                }))
            }
            Change::Authorize { id, rules, .. } => {
                let call = self
                    .ec2
                    .authorize_security_group_ingress()
                    .group_id(id.as_str())
                    .set_ip_permissions(Some(permissions(rules)));
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Revoke { id, rules, .. } => {
                let call = self
                    .ec2
                    .revoke_security_group_ingress()
                    .group_id(id.as_str())
                    .set_ip_permissions(Some(permissions(rules)));
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
            Change::Delete { id, .. } => {
                let call = self.ec2.delete_security_group().group_id(id.as_str());
                self.wire.mutate(operation, call.send()).await?;
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_survive_the_way_to_ec2_and_back() {
        let rule = |protocol: &str, ports, source| IngressRule {
            protocol: protocol.into(),
            ports,
            source,
        };
        for rule in [
            IngressRule::tcp(3306, &SecurityGroupId::new("sg-1")),
            rule("udp", Some((1, 9)), Source::Ipv4("10.0.0.0/8".into())),
            rule("-1", None, Source::Ipv6("::/0".into())),
            rule("tcp", Some((0, 65535)), Source::PrefixList("pl-1".into())),
        ] {
            let back: Vec<_> = rules(&permission(&rule)).collect();
            assert_eq!(back, [rule]);
        }
    }
}
