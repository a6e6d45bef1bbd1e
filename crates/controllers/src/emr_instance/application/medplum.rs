//! Medplum: surroundings, the Job that makes the database, the server's configuration, the server, the way in.

mod config;
mod quiet;
mod upgrading;
mod workload;

use emr_api::{EmrInstance, labels};
use emr_model::{
    instance::{MedplumPlan, Part, Parts},
    medplum::{self, Workload, database, progress},
    progress::Held,
    upgrade::{self, Procedure},
    workload::{
        Objects,
        progress::{Finding, Next},
    },
};
use emr_runtime::{Error, ReconcileError};
use k8s_openapi::api::{apps::v1::Deployment, batch::v1::Job};
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
};
use serde_json::json;

pub(super) use workload::workload;

use super::{
    BroughtUp, Known, apply, around,
    openemr::install::retry,
    prune_others, read, said,
    secrets::{cache_revision, keep_secrets, without_secret},
    upgrade::Walk,
};
use crate::{Context, emr_instance::gather::World};

/// Brings it up as far as its stores allow.
pub(super) async fn bring_up(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    plan: &MedplumPlan,
    known: &Known<'_>,
    hold: Option<Held>,
) -> Result<BroughtUp, ReconcileError> {
    let mut up = BroughtUp::of(stores(world));
    up.parts.exposed = around::way_in(object, world, known.validated);
    if hold.is_none() {
        keep_secrets(context, object, world, known.own, "medplum").await?;
    }
    let token = cache_revision(context, object).await?;
    let stores_ready = up.parts.database.fact && up.parts.cache.fact && up.parts.files.fact;
    let procedure = Procedure::medplum();
    let wanted = &plan.medplum.version;
    let target = upgrade::target(object.status.as_ref(), &procedure, wanted);
    let built = workload(context, object, world, plan, known, &target.version);
    let (Some((mut workload, scale)), Some(token)) = (built, token) else {
        // Nothing changes about a store that puts its Secret back, so nothing would wake us.
        up.failure = stores_ready.then(|| without_secret(object));
        return Ok(up);
    };
    up.scale = Some(scale);
    let status = object.status.as_ref();
    let recorded = status.and_then(|status| status.version.as_deref());
    if !stores_ready && recorded.is_none() {
        return Ok(up);
    }
    let (made, failure) = make_database(context, &workload, recorded.is_some(), hold).await?;
    up.parts.installed = Part::of_finding(&made);
    up.failure = failure;
    if !made.met {
        return Ok(up);
    }
    let own = known.own;
    workload.revision = config::keep(context, object, world, own, &workload, &token, hold).await?;
    let objects = medplum::objects(&workload);
    if hold.is_none() {
        apply(context, &objects.serving).await?;
        apply(context, &objects.exposure).await?;
        prune_others(context, object, &objects).await?;
    }
    let deployed = deployments(context, &workload).await?;
    let recorded = recorded.map(Into::into);
    let mut installed = progress::installed(recorded.as_ref(), deployed.seen().api);
    if installed.met && recorded.is_none() {
        // Nothing wakes an instance that is Ready, so the last word is said at once.
        installed = progress::installed(Some(&workload.version), None);
    }
    up.parts.installed = Part::of_finding(&installed);
    if installed.met {
        up.installed_version = Some(workload.version.to_string());
    }
    let serving = progress::serving(&workload, deployed.seen());
    if serving.reason == "Available" && hold.is_none() {
        tell_rolled(context, world, &token).await?;
    }
    let (serving, of) = (Part::of_finding(&serving), (&workload, &deployed));
    quiet::keep(context, object, world, of, hold, &mut up, serving).await?;
    if workload.exposure.is_some() && !workload.is_fenced() {
        up.parts.exposed = around::exposed_at(context, object, &objects).await?;
    }
    let walk = Walk {
        context,
        object,
        procedure: &procedure,
        wanted,
        hold,
    };
    if installed.met && !walk.is_over(&mut up) {
        let here = upgrading::Here {
            world,
            own,
            workload: &workload,
            seen: deployed.seen(),
        };
        upgrading::go_on(&walk, &here, &mut up).await?;
    }
    Ok(up)
}

