//! The table. Sources: the Service Authorization Reference for resources and condition keys, and
//! what each row names.

use super::{
    Condition::{self, Boundary, Like, RequestTag, ResourceTag, True},
    Row,
};

const fn row(
    service: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
    conditions: &'static [Condition],
    because: &'static str,
) -> Row {
    Row {
        service,
        actions,
        resources,
        conditions,
        because,
    }
}

const ANY: &[&str] = &["*"];
const CALL: &str = "a call of ours";
const READ: &str = "a read of ours";

const RDS_OURS: &[&str] = &[
    "arn:${partition}:rds:${region}:${account}:cluster:emr-*",
    "arn:${partition}:rds:${region}:${account}:db:emr-*",
    "arn:${partition}:rds:${region}:${account}:cluster-pg:emr-*",
    "arn:${partition}:rds:${region}:${account}:subgrp:emr-*",
    "arn:${partition}:rds:${region}:${account}:cluster-snapshot:emr-*",
];
const CACHE_OURS: &[&str] = &[
    "arn:${partition}:elasticache:${region}:${account}:serverlesscache:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:serverlesscachesnapshot:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:user:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:usergroup:emr-*",
];
const GROUPS: &[&str] = &["arn:${partition}:ec2:${region}:${account}:security-group/*"];
const SECRETS: &[&str] =
    &["arn:${partition}:secretsmanager:${region}:${account}:secret:emrstack/${cluster}/*"];
const KEYS: &[&str] = &["arn:${partition}:kms:${region}:${account}:key/*"];
const LOGS: &[&str] =
    &["arn:${partition}:logs:${region}:${account}:log-group:/aws/rds/cluster/emr-*"];
const FILES: &[&str] = &["arn:${partition}:elasticfilesystem:${region}:${account}:file-system/*"];
const POINTS: &[&str] = &["arn:${partition}:elasticfilesystem:${region}:${account}:access-point/*"];
const TAGGED_FILES: &[&str] = &[FILES[0], POINTS[0]];
const VAULTS: &[&str] = &["arn:${partition}:backup:${region}:${account}:backup-vault:emr-*"];
const ROLES: &[&str] = &["arn:${partition}:iam::${account}:role/emrstack/*"];

