//! Who may take a pod's role, and what it may do.

use serde_json::json;

use crate::{
    bucket::{arn, partition},
    ids::{AccountId, Arn, BucketName, Region},
};

/// Lets the pods of one service account take the role: EKS Pod Identity does it on their behalf, for one
/// cluster alone. Source: Amazon EKS user guide, "Create IAM role with trust policy required by EKS Pod
/// Identity".
pub fn trust_policy(
    account: &AccountId,
    region: &Region,
    cluster: &str,
    namespace: &str,
    service_account: &str,
) -> String {
    let partition = partition(region);
    let cluster = format!("arn:{partition}:eks:{region}:{account}:cluster/{cluster}");
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "PodsOfThisServiceAccount",
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"StringEquals": {
                "aws:SourceAccount": account.as_str(),
                "aws:SourceArn": cluster,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            }},
        }],
    })
    .to_string()
}

/// Lists, reads, writes and deletes objects of one bucket, with the one key that encrypts them, and that
/// through S3 alone. What is deleted stays as a version: versions it may not delete.
pub fn object_access(bucket: &BucketName, region: &Region, key: &Arn) -> String {
    let bucket = arn(bucket, region);
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Bucket",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
                "Resource": bucket.as_str(),
            },
            {
                "Sid": "Objects",
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
                    "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
                ],
                "Resource": format!("{bucket}/*"),
            },
            {
                "Sid": "Key",
                "Effect": "Allow",
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Resource": key.as_str(),
                "Condition": {"StringLike": {"kms:ViaService": format!("s3.{region}.*")}},
            },
        ],
    })
    .to_string()
}
