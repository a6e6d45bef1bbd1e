//! What only single reads tell of a file system.

use std::collections::BTreeSet;

use aws_sdk_efs::types::{
    BackupPolicy, LifeCycleState, LifecyclePolicy, MountTargetDescription, Status,
    TransitionToArchiveRules, TransitionToIaRules, TransitionToPrimaryStorageClassRules,
};
use emr_resource::{
    file_system::{Details, Lifecycle, MountTarget},
    ids::{FileSystemId, MountTargetId, SecurityGroupId, SubnetId, Zone},
};
use futures::{StreamExt, TryStreamExt, stream};

use super::{Adapter, efs};
use crate::{CloudError, ErrorKind};

/// Single reads of mount targets side by side: as many as there are zones.
const SIDE_BY_SIDE: usize = 6;

impl Adapter {
    /// The details of a file system. `NotFound` says that the file system itself is gone.
    pub(super) async fn details(&self, id: &FileSystemId) -> Result<Details, CloudError> {
        let (mount_targets, lifecycle, automatic_backups) = futures::try_join!(
            self.mount_targets(id),
            self.lifecycle(id),
            self.automatic_backups(id)
        )?;
        Ok(Details {
            mount_targets,
            lifecycle,
            automatic_backups,
        })
    }

    /// All on one page: there can be one a zone.
    async fn mount_targets(&self, id: &FileSystemId) -> Result<Vec<MountTarget>, CloudError> {
        let list = || {
            let call = self.efs.describe_mount_targets().max_items(efs::PAGE);
            call.file_system_id(id.as_str()).send()
        };
        let found = self.wire.read("DescribeMountTargets", list).await?;
        let targets = stream::iter(found.mount_targets.unwrap_or_default())
            .map(|target| self.mount_target(target))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect::<Vec<_>>()
            .await?;
        let mut targets: Vec<_> = targets.into_iter().flatten().collect();
        // AWS gives them in any order; a difference in order is no change.
        targets.sort_by(|a: &MountTarget, b| a.id.cmp(&b.id));
        Ok(targets)
    }

    /// A mount target with its security groups, which EFS tells while it is available only; `None`
    /// for one that is gone meanwhile.
    async fn mount_target(
        &self,
        target: MountTargetDescription,
    ) -> Result<Option<MountTarget>, CloudError> {
        let mut security_group_ids = BTreeSet::new();
        if *target.life_cycle_state() == LifeCycleState::Available {
            let read = || {
                let call = self.efs.describe_mount_target_security_groups();
                call.mount_target_id(target.mount_target_id()).send()
            };
            match self
                .wire
                .read("DescribeMountTargetSecurityGroups", read)
                .await
            {
                Ok(found) => {
                    let ids = found.security_groups().iter();
                    security_group_ids = ids.map(|id| SecurityGroupId::new(id.as_str())).collect();
                }
                Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(Some(MountTarget {
            id: MountTargetId::new(target.mount_target_id()),
            subnet_id: SubnetId::new(target.subnet_id()),
            zone: Zone::new(target.availability_zone_name().unwrap_or_default()),
            state: target.life_cycle_state().as_str().to_owned(),
            ip: target.ip_address().map(str::to_owned),
            security_group_ids,
        }))
    }

    async fn lifecycle(&self, id: &FileSystemId) -> Result<Lifecycle, CloudError> {
        let read = || {
            self.efs
                .describe_lifecycle_configuration()
                .file_system_id(id.as_str())
                .send()
        };
        let found = self
            .wire
            .read("DescribeLifecycleConfiguration", read)
            .await?;
        Ok(from_policies(found.lifecycle_policies()))
    }

    /// EFS says that there is no policy where automatic backups never were on.
    async fn automatic_backups(&self, id: &FileSystemId) -> Result<bool, CloudError> {
        let read = || {
            self.efs
                .describe_backup_policy()
                .file_system_id(id.as_str())
                .send()
        };
        let found = self.wire.read("DescribeBackupPolicy", read).await;
        let status = CloudError::none_if_not_found(found)?
            .and_then(|found| found.backup_policy)
            .map(|policy: BackupPolicy| policy.status);
        Ok(matches!(status, Some(Status::Enabled | Status::Enabling)))
    }
}

/// `AFTER_1_DAY`, `AFTER_30_DAYS`.
fn after(days: u32) -> String {
    format!("AFTER_{days}_DAY{}", if days == 1 { "" } else { "S" })
}

fn days(rule: &str) -> Option<u32> {
    rule.strip_prefix("AFTER_")?
        .split_once("_DAY")?
        .0
        .parse()
        .ok()
}

/// EFS takes a policy for each transition.
pub(super) fn to_policies(lifecycle: &Lifecycle) -> Vec<LifecyclePolicy> {
    let policy = LifecyclePolicy::builder;
    let to_ia = lifecycle.to_ia_days.map(|days| {
        policy()
            .transition_to_ia(TransitionToIaRules::from(after(days).as_str()))
            .build()
    });
    let to_archive = lifecycle.to_archive_days.map(|days| {
        let rule = TransitionToArchiveRules::from(after(days).as_str());
        policy().transition_to_archive(rule).build()
    });
    let back = lifecycle.to_primary_on_first_access.then(|| {
        let rule = TransitionToPrimaryStorageClassRules::After1Access;
        policy().transition_to_primary_storage_class(rule).build()
    });
    to_ia.into_iter().chain(to_archive).chain(back).collect()
}

fn from_policies(policies: &[LifecyclePolicy]) -> Lifecycle {
    Lifecycle {
        to_ia_days: policies
            .iter()
            .find_map(|policy| days(policy.transition_to_ia()?.as_str())),
        to_archive_days: policies
            .iter()
            .find_map(|policy| days(policy.transition_to_archive()?.as_str())),
        to_primary_on_first_access: policies
            .iter()
            .any(|policy| policy.transition_to_primary_storage_class().is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifecycles_survive_the_way_to_efs_and_back() {
        for lifecycle in [
            Lifecycle::default(),
            Lifecycle {
                to_ia_days: Some(1),
                ..Lifecycle::default()
            },
            Lifecycle {
                to_ia_days: Some(30),
                to_archive_days: Some(90),
                to_primary_on_first_access: true,
            },
        ] {
            assert_eq!(from_policies(&to_policies(&lifecycle)), lifecycle);
        }
        assert_eq!(
            (after(1).as_str(), after(7).as_str()),
            ("AFTER_1_DAY", "AFTER_7_DAYS")
        );
    }
}
