//! From a wish to a set of what runs.

use emr_api::{
    emr_backup::BackupPhase,
    emr_restore::{EmrRestoreStatus, RestorePhase},
};
use emr_model::{
    instance::approval,
    progress::Notice,
    restore::{self, Moment},
};
use emr_runtime::{Key, Next, ReconcileError};

use super::{LOOK, Pass};
use crate::{
    emr_instance::{gather::gather, restore::find},
    phased::{another, instance_key},
    report::hold,
    write,
};

/// It begins, once the instance may change and the set is known.
pub(super) async fn begin(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let (context, object) = (pass.context, pass.object);
    let key = instance_key(object);
    let instance = context.mirrors.instances.cloned(&key).await?;
    let is_under_way = |of: &EmrRestoreStatus| of.phase.is_under_way();
    let another = another(&context.mirrors.restores, object, is_under_way).await?;
    let moment = Moment {
        held: instance
            .as_ref()
            .is_some_and(|of| hold(of, of.spec.management_policy).is_some()),
        another,
        instance,
    };
    let instance = match restore::ready_to_begin(object, moment) {
        Ok(instance) => instance,
        Err(not) => {
            // Neither the instance nor another restore wakes this one.
            pass.conclude(pass.status(), not.progress()).await?;
            return Ok(Next::After(LOOK));
        }
    };
    let world = match gather(context, &instance).await? {
        Ok(world) => world,
        Err(not) => return pass.conclude(pass.status(), not).await,
    };
    let approved = approval(object);
    let from = &object.spec.from;
    let set = match find(context, &instance, &world, from, approved).await? {
        Ok(set) => set,
        Err(none) => {
            pass.conclude(pass.status(), none.progress()).await?;
            return Ok(Next::After(LOOK));
        }
    };
    let status = restore::begin(object, &instance, set, context.now());
    let message = match &status.safety_backup {
        Some(backup) => format!("EmrBackup {backup} copies what runs, before anything is made"),
        None => made_from(&status),
    };
    pass.turn_to(status, "Beginning", message).await
}

/// A set of what runs, before anything else.
pub(super) async fn secure(pass: &Pass<'_>) -> Result<Next, ReconcileError> {
    let backup = restore::safety_backup(pass.object);
    let key = Key::of(&backup);
    let name = &key.name;
    if pass.instance().await?.is_none() {
        return pass.fail("the instance is being deleted").await;
    }
    let Some(live) = pass.context.mirrors.backups.cloned(&key).await? else {
        write::keep(pass.context, &backup, true).await?;
        let message = format!("EmrBackup {name} has been asked for");
        return pass
            .wait(Notice::new("TakingSafetySet", message), false)
            .await;
    };
    let status = live.status.unwrap_or_default();
    match status.phase {
        BackupPhase::Complete => {
            let status = EmrRestoreStatus {
                phase: RestorePhase::Making,
                ..pass.status()
            };
            let message = format!("the safety set is complete; {}", made_from(&status));
            pass.turn_to(status, "Making", message).await
        }
        phase if phase.may_complete() => {
            let message = format!("EmrBackup {name} is {}", status.phase.as_str());
            pass.wait(Notice::new("TakingSafetySet", message), false)
                .await
        }
        _ => {
            let why = status.failure.unwrap_or_else(|| "it is over".to_owned());
            pass.fail(&format!(
                "EmrBackup {name}, the safety set, is not complete: {why}; where there is nothing left \
                 to copy, spec.safetySet: Skip goes without"
            ))
            .await
        }
    }
}

/// What comes next, in words.
fn made_from(status: &EmrRestoreStatus) -> String {
    let set = status.set.as_ref();
    match set.and_then(|set| set.bucket_arn.as_deref()) {
        Some(bucket) => format!(
            "the database is made from the set; documents stay in {bucket}, and what was deleted there for \
             good since the set was taken does not come back"
        ),
        None => "database and files are made from the set".to_owned(),
    }
}
