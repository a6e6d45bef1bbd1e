//! OpenEMR: volumes, surroundings, the Jobs that come before the workers, the workers, the way in.

use emr_api::{EmrBackup, EmrInstance, conditions::Verdict};
use emr_model::{
    instance::{Application, InstanceSeen, OpenEmrPlan, Part, Parts, Validated},
    openemr::{self, Workload, progress},
    progress::Held,
    upgrade::{self, Procedure},
};
use emr_runtime::ReconcileError;
use k8s_openapi::api::apps::v1::Deployment;
use kube::ResourceExt;

use super::{
    BroughtUp, Known, apply, around, prune_others, read,
    secrets::{cache_revision, keep_secrets, without_secret},
    stillness,
    upgrade::Walk,
};
use crate::{Context, emr_instance::gather::World};

pub(crate) mod install;
mod rotation;
mod settings;
mod upgrading;
mod volumes;
mod workload;

use install::install;

/// The workload of an instance on the stores of its world, once they have told where they are. It knows
/// nothing of the instance's own resources: for Jobs, which need none.
pub(crate) async fn for_jobs(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    validated: &Validated,
) -> Result<Option<Workload>, ReconcileError> {
    let authorities = world
        .landing
        .authorities()
        .map_err(|error| ReconcileError::slow(error.reason(), error.to_string()))?;
    let Application::OpenEmr(plan) = &validated.application else {
        return Ok(None);
    };
    let known = Known {
        validated,
        authorities: &authorities,
        own: &InstanceSeen::default(),
    };
    let revision = cache_revision(context, object).await?;
    let version = &plan.openemr.version;
    let built = workload::workload(object, world, plan, &known, revision, version);
    Ok(built.map(|(workload, _)| workload))
}

/// Brings it up as far as its stores allow.
pub(super) async fn bring_up(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    plan: &OpenEmrPlan,
    known: &Known<'_>,
    hold: Option<Held>,
) -> Result<BroughtUp, ReconcileError> {
    let mut up = BroughtUp::of(stores(world));
    up.parts.exposed = around::way_in(object, world, known.validated);
    if hold.is_none() {
        keep_secrets(context, object, world, known.own, "openemr").await?;
    }
    let cache_revision = cache_revision(context, object).await?;
    let procedure = Procedure::openemr();
    let wanted = &plan.openemr.version;
    let target = upgrade::target(object.status.as_ref(), &procedure, wanted);
    let version = &target.version;
    let built = workload::workload(object, world, plan, known, cache_revision, version);
    let stores_ready = up.parts.database.fact && up.parts.cache.fact && up.parts.files.fact;
    let Some((workload, scale)) = built else {
        // Nothing changes about a store that puts its Secret back, so nothing would wake us.
        up.failure = stores_ready.then(|| without_secret(object));
        return Ok(up);
    };
    up.scale = Some(scale);
    let installed_before = object
        .status
        .as_ref()
        .and_then(|status| status.version.clone());
    let objects = openemr::objects(&workload);
    let client = &context.client;
    let namespace = object.namespace().unwrap_or_default();
    if hold.is_none() {
        apply(context, &objects.storage).await?;
        if stores_ready || installed_before.is_some() {
            apply(context, &objects.surroundings).await?;
        }
    }
    let recorded = installed_before.as_deref().map(openemr::Version::from);
    let (installed, failure) = install(
        context,
        &workload,
        &objects,
        recorded.as_ref(),
        stores_ready,
        hold,
    )
    .await?;
    up.parts.installed = Part::of_finding(&installed);
    up.failure = failure;
    if !installed.met {
        up.parts.serving = Part::no(
            "NotInstalled",
            "the workers start once OpenEMR is installed",
        );
        return Ok(up);
    }
    let first = installed_before.is_none();
    let walk = Walk {
        context,
        object,
        procedure: &procedure,
        wanted,
        hold,
    };
    if world.quiet_for.is_none()
        && walk.phase().is_none()
        && !configured(context, object, &workload, first, hold, &mut up).await?
    {
        return Ok(up);
    }
    up.installed_version = Some(workload.version.to_string());
    if hold.is_none() {
        apply(context, &objects.serving).await?;
        apply(context, &objects.exposure).await?;
        prune_others(context, object, &objects).await?;
    }
    let deployment: Option<Deployment> = read(
        client,
        &namespace,
        objects.named("Deployment"),
        "Deployment",
    )
    .await?;
    let quiet_for = world.quiet_for.as_ref();
    if hold.is_none() {
        let (quiet, least) = (quiet_for.is_some() || target.stopped, workload.replicas.min);
        stillness::keep(context, deployment.as_ref(), quiet, least).await?;
    }
    let backup = quiet_for.filter(|_| target.may_be_copied);
    let stopped_for = target.stopped.then_some(wanted.as_str());
    if !told_still(context, object, backup, stopped_for, &mut up).await? {
        let serving = progress::serving(workload.replicas.min, deployment.as_ref());
        up.parts.serving = Part::of_finding(&serving);
    }
    // Neither begins while the other is under way.
    let over = walk.is_over(&mut up);
    if quiet_for.is_none() && (over || rotation::is_under_way(object)) {
        rotation::keep(context, object, &workload, known, hold, &mut up).await?;
    }
    if !over {
        upgrading::go_on(&walk, &workload, deployment.as_ref(), &mut up).await?;
    }
    if workload.exposure.is_some() && !workload.is_fenced() {
        up.parts.exposed = around::exposed_at(context, object, &objects).await?;
    }
    Ok(up)
}

