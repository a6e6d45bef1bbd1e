//! What is made for a restore: stores that are the instance's own in everything but their name and
//! what they come from.

use std::collections::BTreeMap;

use emr_api::{
    EmrBackup, EmrInstance, EmrRestore, ManagedDatabase, SharedFileSystem,
    emr_backup::{Consistency, EmrBackupSpec, SetDeletionPolicy},
    emr_instance::RestoredSet,
    labels,
    policy::DeletionPolicy,
};
use emr_resource::names;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;

use crate::{
    instance::{self, Validated},
    owner::object_name,
};

/// The name of the stores that a restore makes: the instance's, and what tells this restore.
pub fn candidate_name(restore: &EmrRestore) -> String {
    let uid = restore.uid().unwrap_or_default();
    object_name(&restore.spec.instance_ref.name, &names::hash(&[&uid]))
}

/// The instance as it will be on these stores.
pub fn as_candidate(instance: &EmrInstance, stores: &str, set: &RestoredSet) -> EmrInstance {
    let mut candidate = instance.clone();
    let status = candidate.status.get_or_insert_default();
    status.stores = Some(stores.to_owned());
    status.restored = Some(set.clone());
    candidate
}

/// The stores themselves. Until the instance takes them over, they are copies that may go: the set is
/// what lasts.
pub fn children(
    candidate: &EmrInstance,
    validated: &Validated,
    kms_key_arn: &str,
) -> (ManagedDatabase, Option<SharedFileSystem>) {
    let mut made = instance::children(candidate, validated, kms_key_arn);
    made.database.spec.deletion_policy = DeletionPolicy::Delete;
    if let Some(files) = &mut made.files {
        files.spec.deletion_policy = DeletionPolicy::Delete;
    }
    (made.database, made.files)
}

/// The set that is taken before anything else. It outlives the restore.
pub fn safety_backup(restore: &EmrRestore) -> EmrBackup {
    let mut backup = EmrBackup::new(
        &object_name(&restore.name_any(), "safety"),
        EmrBackupSpec {
            instance_ref: restore.spec.instance_ref.clone(),
            consistency: Consistency::Online,
            quiet_limit: None,
            keep_days: 0,
            deletion_policy: SetDeletionPolicy::Retain,
        },
    );
    backup.metadata = ObjectMeta {
        namespace: restore.namespace(),
        labels: Some(BTreeMap::from([(
            labels::MANAGED_BY.to_owned(),
            labels::OPERATOR.to_owned(),
        )])),
        ..backup.metadata
    };
    backup
}
