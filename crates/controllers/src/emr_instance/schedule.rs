//! What comes by itself: sets and drills whose time has come, and those that are over and not needed as
//! the record any more.

use std::{fmt::Debug, time::Duration};

use emr_api::{
    EmrBackup, EmrDrill, EmrInstance, emr_backup::BackupPhase, emr_drill::DrillPhase,
    emr_instance::Scheduled,
};
use emr_model::instance::{Validated, due, surplus};
use emr_runtime::{Error, Key, ReconcileError};
use kube::{Api, Resource, api::DeleteParams};
use serde::de::DeserializeOwned;

use crate::{Context, phased::is_of, write};

/// What came of a look at the clock.
#[derive(Default)]
pub(super) struct Looked {
    /// What status is to remember.
    pub(super) scheduled: Option<Scheduled>,
    /// When to look again.
    pub(super) next: Option<Duration>,
}

/// Makes what is due. It is made before it is remembered, under a name that its time decides.
pub(super) async fn keep(
    context: &Context,
    object: &EmrInstance,
    validated: &Validated,
    drills: Vec<EmrDrill>,
) -> Result<Looked, ReconcileError> {
    if validated.sets.is_none() && validated.drills.is_none() {
        return Ok(Looked::default());
    }
    let due = due(object, validated, context.now());
    if let Some(set) = &due.set {
        write::keep(context, set, true).await?;
    }
    if let Some(drill) = &due.drill {
        write::keep(context, drill, true).await?;
    }
    let key = Key::of(object);
    let of_instance = |backup: &EmrBackup| is_of(backup, &key);
    let sets = context.mirrors.backups.select(of_instance).await?;
    let is_gone = |backup: &EmrBackup| {
        let phase = backup.status.as_ref().map(|status| status.phase);
        matches!(phase, Some(BackupPhase::Expired | BackupPhase::Failed))
    };
    drop_all::<EmrBackup>(context, &key, surplus(object, sets, is_gone)).await?;
    let is_over = |drill: &EmrDrill| {
        let phase = drill.status.as_ref().map(|status| status.phase);
        phase.is_some_and(DrillPhase::is_over)
    };
    drop_all::<EmrDrill>(context, &key, surplus(object, drills, is_over)).await?;
    Ok(Looked {
        scheduled: due.scheduled,
        next: due.next,
    })
}

/// The instance's drills.
pub(super) async fn drills(
    context: &Context,
    object: &EmrInstance,
) -> Result<Vec<EmrDrill>, ReconcileError> {
    let key = Key::of(object);
    let of_instance = |drill: &EmrDrill| is_of(drill, &key);
    context.mirrors.drills.select(of_instance).await
}

async fn drop_all<K>(context: &Context, key: &Key, names: Vec<String>) -> Result<(), ReconcileError>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned,
{
    let namespace = key.namespace.as_deref().unwrap_or_default();
    let api = Api::<K>::namespaced(context.client.clone(), namespace);
    for name in names {
        match api.delete(&name, &DeleteParams::default()).await {
            // The mirror may not show yet that it is gone.
            Err(kube::Error::Api(status)) if status.is_not_found() => {}
            gone => {
                let kind = K::kind(&());
                gone.map_err(|error| Error::request("delete", &kind, &name, error))?;
            }
        }
    }
    Ok(())
}
