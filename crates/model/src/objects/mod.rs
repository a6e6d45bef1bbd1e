//! ObjectStore: a bucket, the one that its access logs go to, and what lets pods at it.

mod plan;
mod status;
#[cfg(test)]
mod tests;

use emr_api::object_store::{Lifecycle, ObjectLockMode, ObjectStoreSpec};
use emr_resource::{
    Owner, Tags, UserTags, bucket,
    ids::{AccountId, Arn, BucketName, Region, RoleName},
    names, pod_identity_association, pod_role,
};

pub use plan::{Recorded, plan, teardown};
pub use status::{status, stays, usable};

/// What the keys of access logs begin with.
const LOG_PREFIX: &str = "access/";
/// Days that access logs are kept.
const LOG_DAYS: u32 = 365;

/// An object store as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectsStack {
    /// Whose it is.
    pub owner: Owner,
    /// The region.
    pub region: Region,
    /// The bucket.
    pub bucket: bucket::Desired,
    /// The name of the bucket that access logs go to, wanted or not: one that was, goes along.
    pub logs_name: BucketName,
    /// The bucket that access logs go to. S3 delivers to no bucket with a customer's key.
    pub logs: Option<bucket::Desired>,
    /// What lets pods at it.
    pub access: Option<Access>,
}

/// What lets the pods of a service account at a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// The role.
    pub role: pod_role::Desired,
    /// Whose pods take it; the role is filled in once that has an ARN.
    pub association: pod_identity_association::Desired,
}

/// What AWS has of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectsSeen {
    /// The bucket.
    pub bucket: Option<bucket::Observed>,
    /// The bucket that access logs go to.
    pub logs: Option<bucket::Observed>,
    /// The role.
    pub role: Option<pod_role::Observed>,
    /// Whose pods take it.
    pub association: Option<pod_identity_association::Observed>,
}

/// Where an object store lands, as its platform tells it.
#[derive(Clone, Debug)]
pub struct Landing<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The region.
    pub region: &'a Region,
    /// The key that encrypts the objects.
    pub kms_key_arn: &'a str,
    /// What every role of ours may do at most.
    pub permissions_boundary: Option<&'a str>,
    /// The platform's tags.
    pub tags: &'a UserTags,
}

/// The resources that the spec asks for.
pub fn desire(owner: &Owner, spec: &ObjectStoreSpec, landing: &Landing<'_>) -> ObjectsStack {
    let tags = owner.tags(landing.tags);
    let (account, region) = (landing.account, landing.region);
    let name = names::bucket(owner, account, region, None);
    let logs_name = names::bucket(owner, account, region, Some("logs"));
    let encryption = bucket::Encryption::Key(Arn::new(landing.kms_key_arn));
    ObjectsStack {
        owner: owner.clone(),
        region: region.clone(),
        logs: spec
            .access_logs
            .then(|| logs(&logs_name, &name, landing, &tags)),
        access: spec
            .access
            .as_ref()
            .map(|access| self::access(owner, &access.service_account, &name, landing, &tags)),
        bucket: bucket::Desired {
            policy: bucket::policy(&name, region, &encryption, None),
            region: region.clone(),
            encryption,
            lifecycle: lifecycle(&spec.lifecycle),
            lock: spec.object_lock.map(|lock| bucket::Lock {
                mode: match lock.mode {
                    ObjectLockMode::Governance => bucket::LockMode::Governance,
                    ObjectLockMode::Compliance => bucket::LockMode::Compliance,
                },
                days: lock.days,
            }),
            cors_origins: spec.cors.allowed_origins.iter().cloned().collect(),
            logging: spec.access_logs.then(|| bucket::Logging {
                bucket: logs_name.clone(),
                prefix: LOG_PREFIX.into(),
            }),
            tags,
            name,
        },
        logs_name,
    }
}

fn lifecycle(spec: &Lifecycle) -> bucket::Lifecycle {
    let days = |days: u32| (days > 0).then_some(days);
    bucket::Lifecycle {
        infrequent_access_after_days: days(spec.infrequent_access_after_days),
        glacier_after_days: days(spec.glacier_after_days),
        noncurrent_expire_after_days: days(spec.noncurrent_expire_after_days),
        abort_incomplete_uploads_after_days: days(spec.abort_incomplete_uploads_after_days),
        ..bucket::Lifecycle::default()
    }
}

/// The bucket that S3 writes the access logs of `of` to.
fn logs(name: &BucketName, of: &BucketName, landing: &Landing<'_>, tags: &Tags) -> bucket::Desired {
    let encryption = bucket::Encryption::S3;
    let logs_of = Some((of, landing.account));
    bucket::Desired {
        name: name.clone(),
        region: landing.region.clone(),
        policy: bucket::policy(name, landing.region, &encryption, logs_of),
        encryption,
        lifecycle: bucket::Lifecycle {
            expire_after_days: Some(LOG_DAYS),
            noncurrent_expire_after_days: Some(1),
            ..bucket::Lifecycle::default()
        },
        lock: None,
        cors_origins: std::collections::BTreeSet::new(),
        logging: None,
        tags: tags.clone(),
    }
}

fn access(
    owner: &Owner,
    service_account: &str,
    bucket: &BucketName,
    landing: &Landing<'_>,
    tags: &Tags,
) -> Access {
    let (account, region) = (landing.account, landing.region);
    let name: RoleName = names::pod_role(owner);
    Access {
        role: pod_role::Desired {
            path: names::POD_ROLE_PATH.into(),
            description: crate::owner::description(&format!("Objects of {}", owner.path())),
            trust_policy: pod_role::trust_policy(
                account,
                region,
                &owner.cluster,
                &owner.namespace,
                service_account,
            ),
            policy: pod_role::object_access(bucket, region, &Arn::new(landing.kms_key_arn)),
            permissions_boundary: landing.permissions_boundary.map(Arn::from),
            tags: tags.clone(),
            name,
        },
        association: pod_identity_association::Desired {
            identity: names::pod_identity(owner, service_account),
            role_arn: Arn::new(""),
            tags: tags.clone(),
        },
    }
}
