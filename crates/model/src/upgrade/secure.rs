//! The set that secures a step: an `EmrBackup` like any other, and what it has come to.

use std::collections::BTreeMap;

use emr_api::{
    EmrBackup, EmrInstance, conditions,
    emr_backup::{BackupPhase, Consistency, EmrBackupSpec, InstanceRef, SetDeletionPolicy},
    labels,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;

use super::state::State;

/// The set that is to be taken. It is kept until a person deletes it, and it outlives the instance, so it has
/// no owner.
pub fn a_set(instance: &EmrInstance, name: &str, quiesced: bool) -> EmrBackup {
    let mut backup = EmrBackup::new(
        name,
        EmrBackupSpec {
            instance_ref: InstanceRef {
                name: instance.name_any(),
            },
            consistency: if quiesced {
                Consistency::Quiesced
            } else {
                Consistency::Online
            },
            quiet_limit: None,
            keep_days: 0,
            deletion_policy: SetDeletionPolicy::Retain,
        },
    );
    backup.metadata = ObjectMeta {
        namespace: instance.namespace(),
        labels: Some(BTreeMap::from([(
            labels::MANAGED_BY.to_owned(),
            labels::OPERATOR.to_owned(),
        )])),
        ..backup.metadata
    };
    backup
}

/// What it has come to. One that leaves secures nothing.
pub fn what_came_of(backup: &EmrBackup) -> State {
    if backup.metadata.deletion_timestamp.is_some() {
        return State::Absent;
    }
    let status = backup.status.clone().unwrap_or_default();
    let told = conditions::find(&status.conditions, conditions::READY);
    let told = told.map(|told| told.message.clone()).unwrap_or_default();
    match status.phase {
        BackupPhase::Complete => State::Done,
        BackupPhase::Failed | BackupPhase::Expired => State::Failed(format!(
            "EmrBackup {} is {}: {told}",
            backup.name_any(),
            status.phase.as_str()
        )),
        _ => State::Running(told),
    }
}
