//! The bucket policy: what nobody may do, however much IAM lets them.

use serde_json::{Value, json};

use super::Encryption;
use crate::ids::{AccountId, Arn, BucketName, Region};

/// The partition of AWS that a region belongs to. Source: AWS General Reference, ARNs.
pub fn partition(region: &Region) -> &'static str {
    let region = region.as_str();
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// The ARN of a bucket: it names neither account nor region.
pub fn arn(name: &BucketName, region: &Region) -> Arn {
    Arn::new(format!("arn:{}:s3:::{name}", partition(region)))
}

/// JSON in the one form in which policies are compared: S3 may write what it was given with other white
/// space and another order.
pub fn canonical(json: &str) -> String {
    serde_json::from_str::<Value>(json).map_or_else(|_| json.to_owned(), |value| value.to_string())
}

/// The policy of a bucket. `logs_of` is the bucket whose access logs S3 delivers there.
///
/// Everything without TLS 1.2 is denied, and so are objects written with another key than the bucket's.
/// Objects written without a word on encryption get the bucket's own: they are not denied. Source: Amazon
/// S3 user guide, "Security best practices", "Using bucket keys", "Enabling server access logging".
pub fn policy(
    name: &BucketName,
    region: &Region,
    encryption: &Encryption,
    logs_of: Option<(&BucketName, &AccountId)>,
) -> String {
    let bucket = arn(name, region);
    let objects = format!("{bucket}/*");
    let deny = |sid: &str, action: &str, resource: Value, condition: Value| {
        json!({
            "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action,
            "Resource": resource, "Condition": condition,
        })
    };
    let all = || json!([bucket.as_str(), objects]);
    let mut statements = vec![
        deny(
            "TlsOnly",
            "s3:*",
            all(),
            json!({"Bool": {"aws:SecureTransport": "false"}}),
        ),
        deny(
            "Tls12OrLater",
            "s3:*",
            all(),
            json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        ),
    ];
    if let Encryption::Key(key) = encryption {
        const ALGORITHM: &str = "s3:x-amz-server-side-encryption";
        const KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
        statements.push(deny(
            "KmsOnly",
            "s3:PutObject",
            json!(objects),
            json!({"Null": {ALGORITHM: "false"}, "StringNotEquals": {ALGORITHM: "aws:kms"}}),
        ));
        statements.push(deny(
            "ThisKeyOnly",
            "s3:PutObject",
            json!(objects),
            json!({"Null": {KEY: "false"}, "StringNotEquals": {KEY: key.as_str()}}),
        ));
    }
    if let Some((logged, account)) = logs_of {
        statements.push(json!({
            "Sid": "AccessLogs", "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": objects,
            "Condition": {
                "ArnLike": {"aws:SourceArn": arn(logged, region).as_str()},
                "StringEquals": {"aws:SourceAccount": account.as_str()},
            },
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}
