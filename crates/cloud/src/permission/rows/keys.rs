//! Keys, secrets and log groups.

use super::{ANY, CALL, READ, row};
use crate::permission::{
    Condition::{Like, RequestTag, ResourceTag, True},
    Row,
};

const SECRETS: &[&str] =
    &["arn:${partition}:secretsmanager:${region}:${account}:secret:emrstack/${cluster}/*"];
const KEYS: &[&str] = &["arn:${partition}:kms:${region}:${account}:key/*"];
const LOGS: &[&str] =
    &["arn:${partition}:logs:${region}:${account}:log-group:/aws/rds/cluster/emr-*"];

pub(super) const ROWS: &[Row] = &[
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
        &["PutSecretValue", "RestoreSecret", "DeleteSecret"],
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
];
