//! Databases and the network around them.

use super::{ANY, CALL, READ, row};
use crate::permission::{
    Condition::{Like, RequestTag, ResourceTag},
    Row,
};

const RDS_OURS: &[&str] = &[
    "arn:${partition}:rds:${region}:${account}:cluster:emr-*",
    "arn:${partition}:rds:${region}:${account}:db:emr-*",
    "arn:${partition}:rds:${region}:${account}:cluster-pg:emr-*",
    "arn:${partition}:rds:${region}:${account}:subgrp:emr-*",
    "arn:${partition}:rds:${region}:${account}:cluster-snapshot:emr-*",
    "arn:${partition}:rds:${region}:${account}:pg:emr-*",
    "arn:${partition}:rds:${region}:${account}:snapshot:emr-*",
];
const RESTORED: &[&str] = &[
    "arn:${partition}:rds:${region}:${account}:cluster:emr-*",
    "arn:${partition}:rds:${region}:${account}:cluster-pg:emr-*",
    "arn:${partition}:rds:${region}:${account}:subgrp:emr-*",
    "arn:${partition}:rds:${region}:${account}:cluster-snapshot:*",
];
const REWOUND: &[&str] = &[
    "arn:${partition}:rds:${region}:${account}:cluster:emr-*",
    "arn:${partition}:rds:${region}:${account}:cluster-pg:emr-*",
    "arn:${partition}:rds:${region}:${account}:subgrp:emr-*",
    "arn:${partition}:rds:${region}:${account}:cluster-auto-backup:*",
];
const INSTANCE_RESTORED: &[&str] = &[
    "arn:${partition}:rds:${region}:${account}:db:emr-*",
    "arn:${partition}:rds:${region}:${account}:pg:emr-*",
    "arn:${partition}:rds:${region}:${account}:og:default:*",
    "arn:${partition}:rds:${region}:${account}:subgrp:emr-*",
    "arn:${partition}:rds:${region}:${account}:snapshot:*",
];
const INSTANCE_REWOUND: &[&str] = &[
    "arn:${partition}:rds:${region}:${account}:db:emr-*",
    "arn:${partition}:rds:${region}:${account}:pg:emr-*",
    "arn:${partition}:rds:${region}:${account}:og:default:*",
    "arn:${partition}:rds:${region}:${account}:subgrp:emr-*",
    "arn:${partition}:rds:${region}:${account}:auto-backup:*",
];
const GROUPS: &[&str] = &["arn:${partition}:ec2:${region}:${account}:security-group/*"];

pub(super) const ROWS: &[Row] = &[
    // RDS.
    row(
        "rds",
        &[
            "CreateDBCluster",
            "CreateDBInstance",
            "CreateDBClusterSnapshot",
            "CreateDBClusterParameterGroup",
            "CreateDBInstanceReadReplica",
            "CreateDBParameterGroup",
            "CreateDBSnapshot",
            "CreateDBSubnetGroup",
        ],
        RDS_OURS,
        &[RequestTag],
        CALL,
    ),
    // From any snapshot, also from one that another cluster, or AWS Backup, took.
    row(
        "rds",
        &["RestoreDBClusterFromSnapshot"],
        RESTORED,
        &[RequestTag],
        CALL,
    ),
    row(
        "rds",
        &["RestoreDBClusterToPointInTime"],
        REWOUND,
        &[RequestTag],
        CALL,
    ),
    row(
        "rds",
        &["CreateDBInstance", "CreateDBInstanceReadReplica"],
        &["arn:${partition}:rds:${region}:${account}:og:default:*"],
        &[RequestTag],
        "the option group that AWS gives an instance: RDS user guide, Identity-based policy examples",
    ),
    row(
        "rds",
        &["RestoreDBInstanceFromDBSnapshot"],
        INSTANCE_RESTORED,
        &[RequestTag],
        CALL,
    ),
    row(
        "rds",
        &["RestoreDBInstanceToPointInTime"],
        INSTANCE_REWOUND,
        &[RequestTag],
        CALL,
    ),
    row(
        "rds",
        &["AddTagsToResource"],
        RDS_OURS,
        &[RequestTag],
        "our call, and tags given to rds:Create*: RDS user guide, Tagging resources",
    ),
    row(
        "rds",
        &[
            "ModifyDBCluster",
            "StartDBCluster",
            "DeleteDBCluster",
            "DeleteDBClusterSnapshot",
            "ModifyDBInstance",
            "DeleteDBInstance",
            "StartDBInstance",
            "DeleteDBSnapshot",
            "ModifyDBParameterGroup",
            "DeleteDBParameterGroup",
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
            "DescribeDBSnapshots",
            "DescribeDBParameterGroups",
            "DescribeDBParameters",
            "DescribeDBSubnetGroups",
            "DescribeAccountAttributes",
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
        "elasticfilesystem:CreateMountTarget, elasticache:CreateReplicationGroup and the like: EFS API \
         reference, CreateMountTarget; Service Authorization Reference, ElastiCache",
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
];
