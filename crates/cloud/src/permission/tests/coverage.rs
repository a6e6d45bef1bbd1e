//! Everything that is called has a row.

use super::*;

/// Every mutation of every resource type. A change without a row here or there is a bug.
const OPERATIONS: &[(&str, &[&str])] = &[
    (
        "elasticfilesystem",
        &["CreateAccessPoint", "DeleteAccessPoint"],
    ),
    (
        "backup",
        &[
            "StartBackupJob",
            "CreateBackupVault",
            "PutBackupVaultLockConfiguration",
        ],
    ),
    (
        "backup",
        &[
            "CreateBackupPlan",
            "UpdateBackupPlan",
            "CreateBackupSelection",
            "DeleteBackupSelection",
            "DeleteBackupPlan",
        ],
    ),
    ("iam", &["CreateRole", "AttachRolePolicy"]),
    ("iam", &["PutRolePolicy", "DeleteRolePolicy", "DeleteRole"]),
    (
        "eks",
        &[
            "CreatePodIdentityAssociation",
            "UpdatePodIdentityAssociation",
            "DeletePodIdentityAssociation",
        ],
    ),
    (
        "s3",
        &[
            "CreateBucket",
            "PutPublicAccessBlock",
            "PutBucketOwnershipControls",
            "PutBucketEncryption",
            "PutBucketPolicy",
            "PutBucketVersioning",
            "PutObjectLockConfiguration",
            "PutBucketLifecycleConfiguration",
            "PutBucketCors",
            "DeleteBucketCors",
            "PutBucketLogging",
            "PutBucketTagging",
            "DeleteBucket",
        ],
    ),
    ("elasticache", &["CreateUser", "ModifyUser", "DeleteUser"]),
    (
        "elasticache",
        &["CreateUserGroup", "ModifyUserGroup", "DeleteUserGroup"],
    ),
    (
        "elasticache",
        &[
            "CreateServerlessCache",
            "ModifyServerlessCache",
            "DeleteServerlessCache",
        ],
    ),
    (
        "elasticache",
        &[
            "CreateReplicationGroup",
            "ModifyReplicationGroup",
            "IncreaseReplicaCount",
            "DecreaseReplicaCount",
            "DeleteReplicationGroup",
        ],
    ),
    (
        "elasticache",
        &[
            "CreateCacheParameterGroup",
            "ModifyCacheParameterGroup",
            "DeleteCacheParameterGroup",
            "CreateCacheSubnetGroup",
            "ModifyCacheSubnetGroup",
            "DeleteCacheSubnetGroup",
        ],
    ),
    (
        "rds",
        &["CreateDBClusterSnapshot", "DeleteDBClusterSnapshot"],
    ),
    ("backup", &["DeleteRecoveryPoint"]),
    ("backup", &["StartRestoreJob"]),
    (
        "rds",
        &[
            "CreateDBCluster",
            "RestoreDBClusterFromSnapshot",
            "RestoreDBClusterToPointInTime",
            "ModifyDBCluster",
            "AddTagsToResource",
            "StartDBCluster",
            "DeleteDBCluster",
        ],
    ),
    (
        "rds",
        &["CreateDBInstance", "ModifyDBInstance", "DeleteDBInstance"],
    ),
    (
        "rds",
        &[
            "CreateDBInstanceReadReplica",
            "RestoreDBInstanceFromDBSnapshot",
            "RestoreDBInstanceToPointInTime",
            "StartDBInstance",
        ],
    ),
    ("rds", &["CreateDBSnapshot", "DeleteDBSnapshot"]),
    (
        "rds",
        &[
            "CreateDBParameterGroup",
            "ModifyDBParameterGroup",
            "DeleteDBParameterGroup",
        ],
    ),
    (
        "rds",
        &[
            "CreateDBClusterParameterGroup",
            "ModifyDBClusterParameterGroup",
            "DeleteDBClusterParameterGroup",
        ],
    ),
    (
        "rds",
        &[
            "CreateDBSubnetGroup",
            "ModifyDBSubnetGroup",
            "DeleteDBSubnetGroup",
        ],
    ),
    (
        "elasticfilesystem",
        &[
            "CreateFileSystem",
            "UpdateFileSystem",
            "PutLifecycleConfiguration",
            "PutBackupPolicy",
            "TagResource",
            "CreateMountTarget",
            "ModifyMountTargetSecurityGroups",
            "DeleteMountTarget",
            "DeleteFileSystem",
        ],
    ),
    ("kms", &["CreateKey", "CreateAlias", "EnableKeyRotation"]),
    (
        "logs",
        &["CreateLogGroup", "PutRetentionPolicy", "AssociateKmsKey"],
    ),
    (
        "secretsmanager",
        &[
            "CreateSecret",
            "PutSecretValue",
            "RestoreSecret",
            "DeleteSecret",
        ],
    ),
    (
        "ec2",
        &[
            "CreateSecurityGroup",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupIngress",
            "DeleteSecurityGroup",
        ],
    ),
];

#[test]
fn every_mutation_has_a_row() {
    let known = actions(&policy(&scope()));
    for (service, operations) in OPERATIONS {
        for operation in *operations {
            let action = action(service, operation);
            assert!(known.contains(&action), "{action}");
        }
    }
}

/// Every source file under a folder of the workspace.
fn sources(folder: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                texts.push(std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    texts
}

#[test]
fn the_operations_in_this_test_are_those_of_the_resource_types() {
    // Each `operation()` is written as a literal, so the sources tell them all.
    let listed: BTreeSet<_> = OPERATIONS
        .iter()
        .flat_map(|(_, all)| all.iter().copied())
        .collect();
    let mut found = BTreeSet::new();
    let texts = sources("../resource/src");
    for text in &texts {
        for body in text.split("fn operation(&self) -> &'static str {").skip(1) {
            let body = &body[..body.find("\n    }").unwrap_or(body.len())];
            found.extend(body.split('"').skip(1).step_by(2));
        }
    }
    assert_eq!(found, listed);
}

#[test]
fn every_read_of_an_adapter_has_a_row() {
    let policy = policy(&scope());
    let known = actions(&policy);
    let known: BTreeSet<_> = known
        .iter()
        .filter_map(|action| Some(action.split_once(':')?.1))
        .collect();
    let texts = sources("src/sdk");
    let mut number = 0;
    for text in &texts {
        for marker in ["read(\"", "OPERATION: &str = \""] {
            for rest in text.split(marker).skip(1) {
                let operation = rest.split('"').next().unwrap_or_default();
                let of_s3 = action("s3", operation);
                let of_s3 = of_s3.trim_start_matches("s3:");
                let found = [operation, of_s3];
                assert!(found.iter().any(|name| known.contains(name)), "{operation}");
                number += 1;
            }
        }
    }
    assert!(
        number > 20,
        "only {number} reads found: the adapters write them differently now"
    );
}
