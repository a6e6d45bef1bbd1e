//! Security groups.

use std::collections::BTreeMap;

use emr_resource::{
    Tags,
    ids::{SecurityGroupId, SecurityGroupName},
    security_group::{Change, Desired, IngressRule, Observed, SecurityGroup, Source},
};

use super::{
    room::{Keeps, Refused, Room, Window, ensure, refuse},
    seed::Seeded,
};

#[derive(Clone, Default)]
pub(super) struct Ec2 {
    pub(super) groups: BTreeMap<SecurityGroupName, Observed>,
}

impl Ec2 {
    pub(super) fn seed(&mut self, seeded: &Seeded) {
        let name = SecurityGroupName::new("eks-cluster-sg-clinics");
        let group = Observed {
            id: seeded.node_group.clone(),
            name: name.clone(),
            vpc_id: seeded.vpc_id.clone(),
            ingress: [].into(),
            tags: Tags::new(),
        };
        self.groups.insert(name, group);
    }

    pub(super) fn has(&self, id: &SecurityGroupId) -> bool {
        self.groups.values().any(|group| group.id == *id)
    }

    fn by_id(&mut self, id: &SecurityGroupId) -> Result<&mut Observed, Refused> {
        let found = self.groups.values_mut().find(|group| group.id == *id);
        found.map_or_else(
            || refuse("InvalidGroup.NotFound", format!("there is no group {id}")),
            Ok,
        )
    }
}

impl Room {
    /// Names and ids of groups are unique in a VPC.
    /// Source: EC2 API reference, `CreateSecurityGroup`.
    fn create_group(&mut self, desired: &Desired) -> Result<Option<Observed>, Refused> {
        let Desired { name, vpc_id, .. } = desired;
        ensure(
            *vpc_id == self.seeded.vpc_id,
            "InvalidVpcID.NotFound",
            "no such VPC",
        )?;
        let exists = self.ec2.groups.contains_key(name);
        ensure(!exists, "InvalidGroup.Duplicate", format!("{name} exists"))?;
        let group = Observed {
            id: SecurityGroupId::new(self.next_id("sg-", name.as_str())),
            name: name.clone(),
            vpc_id: vpc_id.clone(),
            ingress: [].into(),
            tags: desired.tags.clone(),
        };
        self.ec2.groups.insert(name.clone(), group.clone());
        Ok(Some(group))
    }

    /// Every rule must be new, and its group must exist.
    /// Source: EC2 API reference, error codes, `InvalidPermission.Duplicate`.
    fn check_rules<'a>(
        &self,
        rules: impl IntoIterator<Item = &'a IngressRule>,
    ) -> Result<(), Refused> {
        for rule in rules {
            if let Source::Group(source) = &rule.source {
                ensure(
                    self.ec2.has(source),
                    "InvalidGroup.NotFound",
                    source.as_str(),
                )?;
            }
        }
        Ok(())
    }

    /// A group whose network interfaces exist, or that another group's rule names, stays.
    /// Source: EC2 API reference, `DeleteSecurityGroup`.
    pub(super) fn uses_of(&self, id: &SecurityGroupId) -> Option<String> {
        let clusters = self.clusters.all.values();
        let mut clusters = clusters.filter(|c| c.settings.security_groups.contains(id));
        let mut caches = self.caches.all.values();
        let mut files = self.file_systems.all.values();
        let from_group = |rule: &IngressRule| rule.source == Source::Group(id.clone());
        let mut others = self.ec2.groups.values().filter(|group| group.id != *id);
        None.or_else(|| clusters.next().map(|c| format!("DB cluster {}", c.id)))
            .or_else(|| {
                let mut instances = self.rds.all.values();
                let uses = |of: &&emr_resource::rds_instance::Observed| {
                    of.settings.security_groups.contains(id)
                };
                let instance = instances.find(uses)?;
                Some(format!("DB instance {}", instance.id))
            })
            .or_else(|| {
                let cache = caches.find(|cache| cache.security_group_ids.contains(id))?;
                Some(format!("cache {}", cache.name))
            })
            .or_else(|| {
                self.replication_group_behind(id)
                    .map(|id| format!("cache {id}"))
            })
            .or_else(|| {
                let uses = |target: &super::mounts::Target| target.security_groups.contains(id);
                let files = files.find(|files| files.targets.iter().any(uses))?;
                Some(format!("file system {}", files.id))
            })
            .or_else(|| {
                let group = others.find(|group| group.ingress.iter().any(from_group))?;
                Some(format!("security group {}", group.id))
            })
    }
}

impl Keeps<SecurityGroup> for Room {
    fn list(&self, window: Window) -> Vec<Observed> {
        window.show(self.ec2.groups.values(), Observed::clone)
    }

    fn read(&self, id: &SecurityGroupName) -> Option<Observed> {
        self.ec2.groups.get(id).cloned()
    }

    fn change(&mut self, change: &Change) -> Result<Option<Observed>, Refused> {
        match change {
            Change::Create(desired) => return self.create_group(desired),
            Change::Authorize { id, rules, .. } => {
                self.check_rules(rules)?;
                let group = self.ec2.by_id(id)?;
                let duplicate = rules.iter().any(|rule| group.ingress.contains(rule));
                ensure(!duplicate, "InvalidPermission.Duplicate", "the rule exists")?;
                group.ingress.extend(rules.iter().cloned());
            }
            Change::Revoke { id, rules, .. } => {
                let group = self.ec2.by_id(id)?;
                let missing = rules.iter().any(|rule| !group.ingress.contains(rule));
                ensure(
                    !missing,
                    "InvalidPermission.NotFound",
                    "there is no such rule",
                )?;
                group.ingress.retain(|rule| !rules.contains(rule));
            }
            Change::Delete { id, .. } => {
                let name = self.ec2.by_id(id)?.name.clone();
                if let Some(user) = self.uses_of(id) {
                    return refuse("DependencyViolation", format!("{id} is used by {user}"));
                }
                self.ec2.groups.remove(&name);
            }
        }
        Ok(None)
    }
}
