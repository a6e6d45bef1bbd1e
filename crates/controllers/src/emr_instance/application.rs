//! The application's objects: applied phase by phase, pruned, and looked at. What differs between
//! applications stands in their modules; what they share is here.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use emr_api::{
    EmrInstance,
    conditions::Beside,
    emr_instance::{DatabaseUsers, Scale},
    labels,
};
use emr_model::{
    instance::{Application, InstanceSeen, Parts, Validated, Walked},
    medplum as model,
    openemr::{
        Authorities, Instance, InstanceName, InstanceUid, Namespace, Object, Objects,
        names::{self, label_value},
    },
    progress::Held,
};
use emr_runtime::{
    Error, ReconcileError,
    prune::{Member, prune},
};
use k8s_openapi::api::{
    core::v1::Pod,
    networking::v1::{Ingress, NetworkPolicy},
};
use kube::{
    Api, Resource, ResourceExt,
    api::{ApiResource, ListParams},
};

use super::gather::World;
use crate::{Context, write};

mod around;
mod medplum;
pub(crate) mod openemr;
mod secrets;
pub(crate) mod stillness;
mod take_over;
mod upgrade;

pub(crate) use take_over::TakeOver;

/// What became of the application.
pub(super) struct BroughtUp {
    pub(super) parts: Parts,
    pub(super) scale: Option<Scale>,
    pub(super) installed_version: Option<String>,
    pub(super) quiesced_for: Option<String>,
    /// Whom the pods sign in to the database as, while that is looked at.
    pub(super) users: Option<Users>,
    /// What an upgrade has come to, where that is to be written.
    pub(super) walked: Option<Walked>,
    /// When to look again, where nothing tells of what is waited for.
    pub(super) look_again: Option<Duration>,
    /// What is told beside the parts.
    pub(super) beside: Vec<Beside>,
    pub(super) failure: Option<ReconcileError>,
}

impl BroughtUp {
    /// Of these parts, with nothing else found yet.
    fn of(parts: Parts) -> Self {
        Self {
            parts,
            scale: None,
            installed_version: None,
            quiesced_for: None,
            users: None,
            walked: None,
            look_again: None,
            beside: Vec::new(),
            failure: None,
        }
    }
}

/// Whom the pods sign in to the database as, and when to look again.
pub(super) struct Users {
    pub(super) status: DatabaseUsers,
    pub(super) look_again: Option<Duration>,
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
    match &known.validated.application {
        Application::Medplum(plan) => {
            Box::pin(medplum::bring_up(context, object, world, plan, known, hold)).await
        }
        Application::OpenEmr(plan) => {
            Box::pin(openemr::bring_up(context, object, world, plan, known, hold)).await
        }
    }
}

/// The Deployments whose pods write to the instance's stores.
pub(super) fn writers(object: &EmrInstance, application: &Application) -> Vec<String> {
    let instance = identity(object);
    match application {
        Application::Medplum(_) => [model::Part::Api, model::Part::Workers]
            .map(|part| model::object(&instance, part))
            .to_vec(),
        Application::OpenEmr(_) => vec![names::object(&instance, names::Part::App)],
    }
}

/// The instance, as its objects name it.
pub(crate) fn identity(object: &EmrInstance) -> Instance {
    Instance {
        namespace: Namespace::new(object.namespace().unwrap_or_default()),
        name: InstanceName::new(object.name_any()),
        uid: InstanceUid::new(object.uid().unwrap_or_default()),
    }
}

/// Deletes what is no longer wanted of the kinds that are pruned.
async fn prune_others(
    context: &Context,
    object: &EmrInstance,
    objects: &Objects,
) -> Result<(), ReconcileError> {
    let wanted = objects.iter().map(member).collect::<BTreeSet<_>>();
    let (namespace, labels) = (
        object.namespace().unwrap_or_default(),
        instance_labels(object),
    );
    let client = &context.client;
    prune(client, &namespace, &labels, &prunable(), &wanted).await?;
    Ok(())
}

/// The labels that an instance's objects carry.
pub(super) fn instance_labels(object: &EmrInstance) -> BTreeMap<String, String> {
    BTreeMap::from([
        (labels::INSTANCE.to_owned(), label_value(&object.name_any())),
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

/// What the Job's last pod said when it ended.
pub(crate) async fn said(
    context: &Context,
    namespace: &str,
    job: &str,
) -> Result<Option<String>, ReconcileError> {
    let pods = Api::<Pod>::namespaced(context.client.clone(), namespace);
    let of_job = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={job}"));
    let pods = pods.list(&of_job).await;
    let pods = pods.map_err(|error| Error::request("list", "Pod", namespace, error))?;
    let newest = pods
        .items
        .into_iter()
        .max_by_key(|pod| pod.creation_timestamp().map(|at| at.0));
    Ok(newest.and_then(message))
}

fn message(pod: Pod) -> Option<String> {
    let containers = pod.status?.container_statuses?;
    let ended = containers.into_iter().find_map(|of| of.state?.terminated);
    let told = ended?.message?;
    Some(told.trim().to_owned()).filter(|told| !told.is_empty())
}
