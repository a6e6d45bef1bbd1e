//! Backups, roles and what the account has.

use super::{ANY, CALL, READ, row};
use crate::permission::{
    Condition::{Boundary, Like, RequestTag, ResourceTag},
    Row,
};

const VAULTS: &[&str] = &["arn:${partition}:backup:${region}:${account}:backup-vault:emr-*"];
const PLANS: &[&str] = &["arn:${partition}:backup:${region}:${account}:backup-plan:*"];
const POINTS: &[&str] = &["arn:${partition}:backup:${region}:${account}:recovery-point:*"];
const ROLES: &[&str] = &["arn:${partition}:iam::${account}:role/emrstack/*"];

pub(super) const ROWS: &[Row] = &[
    // AWS Backup.
    row(
        "backup",
        &["CreateBackupVault", "TagResource"],
        VAULTS,
        &[RequestTag],
        CALL,
    ),
    row(
        "backup",
        &["StartBackupJob", "PutBackupVaultLockConfiguration"],
        VAULTS,
        &[ResourceTag],
        CALL,
    ),
    row(
        "backup",
        &["CreateBackupPlan", "TagResource"],
        PLANS,
        &[RequestTag],
        CALL,
    ),
    row(
        "backup",
        &[
            "UpdateBackupPlan",
            "DeleteBackupPlan",
            "CreateBackupSelection",
            "DeleteBackupSelection",
        ],
        PLANS,
        &[ResourceTag],
        CALL,
    ),
    // Of failed and expired sets; the tag says that it is ours (safety.md 2).
    row(
        "backup",
        &["DeleteRecoveryPoint"],
        POINTS,
        &[ResourceTag],
        CALL,
    ),
    // From any recovery point, also from one that a plan took.
    row("backup", &["StartRestoreJob"], POINTS, &[], CALL),
    row(
        "backup-storage",
        &["MountCapsule"],
        ANY,
        &[],
        "backup:CreateBackupVault: Backup developer guide, API permissions",
    ),
    row(
        "backup",
        &[
            "DescribeBackupVault",
            "ListBackupVaults",
            "DescribeBackupJob",
            "DescribeRestoreJob",
            "ListBackupJobs",
            "ListBackupPlans",
            "GetBackupPlan",
            "ListBackupSelections",
            "GetBackupSelection",
            "DescribeProtectedResource",
            "ListProtectedResources",
            "DescribeRecoveryPoint",
            "ListRecoveryPointsByBackupVault",
            "ListRecoveryPointsByResource",
            "ListTags",
        ],
        ANY,
        &[],
        READ,
    ),
    // IAM: the one role that AWS Backup assumes (safety.md 10).
    row("iam", &["CreateRole"], ROLES, &[RequestTag, Boundary], CALL),
    row(
        "iam",
        &["TagRole"],
        ROLES,
        &[RequestTag],
        "tags given to iam:CreateRole: IAM user guide, Tagging IAM resources",
    ),
    row(
        "iam",
        &["AttachRolePolicy"],
        ROLES,
        &[Like(
            "iam:PolicyARN",
            &[
                "arn:*:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
                "arn:*:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
            ],
        )],
        CALL,
    ),
    row(
        "iam",
        &["GetRole", "ListAttachedRolePolicies", "ListRoleTags"],
        ROLES,
        &[],
        READ,
    ),
    row(
        "iam",
        &["PassRole"],
        ROLES,
        &[Like("iam:PassedToService", &["backup.amazonaws.com"])],
        "backup:StartBackupJob, backup:StartRestoreJob, backup:CreateBackupSelection: Backup developer guide, API permissions",
    ),
    row(
        "iam",
        &["CreateServiceLinkedRole"],
        &["arn:${partition}:iam::${account}:role/aws-service-role/*"],
        &[Like(
            "iam:AWSServiceName",
            &[
                "rds.amazonaws.com",
                "elasticache.amazonaws.com",
                "elasticfilesystem.amazonaws.com",
                "backup.amazonaws.com",
            ],
        )],
        "the first resource of a service in an account: each user guide, Service-linked roles",
    ),
    // EKS, Service Quotas and STS.
    row(
        "eks",
        &["DescribeCluster"],
        &["arn:${partition}:eks:${region}:${account}:cluster/*"],
        &[],
        READ,
    ),
    row(
        "servicequotas",
        &["GetServiceQuota", "GetAWSDefaultServiceQuota"],
        ANY,
        &[],
        READ,
    ),
    row("sts", &["GetCallerIdentity"], ANY, &[], READ),
];