/// What is said of workers that stand still, for a backup or for an upgrade to a version; whether they do.
async fn told_still(
    context: &Context,
    object: &EmrInstance,
    backup: Option<&EmrBackup>,
    version: Option<&str>,
    up: &mut BroughtUp,
) -> Result<bool, ReconcileError> {
    if let Some(backup) = backup {
        let what = format!("EmrBackup {}", backup.name_any());
        let until = "when both halves of the set are complete";
        let (part, stopped) = stillness::told(context, object, &what, until).await?;
        up.parts.serving = part;
        up.quiesced_for = backup.uid().filter(|_| stopped);
        return Ok(true);
    }
    if let Some(version) = version {
        let what = format!("the upgrade to {version}");
        let (part, _) = stillness::told(context, object, &what, "with the new version").await?;
        up.parts.serving = part;
    }
    Ok(version.is_some())
}

/// Puts the settings in place, and says whether the workers may start: not before the first time.
async fn configured(
    context: &Context,
    object: &EmrInstance,
    workload: &Workload,
    first: bool,
    hold: Option<Held>,
    up: &mut BroughtUp,
) -> Result<bool, ReconcileError> {
    let (told, failure) = settings::keep(context, object, workload, hold).await?;
    let applied = told.verdict == Verdict::Yes;
    up.failure = up.failure.take().or(failure);
    if !applied && first {
        up.parts.installed = Part::no(&told.reason, told.message.clone());
        up.parts.serving = Part::no("NotInstalled", "the workers start once OpenEMR is set up");
    }
    up.beside.push(told);
    Ok(applied || !first)
}

fn stores(world: &World) -> Parts {
    let database = world
        .database
        .as_ref()
        .and_then(|child| child.status.as_ref());
    let cache = world.cache.as_ref().and_then(|child| child.status.as_ref());
    let files = world.files.as_ref().and_then(|child| child.status.as_ref());
    let later = || {
        Part::no(
            "WaitingForStores",
            "it starts once database, cache and files are ready",
        )
    };
    Parts {
        database: Part::of_child("the database", database.map(|status| &*status.conditions)),
        cache: Part::of_child("the cache", cache.map(|status| &*status.conditions)),
        files: Part::of_child("the file system", files.map(|status| &*status.conditions)),
        installed: later(),
        serving: later(),
        exposed: later(),
        current: None,
    }
}
