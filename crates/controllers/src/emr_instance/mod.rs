//! EmrInstance: from one manifest to a running application.
//!
//! ```text
//! gather    platform, children, Job, Deployment        Kubernetes and AWS, reads
//! validate  spec to values without contradictions      pure
//! restore   which set it is made from, if from one       Kubernetes and AWS, reads
//! switch    to the stores that a restore made, if one did Kubernetes
//! own       key, secrets, frontend group               AWS
//! children  database, cache, files                     Kubernetes
//! build     the application's objects                  pure
//! apply     phase by phase, then prune                 Kubernetes
//! backups   are they as late as they may be            AWS, reads
//! schedule  sets and drills whose time has come        Kubernetes
//! report    parts, then one verdict                    one status write
//! ```

pub(crate) mod application;
mod backups;
pub(crate) mod gather;
mod own;
mod pass;
pub(crate) mod restore;
mod schedule;
mod switch;
pub(crate) mod teardown;
mod watch;

use std::sync::Arc;

use emr_api::{
    EmrInstance,
    conditions::{self, Beside, Verdict},
    emr_instance::UpgradePhase,
    labels,
};
use emr_model::{Progress, drill, instance, progress::Notice};
use emr_runtime::{
    Key, Next, ReconcileError, Reconciler, finalizer, status::patch_status_if_changed,
};
use kube::{Api, Resource, ResourceExt};

use crate::{
    Context,
    landing::NotLanded,
    report::{self},
    write,
};
use application::Known;
use gather::{World, gather};
use pass::{Pass, remembered};
pub(crate) use watch::watched;

/// The kind's name, as watchers carry it.
pub(crate) const KIND: &str = "EmrInstance";

/// Reconciles EmrInstances.
pub(crate) struct EmrInstances(pub(crate) Context);

impl Reconciler for EmrInstances {
    type Kind = EmrInstance;

    async fn reconcile(&self, object: Arc<EmrInstance>) -> Result<Next, ReconcileError> {
        let context = &self.0;
        let api = Api::namespaced(
            context.client.clone(),
            &object.namespace().unwrap_or_default(),
        );
        if object.metadata.deletion_timestamp.is_some() {
            return Box::pin(teardown::tear_down(context, &api, &object)).await;
        }
        let object = match finalizer::ensure(&api, &*object, labels::FINALIZER).await? {
            Some(held) => Arc::new(held),
            None => object,
        };
        let pass = match Box::pin(run(context, &object)).await {
            Ok(pass) => pass,
            Err(failure) => Pass::failed(failure),
        };
        let look_again = pass.look_again;
        let parts = pass
            .parts
            .unwrap_or_else(|| remembered(&object, &pass.progress));
        let status = instance::report(
            &object,
            &pass.progress,
            &parts,
            pass.findings,
            context.now(),
        );
        patch_status_if_changed(&api, &*object, &status).await?;
        let next = report::next(&pass.progress, pass.failure)?;
        Ok(match (next, look_again) {
            (Next::AwaitChange, Some(wait)) => Next::After(wait),
            (Next::After(next), Some(wait)) => Next::After(next.min(wait)),
            (next, None) => next,
        })
    }

    fn is_settled(&self, object: &EmrInstance) -> bool {
        object.status.as_ref().is_some_and(|status| {
            let observed = status.observed_generation;
            report::is_settled(&object.metadata, observed, &status.conditions)
        })
    }

    fn phase(&self, object: &EmrInstance) -> Option<String> {
        object.status.as_ref()?.phase.clone()
    }
}

