//! Mount targets of file systems.

use std::collections::BTreeSet;

use emr_resource::{
    file_system::MountTarget,
    ids::{FileSystemId, MountTargetId, SecurityGroupId, SubnetId, Zone},
};

use super::room::{Refused, Room, ensure, refuse};

/// A mount target with what AWS shows only while it is available.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) id: MountTargetId,
    pub(super) subnet_id: SubnetId,
    pub(super) zone: Zone,
    pub(super) state: String,
    pub(super) ip: String,
    pub(super) security_groups: BTreeSet<SecurityGroupId>,
}

impl Target {
    /// Source: EFS API reference, `DescribeMountTargetSecurityGroups`: while it is available.
    pub(super) fn observed(&self) -> MountTarget {
        let shown = self.state == "available";
        MountTarget {
            id: self.id.clone(),
            subnet_id: self.subnet_id.clone(),
            zone: self.zone.clone(),
            state: self.state.clone(),
            ip: Some(self.ip.clone()),
            security_group_ids: if shown {
                self.security_groups.clone()
            } else {
                BTreeSet::new()
            },
        }
    }
}

impl Room {
    /// One a zone, of an available file system. Source: EFS API reference, `CreateMountTarget`.
    pub(super) fn create_target(
        &mut self,
        of: &FileSystemId,
        subnet_id: &SubnetId,
        group: &SecurityGroupId,
    ) -> Result<(), Refused> {
        self.file_systems.available(of)?;
        let Some(zone) = self.seeded.subnet(subnet_id).map(|s| s.zone.clone()) else {
            return refuse("SubnetNotFound", format!("no subnet {subnet_id}"));
        };
        let known = self.ec2.has(group);
        ensure(known, "SecurityGroupNotFound", format!("no group {group}"))?;
        let files = self.file_systems.available(of)?;
        let taken = files.targets.iter().any(|target| target.zone == zone);
        ensure(!taken, "MountTargetConflict", format!("{zone} has one"))?;
        let id = MountTargetId::new(self.next_id("fsmt-", &format!("{of}/{subnet_id}")));
        let target = Target {
            id: id.clone(),
            subnet_id: subnet_id.clone(),
            zone,
            state: "creating".into(),
            ip: "10.0.0.10".into(),
            security_groups: [group.clone()].into(),
        };
        self.file_systems.available(of)?.targets.push(target);
        self.after(self.delays.mount_target, move |room| {
            if let Ok(target) = room.target(&id)
                && target.state == "creating"
            {
                target.state = "available".into();
            }
        });
        Ok(())
    }

    fn target(&mut self, id: &MountTargetId) -> Result<&mut Target, Refused> {
        let all = self.file_systems.all.values_mut();
        let mut targets = all.flat_map(|files| &mut files.targets);
        targets.find(|target| target.id == *id).map_or_else(
            || refuse("MountTargetNotFound", format!("no mount target {id}")),
            Ok,
        )
    }

    /// Source: EFS API reference, `ModifyMountTargetSecurityGroups`.
    pub(super) fn modify_target(
        &mut self,
        id: &MountTargetId,
        group: &SecurityGroupId,
    ) -> Result<(), Refused> {
        let known = self.ec2.has(group);
        ensure(known, "SecurityGroupNotFound", format!("no group {group}"))?;
        let target = self.target(id)?;
        let ready = target.state == "available";
        ensure(ready, "IncorrectMountTargetState", target.state.clone())?;
        target.security_groups = [group.clone()].into();
        Ok(())
    }

    pub(super) fn delete_target(&mut self, id: &MountTargetId) -> Result<(), Refused> {
        let target = self.target(id)?;
        if target.state == "deleting" {
            return Ok(());
        }
        target.state = "deleting".into();
        let id = id.clone();
        self.after(self.delays.mount_target, move |room| {
            for files in room.file_systems.all.values_mut() {
                files.targets.retain(|target| target.id != id);
            }
        });
        Ok(())
    }
}
