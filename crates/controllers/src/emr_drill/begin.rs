//! From a wish to a copy that serves.

use emr_api::{
    EmrBackup, conditions,
    emr_drill::{DrillPhase, EmrDrillStatus},
};
use emr_model::{
    drill::{self, Moment, Start},
    progress::Notice,
};
use emr_runtime::{Key, Next, ReconcileError};
use kube::ResourceExt;

use super::{LOOK, Pass};
use crate::{
    phased::{another, instance_key, is_of},
    write,
};

/// It begins with the newest set, or the one that was named.
pub(super) async fn begin(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let (context, object) = (pass.context, pass.object);
    let key = instance_key(object);
    let is_under_way = |of: &EmrDrillStatus| of.phase.is_under_way();
    let of_instance = |backup: &EmrBackup| is_of(backup, &key);
    let moment = Moment {
        instance: pass.instance().await?,
        another: another(&context.mirrors.drills, object, is_under_way).await?,
        backups: context.mirrors.backups.select(of_instance).await?,
    };
    match drill::start(object, moment) {
        Start::With(backup) => {
            let status = drill::begin(object, &backup, context.now());
            let message = format!("a copy is made from EmrBackup {}", backup.name_any());
            pass.turn_to(status, "Beginning", message).await
        }
        Start::Later(not) => {
            // Neither a backup nor another drill wakes this one.
            pass.conclude(pass.status(), not.progress()).await?;
            Ok(Next::After(LOOK))
        }
        Start::Failed(why) => {
            let status = EmrDrillStatus {
                phase: DrillPhase::Failed,
                failure: Some(why),
                ..pass.status()
            };
            pass.announce(&status).await?;
            pass.rest(status).await?;
            Ok(Next::AwaitChange)
        }
    }
}

/// The copy, until it serves.
pub(super) async fn restore(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let status = pass.status();
    let Some(copy) = pass.copy().await? else {
        return make(pass, &status).await;
    };
    if copy.metadata.deletion_timestamp.is_some() {
        let why = format!("EmrInstance {}, the copy, was deleted", copy.name_any());
        return pass.judged(None, Some(why)).await;
    }
    let told = copy.status.unwrap_or_default();
    if conditions::is_true(&told.conditions, conditions::READY) {
        let status = EmrDrillStatus {
            phase: DrillPhase::Checking,
            ..status
        };
        let message = "the copy serves; its tables, keys and documents are read";
        return pass.turn_to(status, "Checking", message).await;
    }
    let waits = conditions::find(&told.conditions, conditions::READY);
    let waits = waits.map_or("it has been asked for", |ready| &*ready.message);
    let message = format!("EmrInstance {}: {waits}", drill::copy_name(pass.object));
    pass.wait(Notice::new("RestoringCopy", message)).await
}

async fn make(pass: &Pass<'_>, status: &EmrDrillStatus) -> Result<Next, ReconcileError> {
    let Some(instance) = pass.instance().await? else {
        let why = "the instance was deleted before its copy was made";
        return pass.judged(None, Some(why.to_owned())).await;
    };
    let backup = Key {
        namespace: pass.object.namespace(),
        name: status.backup.clone().unwrap_or_default(),
    };
    let Some(backup) = pass.context.mirrors.backups.cloned(&backup).await? else {
        let why = format!(
            "EmrBackup {} was deleted before its copy was made",
            backup.name
        );
        return pass.judged(None, Some(why)).await;
    };
    let copy = drill::copy(pass.object, &instance, &backup);
    write::keep(pass.context, &copy, true).await?;
    let message = format!("EmrInstance {} has been asked for", copy.name_any());
    pass.wait(Notice::new("RestoringCopy", message)).await
}
