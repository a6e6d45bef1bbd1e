//! SharedFileSystem: an EFS file system, a mount target a zone, and access points.

mod plan;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use emr_api::{
    emr_platform::NetworkStatus,
    shared_file_system::{SharedFileSystemSpec, ThroughputMode},
};
use emr_resource::{
    Owner, Tags, UserTags, access_point, backup_job, file_system,
    ids::{Arn, CreationToken, FileSystemId, SecurityGroupId, SubnetId, VaultName, Zone},
    names, restore_job,
    security_group::{self, IngressRule},
};
pub use plan::{Circumstances, plan, teardown};
pub use status::{status, usable};

use crate::owner::{Covered, data_tags};

/// NFS.
const PORT: u16 = 2049;

/// A file system as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct FilesStack {
    /// Whose it is.
    pub owner: Owner,
    /// Who may mount.
    pub security_group: security_group::Desired,
    /// The file system; its security group is filled in once that has an id.
    pub file_system: file_system::Desired,
    /// Access points; their file system is filled in once that has an id.
    pub access_points: Vec<access_point::Desired>,
    /// What is restored into it; its file system is filled in once that has an id.
    pub restore: Option<restore_job::Desired>,
    /// Where the last backup goes.
    pub vault: VaultName,
    /// The role that makes it.
    pub backup_role_arn: Arn,
}

/// What AWS has of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilesSeen {
    /// Who may mount.
    pub security_group: Option<security_group::Observed>,
    /// The file system.
    pub file_system: Option<file_system::Observed>,
    /// Access points.
    pub access_points: BTreeMap<CreationToken, access_point::Observed>,
    /// The restore into it.
    pub restore_job: Option<restore_job::Observed>,
    /// The tags of what is to be restored; looked for only until that has begun.
    pub source: Option<Tags>,
    /// Its backup jobs; looked for only on the way to deletion.
    pub backup_jobs: Option<backup_job::Observed>,
}

/// Where a file system lands, as its platform tells it.
#[derive(Clone, Debug)]
pub struct Landing<'a> {
    /// Network and zones.
    pub network: &'a NetworkStatus,
    /// The key that encrypts the data.
    pub kms_key_arn: &'a str,
    /// The platform's backup vault.
    pub vault: &'a str,
    /// The role that AWS Backup works under.
    pub backup_role_arn: &'a str,
    /// The platform's tags.
    pub tags: &'a UserTags,
}

/// The resources that the spec asks for.
pub fn desire(owner: &Owner, spec: &SharedFileSystemSpec, landing: &Landing<'_>) -> FilesStack {
    let tags = data_tags(owner, landing.tags);
    let nodes = SecurityGroupId::new(&landing.network.node_security_group_id);
    let days = |days: u32| (days > 0).then_some(days);
    FilesStack {
        owner: owner.clone(),
        security_group: security_group::Desired {
            name: names::security_group(owner, "files"),
            vpc_id: landing.network.vpc_id.as_str().into(),
            description: crate::owner::description(&format!(
                "Files of {}: NFS from the cluster nodes",
                owner.path()
            )),
            ingress: [IngressRule::tcp(PORT, &nodes)].into(),
            tags: tags.clone(),
        },
        file_system: file_system::Desired {
            token: names::file_system(owner),
            kms_key_arn: Arn::new(landing.kms_key_arn),
            throughput: match spec.throughput_mode {
                ThroughputMode::Elastic => file_system::Throughput::Elastic,
                ThroughputMode::Bursting => file_system::Throughput::Bursting,
            },
            lifecycle: file_system::Lifecycle {
                to_ia_days: days(spec.lifecycle.infrequent_access_days),
                to_archive_days: days(spec.lifecycle.archive_days),
                to_primary_on_first_access: spec.lifecycle.infrequent_access_days > 0,
            },
            automatic_backups: spec.automatic_backups,
            mount_targets: landing
                .network
                .private_subnets
                .iter()
                .map(|subnet| (Zone::new(&subnet.zone), SubnetId::new(&subnet.id)))
                .collect(),
            security_group_id: SecurityGroupId::new(""),
            tags: if spec.hourly_backups {
                Covered::FilesHourly
            } else {
                Covered::Files
            }
            .tag(&tags),
        },
        access_points: spec
            .access_points
            .iter()
            .map(|point| access_point::Desired {
                token: names::access_point(owner, &point.name, &point.path),
                file_system_id: FileSystemId::new(""),
                name: point.name.clone(),
                path: point.path.clone(),
                creation_info: access_point::CreationInfo {
                    uid: point.creation_info.uid,
                    gid: point.creation_info.gid,
                    permissions: point.creation_info.permissions.clone(),
                },
                posix_user: None,
                tags: tags.clone(),
            })
            .collect(),
        restore: spec.restore_from.as_ref().map(|from| restore_job::Desired {
            token: names::restore(owner),
            recovery_point_arn: Arn::new(&from.recovery_point_arn),
            file_system_id: FileSystemId::new(""),
            kms_key_arn: Arn::new(landing.kms_key_arn),
            role_arn: Arn::new(landing.backup_role_arn),
        }),
        vault: VaultName::new(landing.vault),
        backup_role_arn: Arn::new(landing.backup_role_arn),
    }
}
