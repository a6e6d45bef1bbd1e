//! File systems. The list tells of themselves; a single read adds mount targets, lifecycle and
//! backup policy.

mod details;

use async_trait::async_trait;
use aws_sdk_efs::{
    Client,
    operation::create_file_system::builders::CreateFileSystemFluentBuilder,
    types::{BackupPolicy, FileSystemDescription as Wired, Status, ThroughputMode},
};
use emr_resource::{
    Mutation,
    file_system::{Change, Desired, FileSystem, Observed, Throughput},
    ids::{CreationToken, FileSystemId},
};

use super::{Clients, Wire, efs, wire};
use crate::{CloudError, Cursor, Page, Port};

pub(super) struct Adapter {
    efs: Client,
    wire: Wire,
}

impl Adapter {
    pub(super) fn new(clients: &Clients, wire: Wire) -> Self {
        Self {
            efs: clients.efs.clone(),
            wire,
        }
    }

    fn create(
        &self,
        desired: &Desired,
        operation: &'static str,
    ) -> Result<CreateFileSystemFluentBuilder, CloudError> {
        let (mode, mibps) = to_throughput(&desired.throughput);
        Ok(self
            .efs
            .create_file_system()
            .creation_token(desired.token.as_str())
            .encrypted(true)
            .kms_key_id(desired.kms_key_arn.as_str())
            .throughput_mode(mode)
            .set_provisioned_throughput_in_mibps(mibps)
            .backup(desired.automatic_backups)
            .set_tags(Some(efs::to_tags(&desired.tags, operation)?)))
    }
}

fn to_throughput(throughput: &Throughput) -> (ThroughputMode, Option<f64>) {
    match throughput {
        Throughput::Elastic => (ThroughputMode::Elastic, None),
        Throughput::Bursting => (ThroughputMode::Bursting, None),
        Throughput::Provisioned { mibps } => (ThroughputMode::Provisioned, Some((*mibps).into())),
        Throughput::Other(mode) => (ThroughputMode::from(mode.as_str()), None),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as casts saturate"
)]
fn from_throughput(mode: Option<&ThroughputMode>, mibps: Option<f64>) -> Throughput {
    match mode {
        None | Some(ThroughputMode::Bursting) => Throughput::Bursting,
        Some(ThroughputMode::Elastic) => Throughput::Elastic,
        Some(ThroughputMode::Provisioned) => Throughput::Provisioned {
            mibps: mibps.unwrap_or_default().round() as u32,
        },
        Some(other) => Throughput::Other(other.as_str().to_owned()),
    }
}

/// File systems and the replies that tell of one have the same fields.
macro_rules! observed {
    ($fs:expr) => {{
        let fs = $fs;
        fs.file_system_arn().map(|arn| Observed {
            id: FileSystemId::new(fs.file_system_id()),
            token: CreationToken::new(fs.creation_token()),
            arn: arn.into(),
            state: fs.life_cycle_state().as_str().to_owned(),
            kms_key_arn: fs
                .kms_key_id()
                .filter(|_| fs.encrypted().unwrap_or_default())
                .map(Into::into),
            throughput: from_throughput(fs.throughput_mode(), fs.provisioned_throughput_in_mibps()),
            number_of_mount_targets: usize::try_from(fs.number_of_mount_targets())
                .unwrap_or_default(),
            tags: efs::from_tags(fs.tags()),
            details: None,
        })
    }};
}

fn observed(fs: &Wired) -> Option<Observed> {
    observed!(fs)
}

#[async_trait]
impl Port<FileSystem> for Adapter {
    async fn list(&self, cursor: Option<Cursor>) -> Result<Page<Observed>, CloudError> {
        let marker = cursor.map(|cursor| cursor.0);
        let list = || {
            let call = self.efs.describe_file_systems().max_items(efs::PAGE);
            call.set_marker(marker.clone()).send()
        };
        let page = self.wire.read("DescribeFileSystems", list).await?;
        let items = page.file_systems().iter().filter_map(observed).collect();
        Ok(Page::new(items, page.next_marker()))
    }