/// Every action that the operator may cause.
pub const ROWS: &[Row] = &[
    // RDS.
    row(
        "rds",
        &[
            "CreateDBCluster",
            "CreateDBInstance",
            "CreateDBClusterSnapshot",
            "CreateDBClusterParameterGroup",
            "CreateDBSubnetGroup",
        ],
        RDS_OURS,
        &[RequestTag],
        CALL,
    ),
    row(
        "rds",
        &["AddTagsToResource"],
        RDS_OURS,
        &[RequestTag],
        "tags given to rds:Create*: RDS user guide, Tagging resources",
    ),
    row(
        "rds",
        &[
            "ModifyDBCluster",
            "StartDBCluster",
            "DeleteDBCluster",
            "ModifyDBInstance",
            "DeleteDBInstance",
            "ModifyDBClusterParameterGroup",
            "DeleteDBClusterParameterGroup",
            "ModifyDBSubnetGroup",
            "DeleteDBSubnetGroup",
        ],
        RDS_OURS,
        &[ResourceTag],
        CALL,
    ),
    row(
        "rds",
        &[
            "DescribeDBClusters",
            "DescribeDBInstances",
            "DescribeDBClusterSnapshots",
            "DescribeDBClusterParameterGroups",
            "DescribeDBClusterParameters",
            "DescribeDBSubnetGroups",
            "ListTagsForResource",
        ],
        ANY,
        &[],
        READ,
    ),
    // EC2.
    row("ec2", &["CreateSecurityGroup"], GROUPS, &[RequestTag], CALL),
    row(
        "ec2",
        &["CreateSecurityGroup"],
        &["arn:${partition}:ec2:${region}:${account}:vpc/*"],
        &[],
        "the VPC that a security group is made in",
    ),
    row(
        "ec2",
        &["CreateTags"],
        GROUPS,
        &[
            RequestTag,
            Like("ec2:CreateAction", &["CreateSecurityGroup"]),
        ],
        "tags given to ec2:CreateSecurityGroup: EC2 user guide, Grant permission to tag",
    ),
    row(
        "ec2",
        &[
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupIngress",
            "DeleteSecurityGroup",
        ],
        GROUPS,
        &[ResourceTag],
        CALL,
    ),
    row(
        "ec2",
        &["DescribeSecurityGroups", "DescribeSubnets"],
        ANY,
        &[],
        READ,
    ),
    row(
        "ec2",
        &[
            "CreateNetworkInterface",
            "DeleteNetworkInterface",
            "DescribeNetworkInterfaces",
            "ModifyNetworkInterfaceAttribute",
        ],
        ANY,
        &[],
        "elasticfilesystem:CreateMountTarget and the like: EFS API reference, CreateMountTarget",
    ),
    row(
        "ec2",
        &[
            "CreateVpcEndpoint",
            "DeleteVpcEndpoints",
            "DescribeTags",
            "DescribeVpcEndpoints",
            "DescribeVpcs",
        ],
        ANY,
        &[],
        "elasticache:CreateServerlessCache: Service Authorization Reference, ElastiCache",
    ),
    row(
        "ec2",
        &["CreateTags"],
        &["arn:${partition}:ec2:${region}:${account}:vpc-endpoint/*"],
        &[Like("ec2:CreateAction", &["CreateVpcEndpoint"])],
        "elasticache:CreateServerlessCache: Service Authorization Reference, ElastiCache",
    ),
    // KMS.
    row("kms", &["CreateKey"], ANY, &[RequestTag], CALL),
    row(
        "kms",
        &["TagResource"],
        KEYS,
        &[RequestTag],
        "tags given to kms:CreateKey: KMS developer guide, Controlling access to tags",
    ),
    row(
        "kms",
        &["CreateAlias"],
        &["arn:${partition}:kms:${region}:${account}:alias/emr-*"],
        &[],
        CALL,
    ),
    row(
        "kms",
        &["CreateAlias", "EnableKeyRotation"],
        KEYS,
        &[ResourceTag],
        CALL,
    ),
    row(
        "kms",
        &["DescribeKey", "GetKeyRotationStatus", "ListResourceTags"],
        KEYS,
        &[],
        READ,
    ),
    row("kms", &["ListAliases", "ListKeys"], ANY, &[], READ),
    row(
        "kms",
        &["CreateGrant", "RetireGrant"],
        KEYS,
        &[
            True("kms:GrantIsForAWSResource"),
            Like(
                "kms:ViaService",
                &["rds.*", "elasticache.*", "elasticfilesystem.*", "backup.*"],
            ),
        ],
        "encrypted databases, caches, files and vaults: each user guide, Encryption at rest",
    ),
    row(
        "kms",
        &[
            "Decrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
        ],
        KEYS,
        &[Like(
            "kms:ViaService",
            &[
                "rds.*",
                "secretsmanager.*",
                "elasticache.*",
                "elasticfilesystem.*",
                "backup.*",
            ],
        )],
        "secrets, databases and vaults under a key: Secrets Manager user guide, Encryption",
    ),
    // Secrets Manager.
    row(
        "secretsmanager",
        &["CreateSecret"],
        SECRETS,
        &[RequestTag],
        CALL,
    ),
    row(
        "secretsmanager",
        &["TagResource"],
        SECRETS,
        &[RequestTag],
        "tags given to secretsmanager:CreateSecret: API reference, CreateSecret",
    ),
    row(
        "secretsmanager",
        &["RestoreSecret", "DeleteSecret"],
        SECRETS,
        &[ResourceTag],
        CALL,
    ),
    row("secretsmanager", &["DescribeSecret"], SECRETS, &[], READ),
    row(
        "secretsmanager",
        &["GetSecretValue"],
        SECRETS,
        &[ResourceTag],
        READ,
    ),
    row("secretsmanager", &["ListSecrets"], ANY, &[], READ),
    // CloudWatch Logs. A group may have been made by RDS itself, without tags: the name bounds it.
    row("logs", &["CreateLogGroup"], LOGS, &[RequestTag], CALL),
    row(
        "logs",
        &["TagResource"],
        LOGS,
        &[RequestTag],
        "tags given to logs:CreateLogGroup: API reference, CreateLogGroup",
    ),
    row(
        "logs",
        &["PutRetentionPolicy", "AssociateKmsKey"],
        LOGS,
        &[],
        CALL,
    ),
    row("logs", &["DescribeLogGroups"], ANY, &[], READ),
    // ElastiCache.
    row(
        "elasticache",
        &["CreateServerlessCache", "CreateUser", "CreateUserGroup"],
        CACHE_OURS,
        &[RequestTag],
        CALL,
    ),
    row(
        "elasticache",
        &["AddTagsToResource"],
        CACHE_OURS,
        &[RequestTag],
        "tags given to elasticache:Create*: ElastiCache user guide, Tagging",
    ),
    row(
        "elasticache",
        &[
            "ModifyServerlessCache",
            "DeleteServerlessCache",
            "ModifyUser",
            "DeleteUser",
            "ModifyUserGroup",
            "DeleteUserGroup",
        ],
        CACHE_OURS,
        &[ResourceTag],
        CALL,
    ),
    row(
        "elasticache",
        &["CreateServerlessCacheSnapshot"],
        CACHE_OURS,
        &[],
        "a final snapshot: Service Authorization Reference, DeleteServerlessCache",
    ),
    row(
        "elasticache",
        &[
            "DescribeServerlessCaches",
            "DescribeUsers",
            "DescribeUserGroups",
            "ListTagsForResource",
        ],
        ANY,
        &[],
        READ,
    ),
    // EFS.
    row(
        "elasticfilesystem",
        &["CreateFileSystem"],
        ANY,
        &[RequestTag],
        CALL,
    ),
    row(
        "elasticfilesystem",
        &["CreateAccessPoint"],
        FILES,
        &[RequestTag, ResourceTag],
        CALL,
    ),
    row(
        "elasticfilesystem",
        &["TagResource"],
        TAGGED_FILES,
        &[
            RequestTag,
            Like(
                "elasticfilesystem:CreateAction",
                &["CreateFileSystem", "CreateAccessPoint"],
            ),
        ],
        "tags given to elasticfilesystem:Create*: EFS user guide, Tagging resources at creation",
    ),
    row(
        "elasticfilesystem",
        &[
            "UpdateFileSystem",
            "PutLifecycleConfiguration",
            "PutBackupPolicy",
            "CreateMountTarget",
            "ModifyMountTargetSecurityGroups",
            "DeleteMountTarget",
            "DeleteFileSystem",
        ],
        FILES,
        &[ResourceTag],
        CALL,
    ),
    row(
        "elasticfilesystem",
        &["DeleteAccessPoint"],
        POINTS,
        &[ResourceTag],
        CALL,
    ),
    row(
        "elasticfilesystem",
        &[
            "DescribeFileSystems",
            "DescribeMountTargets",
            "DescribeMountTargetSecurityGroups",
            "DescribeLifecycleConfiguration",
            "DescribeBackupPolicy",
            "DescribeAccessPoints",
            "ListTagsForResource",
        ],
        ANY,
        &[],
        READ,
    ),
    row(
        "elasticfilesystem",
        &["Backup"],
        FILES,
        &[ResourceTag],
        "backup:StartBackupJob on a file system: EFS user guide, Backing up",
    ),
    // AWS Backup.
    row(
        "backup",
        &["CreateBackupVault", "TagResource"],
        VAULTS,
        &[RequestTag],
        CALL,
    ),
    row("backup", &["StartBackupJob"], VAULTS, &[ResourceTag], CALL),
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
            "ListBackupJobs",
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
        "backup:StartBackupJob: Backup developer guide, API permissions",
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
    // EKS and STS.
    row(
        "eks",
        &["DescribeCluster"],
        &["arn:${partition}:eks:${region}:${account}:cluster/*"],
        &[],
        READ,
    ),
    row("sts", &["GetCallerIdentity"], ANY, &[], READ),
];
