//! What every kind's deletion begins with.

use emr_api::policy::{DeletionPolicy, ManagementPolicy};
use kube::Resource;

use crate::report;

/// True when the object may go and AWS stays as it is: under `Retain`, `Observe` and `Paused`
/// (safety.md 3 and 4).
pub(crate) fn leaves_aws_alone<K: Resource>(
    object: &K,
    policy: DeletionPolicy,
    management: ManagementPolicy,
) -> bool {
    policy == DeletionPolicy::Retain || report::hold(object, management).is_some()
}
