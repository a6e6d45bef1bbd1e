//! The application's objects: applied phase by phase, pruned, and looked at.

use std::collections::{BTreeMap, BTreeSet};

use emr_api::{EmrInstance, emr_instance::Scale, labels};
use emr_model::{
    instance::{self, Exposure, InstanceSeen, Part, Parts, Validated},
    openemr::{self, Authorities, Object, Workload, progress},
    progress::Held,
};
use emr_runtime::{
    Error, ReconcileError,
    prune::{Member, prune},
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    networking::v1::{Ingress, NetworkPolicy},
};
use kube::{Api, Resource, ResourceExt, api::ApiResource};

use super::gather::World;
use crate::{Context, write};

pub(crate) mod install;
mod secrets;
pub(crate) mod stillness;
mod volumes;
pub(super) mod workload;

use install::install;
use secrets::{cache_revision, keep_secrets, without_secret};

/// What became of the application.
pub(super) struct BroughtUp {
    pub(super) parts: Parts,
    pub(super) scale: Option<Scale>,
    pub(super) installed_version: Option<String>,
    pub(super) quiesced_for: Option<String>,
    pub(super) failure: Option<ReconcileError>,
}

/// What is known of an instance before its application is brought up.
pub(super) struct Known<'a> {
    /// Its spec, without contradictions.
    pub(super) validated: &'a Validated,
    /// Who signs the certificates of database and cache.
    pub(super) authorities: &'a Authorities,
    /// Its own resources in AWS.
    pub(super) own: &'a InstanceSeen,
}

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
    let known = Known {
        validated,
        authorities: &authorities,
        own: &InstanceSeen::default(),
    };
    let revision = cache_revision(context, object).await?;
    let built = workload::workload(object, world, &known, revision);
    Ok(built.map(|(workload, _)| workload))
}

/// Kinds that are pruned: stateless, and made anew at any time.
fn prunable() -> [ApiResource; 2] {
    [
        ApiResource::erase::<Ingress>(&()),
        ApiResource::erase::<NetworkPolicy>(&()),
    ]
}

/// Brings the application up as far as its stores allow.
pub(super) async fn bring_up(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    known: &Known<'_>,
    hold: Option<Held>,
) -> Result<BroughtUp, ReconcileError> {
    let mut up = BroughtUp {
        parts: stores(world),
        scale: None,
        installed_version: None,
        quiesced_for: None,
        failure: None,
    };
    up.parts.exposed = match instance::exposure(object, known.validated, &world.landing.spec) {
        Exposure::Closed { reason, message } => Part::no(reason, message),
        Exposure::Open { .. } => Part::no("Starting", "the load balancer comes with the pods"),
    };
    if hold.is_none() {
        keep_secrets(context, object, world, known.own).await?;
    }
    let cache_revision = cache_revision(context, object).await?;
    let built = workload::workload(object, world, known, cache_revision);
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
    up.installed_version = Some(workload.version.to_string());
    if hold.is_none() {
        apply(context, &objects.serving).await?;
        apply(context, &objects.exposure).await?;
        let wanted = objects.iter().map(member).collect::<BTreeSet<_>>();
        let labels = instance_labels(object);
        prune(client, &namespace, &labels, &prunable(), &wanted).await?;
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
        let least = workload.replicas.min;
        stillness::keep(context, deployment.as_ref(), quiet_for.is_some(), least).await?;
    }
    if let Some(backup) = quiet_for {
        let what = format!("EmrBackup {}", backup.name_any());
        let until = "when both halves of the set are complete";
        let (part, stopped) = stillness::told(context, object, &what, until).await?;
        up.parts.serving = part;
        up.quiesced_for = backup.uid().filter(|_| stopped);
    } else {
        let serving = progress::serving(workload.replicas.min, deployment.as_ref());
        up.parts.serving = Part::of_finding(&serving);
    }
    if workload.exposure.is_some() && !workload.is_fenced() {
        let ingress: Option<Ingress> =
            read(client, &namespace, objects.named("Ingress"), "Ingress").await?;
        up.parts.exposed = exposed(ingress.as_ref());
    }
    Ok(up)
}

/// The labels that an instance's objects carry.
pub(super) fn instance_labels(object: &EmrInstance) -> BTreeMap<String, String> {
    BTreeMap::from([
        (
            labels::INSTANCE.to_owned(),
            openemr::names::label_value(&object.name_any()),
        ),
        (labels::MANAGED_BY.to_owned(), labels::OPERATOR.to_owned()),
    ])
}

fn member(object: &Object) -> Member {
    let group = match object {
        Object::Ingress(_) | Object::NetworkPolicy(_) => "networking.k8s.io",
        _ => "",
    };
    Member {
        group: group.into(),
        kind: object.kind().into(),
        name: object.name().into(),
    }
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
    }
}

/// Applies a phase.
pub(crate) async fn apply(context: &Context, objects: &[Object]) -> Result<(), ReconcileError> {
    for object in objects {
        write::keep_any(context, object, object.is_created_once()).await?;
    }
    Ok(())
}

/// The live object of that name.
pub(crate) async fn read<K>(
    client: &kube::Client,
    namespace: &str,
    name: Option<&str>,
    kind: &str,
) -> Result<Option<K>, ReconcileError>
where
    K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned,
{
    let Some(name) = name else { return Ok(None) };
    let api = Api::<K>::namespaced(client.clone(), namespace);
    Ok(api
        .get_opt(name)
        .await
        .map_err(|error| Error::request("get", kind, name, error))?)
}

/// Whether the load balancer has an address.
fn exposed(ingress: Option<&Ingress>) -> Part {
    let address = ingress
        .and_then(|ingress| {
            ingress
                .status
                .as_ref()?
                .load_balancer
                .as_ref()?
                .ingress
                .as_ref()
        })
        .and_then(|all| all.first())
        .and_then(|first| first.hostname.clone());
    match address {
        Some(address) => Part::yes("LoadBalancerReady", format!("served at {address}")),
        None => Part::no(
            "CreatingLoadBalancer",
            "the load balancer has no address yet; is the AWS Load Balancer Controller installed?",
        ),
    }
}
