//! What a bucket is told, in S3's words and in ours.

use aws_sdk_s3::types::{
    BucketVersioningStatus, DefaultRetention, LoggingEnabled, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    Tag, Tagging, VersioningConfiguration,
};
use emr_resource::{
    Tags,
    bucket::{Encryption, Lock, LockMode, Logging},
    ids::{Arn, BucketName},
};

use super::super::wire::unbuilt;
use crate::CloudError;

pub(super) fn to_tags(tags: &Tags, operation: &'static str) -> Result<Vec<Tag>, CloudError> {
    let built = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build());
    let built: Result<_, _> = built.collect();
    built.map_err(|error| unbuilt(operation, &error))
}

pub(super) fn to_tagging(tags: &Tags, operation: &'static str) -> Result<Tagging, CloudError> {
    let set = to_tags(tags, operation)?;
    let tagging = Tagging::builder().set_tag_set(Some(set)).build();
    tagging.map_err(|error| unbuilt(operation, &error))
}

pub(super) fn from_tags(tags: &[Tag]) -> Tags {
    tags.iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect()
}

/// All four.
pub(super) fn blocked() -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .build()
}

pub(super) fn owner_enforced(operation: &'static str) -> Result<OwnershipControls, CloudError> {
    let rule = OwnershipControlsRule::builder()
        .object_ownership(ObjectOwnership::BucketOwnerEnforced)
        .build();
    let rule = rule.map_err(|error| unbuilt(operation, &error))?;
    let controls = OwnershipControls::builder().rules(rule).build();
    controls.map_err(|error| unbuilt(operation, &error))
}

pub(super) fn versioned() -> VersioningConfiguration {
    VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build()
}

pub(super) fn to_encryption(
    encryption: &Encryption,
    operation: &'static str,
) -> Result<ServerSideEncryptionConfiguration, CloudError> {
    let (algorithm, key) = match encryption {
        Encryption::Key(arn) => (ServerSideEncryption::AwsKms, Some(arn.as_str().to_owned())),
        Encryption::S3 | Encryption::Other(_) => (ServerSideEncryption::Aes256, None),
    };
    let by_default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(algorithm)
        .set_kms_master_key_id(key.clone())
        .build()
        .map_err(|error| unbuilt(operation, &error))?;
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(by_default)
        .set_bucket_key_enabled(key.map(|_| true))
        .build();
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule);
    rules.build().map_err(|error| unbuilt(operation, &error))
}

/// Every bucket has SSE-S3 where it was told nothing. Source: S3 user guide, "Default encryption FAQ".
pub(super) fn from_encryption(rules: Option<&ServerSideEncryptionConfiguration>) -> Encryption {
    let Some(rule) = rules.and_then(|rules| rules.rules().first()) else {
        return Encryption::S3;
    };
    let Some(by_default) = rule.apply_server_side_encryption_by_default() else {
        return Encryption::S3;
    };
    let key = by_default.kms_master_key_id();
    let bucket_key = rule.bucket_key_enabled().unwrap_or_default();
    match (by_default.sse_algorithm(), key) {
        (ServerSideEncryption::Aes256, _) => Encryption::S3,
        (ServerSideEncryption::AwsKms, Some(key)) if bucket_key => Encryption::Key(Arn::new(key)),
        (algorithm, key) => Encryption::Other(format!(
            "{algorithm} with {}{}",
            key.unwrap_or("the key of AWS"),
            if bucket_key { "" } else { ", no bucket key" }
        )),
    }
}

pub(super) fn to_lock(lock: Lock) -> ObjectLockConfiguration {
    let retention = DefaultRetention::builder()
        .mode(ObjectLockRetentionMode::from(lock.mode.as_str()))
        .days(days(lock.days))
        .build();
    let rule = ObjectLockRule::builder().default_retention(retention);
    ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(rule.build())
        .build()
}

pub(super) fn from_lock(lock: &ObjectLockConfiguration) -> Option<Lock> {
    let retention = lock.rule()?.default_retention()?;
    Some(Lock {
        mode: match retention.mode()? {
            ObjectLockRetentionMode::Compliance => LockMode::Compliance,
            _ => LockMode::Governance,
        },
        days: u32::try_from(retention.days()?).ok()?,
    })
}

/// S3's days; ours are bounded far below.
pub(super) fn days(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}

pub(super) fn to_logging(
    logging: Option<&Logging>,
    operation: &'static str,
) -> Result<Option<LoggingEnabled>, CloudError> {
    let Some(logging) = logging else {
        return Ok(None);
    };
    let enabled = LoggingEnabled::builder()
        .target_bucket(logging.bucket.as_str())
        .target_prefix(&logging.prefix)
        .build();
    enabled
        .map(Some)
        .map_err(|error| unbuilt(operation, &error))
}

pub(super) fn from_logging(enabled: &LoggingEnabled) -> Logging {
    Logging {
        bucket: BucketName::new(enabled.target_bucket()),
        prefix: enabled.target_prefix().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_bucket_is_told_survives_the_way_to_s3_and_back() {
        for encryption in [Encryption::S3, Encryption::Key("arn:key".into())] {
            let there = to_encryption(&encryption, "x").unwrap();
            assert_eq!(from_encryption(Some(&there)), encryption);
        }
        assert_eq!(from_encryption(None), Encryption::S3);
        for mode in [LockMode::Governance, LockMode::Compliance] {
            let lock = Lock { mode, days: 30 };
            assert_eq!(from_lock(&to_lock(lock)), Some(lock));
        }
    }
}