fn stores(world: &World) -> Parts {
    let database = world.database.as_ref().and_then(|of| of.status.as_ref());
    let cache = world.cache.as_ref().and_then(|of| of.status.as_ref());
    let objects = world.objects.as_ref().and_then(|of| of.status.as_ref());
    let later = || {
        Part::no(
            "WaitingForStores",
            "it starts once database, cache and bucket are ready",
        )
    };
    Parts {
        database: Part::of_child("the database", database.map(|of| &*of.conditions)),
        cache: Part::of_child("the cache", cache.map(|of| &*of.conditions)),
        files: Part::of_child("the bucket", objects.map(|of| &*of.conditions)),
        installed: later(),
        serving: later(),
        exposed: later(),
        current: None,
    }
}

/// What comes before the server: accounts and policies, and the Job that makes the database, until the
/// application is installed.
async fn make_database(
    context: &Context,
    workload: &Workload,
    recorded: bool,
    hold: Option<Held>,
) -> Result<(Finding, Option<ReconcileError>), ReconcileError> {
    let objects = medplum::objects(workload);
    if hold.is_none() {
        apply(context, &objects.surroundings).await?;
    }
    if recorded {
        return Ok((database::made(true, None, None), None));
    }
    install(context, workload, &objects, hold).await
}

/// The Job that makes the database, or takes a restored one over.
pub(super) async fn install(
    context: &Context,
    workload: &Workload,
    objects: &Objects,
    hold: Option<Held>,
) -> Result<(Finding, Option<ReconcileError>), ReconcileError> {
    let Some(install) = &objects.install else {
        return Ok((database::made(true, None, None), None));
    };
    if hold.is_none() {
        apply(context, std::slice::from_ref(install)).await?;
    }
    let namespace = workload.instance.namespace.as_str();
    let name = install.name();
    let job: Option<Job> = read(&context.client, namespace, Some(name), "Job").await?;
    let mut made = database::made(false, job.as_ref(), None);
    if !matches!(made.next, Next::Retry | Next::Person) {
        return Ok((made, None));
    }
    let said = said(context, namespace, name).await?;
    made = database::made(false, job.as_ref(), said.as_deref());
    let failure = match made.next {
        Next::Retry => retry(context, namespace, job.as_ref(), &made).await?,
        _ => None,
    };
    Ok((made, failure))
}

/// The Deployments as the API server has them.
#[derive(Default)]
struct Deployed {
    api: Option<Deployment>,
    web: Option<Deployment>,
    workers: Option<Deployment>,
}

impl Deployed {
    fn seen(&self) -> progress::Seen<'_> {
        progress::Seen {
            api: self.api.as_ref(),
            web: self.web.as_ref(),
            workers: self.workers.as_ref(),
        }
    }
}

async fn deployments(context: &Context, workload: &Workload) -> Result<Deployed, ReconcileError> {
    let namespace = workload.instance.namespace.as_str();
    let named = |part| medplum::object(&workload.instance, part);
    let kind = "Deployment";
    let client = &context.client;
    let mut deployed = Deployed {
        api: read(client, namespace, Some(&named(medplum::Part::Api)), kind).await?,
        ..Deployed::default()
    };
    if workload.web.is_some() {
        let name = named(medplum::Part::Web);
        deployed.web = read(client, namespace, Some(&name), kind).await?;
    }
    if workload.workers.is_some() {
        let name = named(medplum::Part::Workers);
        deployed.workers = read(client, namespace, Some(&name), kind).await?;
    }
    Ok(deployed)
}

/// Every pod holds the token of this revision: the cache may take the former one away. Written only while
/// it waits for that.
async fn tell_rolled(context: &Context, world: &World, token: &str) -> Result<(), ReconcileError> {
    let Some(cache) = &world.cache else {
        return Ok(());
    };
    let status = cache.status.as_ref();
    let waits = status.and_then(|of| of.auth_token.as_ref()?.rotation.as_ref());
    let told = cache.annotations().get(labels::ROLLED).map(String::as_str);
    if waits.is_none() || told == Some(token) {
        return Ok(());
    }
    let (name, namespace) = (cache.name_any(), cache.namespace().unwrap_or_default());
    let api = Api::<emr_api::CacheCluster>::namespaced(context.client.clone(), &namespace);
    let patch = json!({
        "metadata": {"uid": cache.metadata.uid, "annotations": {labels::ROLLED: token}}
    });
    api.patch(&name, &PatchParams::default(), &Patch::Merge(&patch))
        .await
        .map_err(|error| Error::request("annotate", "CacheCluster", &name, error))?;
    Ok(())
}