    async fn read(&self, id: &CreationToken) -> Result<Option<Observed>, CloudError> {
        let read = || {
            self.efs
                .describe_file_systems()
                .creation_token(id.as_str())
                .send()
        };
        let found = self.wire.read("DescribeFileSystems", read).await;
        let found = CloudError::none_if_not_found(found)?;
        let seen = found.and_then(|found| found.file_systems().first().and_then(observed));
        let Some(mut seen) = seen else {
            return Ok(None);
        };
        // Nothing but the file system itself is missing there when that is gone meanwhile.
        let details = CloudError::none_if_not_found(self.details(&seen.id).await)?;
        Ok(details.map(|details| {
            // Both tell the same time, whatever happened between the calls.
            seen.number_of_mount_targets = details.mount_targets.len();
            seen.details = Some(details);
            seen
        }))
    }

    async fn perform(&self, change: &Change) -> Result<Option<Observed>, CloudError> {
        let operation = change.operation();
        match change {
            Change::Create(desired) => {
                let call = self.create(desired, operation)?;
                let answer = self.wire.mutate(operation, call.send()).await?;
                return Ok(observed!(&answer).filter(|seen| !seen.tags.is_empty()));
            }
            Change::UpdateThroughput { id, throughput, .. } => {
                let (mode, mibps) = to_throughput(throughput);
                let call = self
                    .efs
                    .update_file_system()
                    .file_system_id(id.as_str())
                    .throughput_mode(mode)
                    .set_provisioned_throughput_in_mibps(mibps);
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
            Change::PutLifecycle { id, lifecycle, .. } => {
                let call = self
                    .efs
                    .put_lifecycle_configuration()
                    .file_system_id(id.as_str())
                    .set_lifecycle_policies(Some(details::to_policies(lifecycle)));
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
            Change::PutBackupPolicy {
                id,
                automatic_backups,
                ..
            } => {
                let status = if *automatic_backups {
                    Status::Enabled
                } else {
                    Status::Disabled
                };
                let policy = BackupPolicy::builder().status(status).build();
                let policy = policy.map_err(|error| wire::unbuilt(operation, &error))?;
                let call = self.efs.put_backup_policy().file_system_id(id.as_str());
                self.wire
                    .mutate(operation, call.backup_policy(policy).send())
                    .await
                    .map(drop)
            }
            Change::Tag { id, tags, .. } => {
                let tags = efs::to_tags(tags, operation)?;
                let call = self.efs.tag_resource().resource_id(id.as_str());
                self.wire
                    .mutate(operation, call.set_tags(Some(tags)).send())
                    .await
                    .map(drop)
            }
            Change::CreateMountTarget {
                id,
                subnet_id,
                security_group_id,
                ..
            } => {
                let call = self
                    .efs
                    .create_mount_target()
                    .file_system_id(id.as_str())
                    .subnet_id(subnet_id.as_str())
                    .security_groups(security_group_id.as_str());
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
            Change::ModifyMountTargetSecurityGroups {
                mount_target_id,
                security_group_id,
                ..
            } => {
                let call = self
                    .efs
                    .modify_mount_target_security_groups()
                    .mount_target_id(mount_target_id.as_str())
                    .security_groups(security_group_id.as_str());
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
            Change::DeleteMountTarget {
                mount_target_id, ..
            } => {
                let call = self
                    .efs
                    .delete_mount_target()
                    .mount_target_id(mount_target_id.as_str());
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
            Change::Delete { id, .. } => {
                let call = self.efs.delete_file_system().file_system_id(id.as_str());
                self.wire.mutate(operation, call.send()).await.map(drop)
            }
        }?;
        // The replies tell of a part, of nothing, or of the state before.
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throughput_survives_the_way_to_efs_and_back() {
        for throughput in [
            Throughput::Elastic,
            Throughput::Bursting,
            Throughput::Provisioned { mibps: 128 },
            Throughput::Other("warp".into()),
        ] {
            let (mode, mibps) = to_throughput(&throughput);
            assert_eq!(from_throughput(Some(&mode), mibps), throughput);
        }
    }
}
