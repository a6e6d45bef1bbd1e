//! What every resource type has in common, so that the view, the rate limits and the in-memory
//! AWS are written once.

use std::{fmt, hash::Hash, time::Duration};

use crate::Tags;

/// An AWS service as rate limits and metrics know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// AWS Backup.
    Backup,
    /// Amazon EC2.
    Ec2,
    /// Amazon EFS.
    Efs,
    /// Amazon EKS.
    Eks,
    /// Amazon ElastiCache.
    ElastiCache,
    /// AWS IAM.
    Iam,
    /// AWS KMS.
    Kms,
    /// Amazon CloudWatch Logs.
    Logs,
    /// Amazon RDS.
    Rds,
    /// Amazon S3.
    S3,
    /// AWS Secrets Manager.
    SecretsManager,
    /// Service Quotas.
    ServiceQuotas,
    /// AWS Security Token Service.
    Sts,
}

impl Service {
    /// Every service that we call.
    pub const ALL: [Self; 13] = [
        Self::Backup,
        Self::Ec2,
        Self::Efs,
        Self::Eks,
        Self::ElastiCache,
        Self::Iam,
        Self::Kms,
        Self::Logs,
        Self::Rds,
        Self::S3,
        Self::SecretsManager,
        Self::ServiceQuotas,
        Self::Sts,
    ];

    /// The prefix of the service's IAM actions, as in `rds:CreateDBCluster`.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Ec2 => "ec2",
            Self::Efs => "elasticfilesystem",
            Self::Eks => "eks",
            Self::ElastiCache => "elasticache",
            Self::Iam => "iam",
            Self::Kms => "kms",
            Self::Logs => "logs",
            Self::Rds => "rds",
            Self::S3 => "s3",
            Self::SecretsManager => "secretsmanager",
            Self::ServiceQuotas => "servicequotas",
            Self::Sts => "sts",
        }
    }
}

/// How a resource type is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// A list call pages through all of them: one sweep serves every object.
    Pages,
    /// No list call tells enough; each one in use is read singly, in turn.
    Single,
}

/// One mutating AWS call, as a value.
pub trait Mutation: Clone + fmt::Debug + Send + Sync {
    /// The API operation, which is the IAM action without the service: `CreateDBCluster`.
    fn operation(&self) -> &'static str;
    /// What it is done to: our name, or AWS's id where only that is known.
    fn target(&self) -> String;
    /// What it does, for people: "create DB cluster x", "set backup retention of x to 30 (was 7)".
    fn describe(&self) -> String;
}

/// A kind of AWS resource that the operator manages.
pub trait ResourceType: Sized + Send + Sync + 'static {
    /// Its name in status, events and metrics, in kebab case: `db-cluster`.
    const NAME: &'static str;
    /// The service that owns it.
    const SERVICE: Service;
    /// How it is read.
    const LISTING: Listing;
    /// Within which time a change by somebody else is seen, where lists tell of it. Longer than a
    /// minute only where nothing that serves or keeps data depends on it.
    const DRIFT_WINDOW: Duration = Duration::from_mins(1);
    /// Within which time all were read singly, where lists leave details out.
    const DETAIL_WINDOW: Duration = Duration::from_hours(1);

    /// What identifies it among ours: the name or token we chose.
    type Id: Clone + Ord + Hash + fmt::Display + fmt::Debug + Send + Sync;
    /// What AWS says of it.
    type Observed: Clone + PartialEq + fmt::Debug + Send + Sync;
    /// The mutating calls it knows.
    type Change: Mutation;

    /// The identity of an observed resource; `None` for one that has no name of ours at all.
    fn id(observed: &Self::Observed) -> Option<Self::Id>;
    /// Its identity as a change addresses it, so that a reply can be written through.
    fn changed(change: &Self::Change) -> Self::Id;
    /// Its tags, where they have been read.
    fn tags(observed: &Self::Observed) -> Option<&Tags>;
    /// True while AWS is working on it, details included: it is then read every few seconds.
    fn in_transition(observed: &Self::Observed) -> bool;
    /// True when it lacks details that no list call returns; the view then reads it singly.
    fn lacks_details(_observed: &Self::Observed) -> bool {
        false
    }
    /// Fills details that a list call left out from what was known before. An implementation
    /// leaves them out where a listed field hints that they changed.
    fn absorb(_listed: &mut Self::Observed, _known: &Self::Observed) {}
    /// What a change that AWS has accepted made of `before`, where its reply does not tell. `None`
    /// where that can't be said for sure: the resource is then read. So it is where AWS picks
    /// something (an id, a version, a time), where the change guards data, and where the resource
    /// is gone: that is said only after a look. Applied twice it says the same, because a page may
    /// have shown the effect already.
    fn after(_change: &Self::Change, _before: &Self::Observed) -> Option<Self::Observed> {
        None
    }
}