/// One pass: gather, validate, own, children, build, apply.
async fn run(context: &Context, object: &EmrInstance) -> Result<Pass, ReconcileError> {
    let world = match gather(context, object).await? {
        Ok(world) => world,
        Err(not) => return Ok(Pass::of(not.progress, not.failure)),
    };
    let validated = match instance::validate(object, &world.neighbours) {
        Ok(validated) => validated,
        Err(error) => {
            let notice = Notice::new(error.reason(), error.to_string());
            // Another instance that gives the name up does not tell this one.
            let failure = ReconcileError::slow(error.reason(), error.to_string());
            return Ok(Pass::of(Progress::Stalled(notice), Some(failure)));
        }
    };
    let authorities = match world.landing.authorities() {
        Ok(authorities) => authorities,
        Err(error) => {
            let not = NotLanded::untrusted(&error);
            return Ok(Pass::of(not.progress, not.failure));
        }
    };
    if let Some(undecided) = restore::decide(context, object, &world).await? {
        return Ok(undecided);
    }
    let hold = report::hold(object, object.spec.management_policy);
    if let Some(restore) = world.switches_for.as_ref().filter(|_| hold.is_none()) {
        return switch::change_over(context, object, &validated.application, restore).await;
    }
    let own = own::drive_own(context, object, &world, &validated, hold).await;
    let mut findings = own.findings;
    findings.beside = of_cluster(context, object, &world);
    let Some(key) = own.key.filter(|_| own.failure.is_none()) else {
        return Ok(Pass {
            progress: own.progress,
            parts: None,
            findings,
            failure: own.failure,
            look_again: None,
        });
    };
    if hold.is_none() {
        if world.database.is_none() {
            warn_of_quotas(context, object, &world).await;
        }
        let children = instance::children(object, &validated, &key);
        write::keep(context, &children.database, false).await?;
        write::keep(context, &children.cache, false).await?;
        if let Some(files) = &children.files {
            write::keep(context, files, false).await?;
        }
        if let Some(objects) = &children.objects {
            write::keep(context, objects, false).await?;
        }
    }
    let known = Known {
        validated: &validated,
        authorities: &authorities,
        own: &own.seen,
    };
    let bring_up = application::bring_up(context, object, &world, &known, hold);
    let parts = Box::pin(bring_up).await?;
    findings.scale = parts.scale;
    findings.installed_version = parts.installed_version;
    findings.quiesced_for = parts.quiesced_for;
    findings.walked = parts.walked;
    let (users, soon) = parts.users.map(|of| (of.status, of.look_again)).unzip();
    findings.database_users = users;
    findings.beside.extend(parts.beside);
    let backups = backups::healthy(context, object, &world).await;
    let looked = backups.as_ref().map(|(_, wait)| *wait);
    let soon = soon.flatten().into_iter().chain(parts.look_again);
    let mut look_again = looked.into_iter().chain(soon).min();
    findings.beside.extend(backups.map(|(told, _)| told));
    let drills = schedule::drills(context, object).await?;
    findings.beside.extend(drill::proven(&drills));
    if hold.is_none() && !is_upgrading(object) {
        let looked = schedule::keep(context, object, &validated, drills).await?;
        findings.scheduled = looked.scheduled;
        look_again = look_again.into_iter().chain(looked.next).min();
    }
    Ok(Pass {
        progress: own.progress,
        parts: Some(parts.parts),
        findings,
        failure: parts.failure,
        look_again,
    })
}

/// Whether an upgrade changes the data: a set that comes by itself waits until it is over.
fn is_upgrading(object: &EmrInstance) -> bool {
    let upgrade = object.status.as_ref().and_then(|of| of.upgrade.as_ref());
    upgrade.is_some_and(|upgrade| upgrade.phase != UpgradePhase::Failed)
}

/// What the platform tells of the cluster; while something is missing, the platform's next word
/// wakes the instance.
fn of_cluster(context: &Context, object: &EmrInstance, world: &World) -> Vec<Beside> {
    let kind = conditions::PREREQUISITES_READY;
    let told = Beside::of(kind, &world.landing.status.conditions);
    if told
        .as_ref()
        .is_none_or(|told| told.verdict != Verdict::Yes)
    {
        let key = Key {
            namespace: object.namespace(),
            name: object.name_any(),
        };
        let platform = &object.spec.platform_ref.name;
        context.waiters.add(platform, KIND, key);
    }
    told.into_iter().collect()
}

/// A new instance is told when the account has little room for it. It is made all the same: AWS has
/// the last word.
async fn warn_of_quotas(context: &Context, object: &EmrInstance, world: &World) {
    let platform = &world.landing.status.conditions;
    let Some(told) = conditions::find(platform, conditions::QUOTA_HEADROOM) else {
        return;
    };
    if told.status == "False" {
        context
            .events
            .warning(&about(object), &told.reason, "Create", &told.message)
            .await;
    }
}

/// The instance as events name it.
fn about(object: &EmrInstance) -> k8s_openapi::api::core::v1::ObjectReference {
    object.object_ref(&())
}
