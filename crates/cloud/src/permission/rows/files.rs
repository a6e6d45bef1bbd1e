//! Caches and files.

use super::{ANY, CALL, READ, row};
use crate::permission::{
    Condition::{Like, RequestTag, ResourceTag},
    Row,
};

const CACHE_OURS: &[&str] = &[
    "arn:${partition}:elasticache:${region}:${account}:serverlesscache:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:serverlesscachesnapshot:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:replicationgroup:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:cluster:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:parametergroup:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:subnetgroup:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:snapshot:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:user:emr-*",
    "arn:${partition}:elasticache:${region}:${account}:usergroup:emr-*",
];
const FILES: &[&str] = &["arn:${partition}:elasticfilesystem:${region}:${account}:file-system/*"];
const POINTS: &[&str] = &["arn:${partition}:elasticfilesystem:${region}:${account}:access-point/*"];
const TAGGED_FILES: &[&str] = &[FILES[0], POINTS[0]];

pub(super) const ROWS: &[Row] = &[
    // ElastiCache.
    row(
        "elasticache",
        &[
            "CreateServerlessCache",
            "CreateReplicationGroup",
            "CreateCacheParameterGroup",
            "CreateCacheSubnetGroup",
            "CreateUser",
            "CreateUserGroup",
        ],
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
            "ModifyReplicationGroup",
            "IncreaseReplicaCount",
            "DecreaseReplicaCount",
            "DeleteReplicationGroup",
            "ModifyCacheParameterGroup",
            "DeleteCacheParameterGroup",
            "ModifyCacheSubnetGroup",
            "DeleteCacheSubnetGroup",
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
        &["CreateSnapshot"],
        CACHE_OURS,
        &[],
        "a final snapshot: API reference, DeleteReplicationGroup",
    ),
    row(
        "elasticache",
        &[
            "DescribeServerlessCaches",
            "DescribeReplicationGroups",
            "DescribeCacheClusters",
            "DescribeCacheParameterGroups",
            "DescribeCacheParameters",
            "DescribeCacheSubnetGroups",
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
        &["TagResource"],
        FILES,
        &[RequestTag, ResourceTag],
        CALL,
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
];
