//! What a data-bearing child must know of its neighbours before it goes (safety.md 2 and 3).

use emr_api::{
    CacheCluster, EmrInstance, ManagedDatabase, SharedFileSystem, labels,
    policy::{DeletionPolicy, ManagementPolicy},
};
use emr_model::progress::{Notice, Progress};
use emr_runtime::{Key, ReconcileError};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, Resource, ResourceExt, api::ListParams};

fn failed(verb: &'static str, kind: &str, name: &str, error: kube::Error) -> ReconcileError {
    ReconcileError::from(emr_runtime::Error::request(verb, kind, name, error))
}

/// The reasons for which a child in deletion waits for its instance.
pub(crate) const IN_USE: [&str; 2] = ["InUse", "WaitingForPods"];

/// True for a child that an instance made.
pub(crate) fn belongs_to_instance<K: Resource>(child: &K) -> bool {
    child.labels().contains_key(labels::INSTANCE)
}

/// The instance that a child names: a store that a restore made has a name of its own.
pub(crate) fn instance_name<K: Resource>(child: &K) -> String {
    let named = child.annotations().get(labels::INSTANCE);
    named.cloned().unwrap_or_else(|| child.name_any())
}

/// Where the database and the files of an instance are.
pub(crate) fn stores_key(instance: &EmrInstance) -> Key {
    Key {
        namespace: instance.namespace(),
        name: instance.stores(),
    }
}

/// The instance of a child that has one; `None` once it is gone.
async fn instance_of<K: Resource>(
    client: &Client,
    child: &K,
) -> Result<Option<EmrInstance>, ReconcileError> {
    if !belongs_to_instance(child) {
        return Ok(None);
    }
    let (namespace, name) = (child.namespace().unwrap_or_default(), instance_name(child));
    Api::namespaced(client.clone(), &namespace)
        .get_opt(&name)
        .await
        .map_err(|error| failed("get", "EmrInstance", &name, error))
}

/// Why a child in deletion has to wait: an instance that lives uses it, or pods still run.
pub(crate) async fn in_use<K: Resource<DynamicType = ()>>(
    client: &Client,
    child: &K,
) -> Result<Option<Progress>, ReconcileError> {
    let waiting =
        |reason: &str, message: String| Some(Progress::Working(Notice::new(reason, message)));
    let instance = instance_of(client, child).await?;
    if let Some(instance) = &instance
        && !runs_on(instance, child)
    {
        return Ok(None);
    }
    if let Some(instance) = instance
        && instance.metadata.deletion_timestamp.is_none()
    {
        return Ok(waiting(
            "InUse",
            format!(
                "EmrInstance {} uses it, so it stays until that is deleted; deleting a child \
                     by hand changes nothing in AWS",
                instance.name_any()
            ),
        ));
    }
    let Some(label) = child.labels().get(labels::INSTANCE) else {
        return Ok(None);
    };
    let namespace = child.namespace().unwrap_or_default();
    let selector = ListParams::default().labels(&format!("{}={label}", labels::INSTANCE));
    let pods = Api::<Pod>::namespaced(client.clone(), &namespace)
        .list_metadata(&selector)
        .await
        .map_err(|error| failed("list", "Pod", &namespace, error))?;
    let running = pods.items.len();
    Ok((running > 0)
        .then(|| {
            waiting(
                "WaitingForPods",
                format!("{running} pods of the instance still run"),
            )
        })
        .flatten())
}

/// Whether the instance uses this child. A store that a restore made, or put aside, it does not; its
/// cache has its name whatever stores it has.
fn runs_on<K: Resource<DynamicType = ()>>(instance: &EmrInstance, child: &K) -> bool {
    let is_store = K::kind(&()) != <CacheCluster as Resource>::kind(&());
    !is_store || child.name_any() == instance.stores()
}

/// Whether a deletion that destroys data was confirmed, on the child or on its instance.
async fn confirmed<K: Resource>(client: &Client, child: &K) -> Result<bool, ReconcileError> {
    let name = child.name_any();
    if child.annotations().get(labels::CONFIRM_DELETE) == Some(&name) {
        return Ok(true);
    }
    Ok(instance_of(client, child).await?.is_some_and(|instance| {
        let name = instance.name_any();
        instance.annotations().get(labels::CONFIRM_DELETE) == Some(&name)
    }))
}

/// A deletion under `Delete` that nobody confirmed.
pub(crate) fn unconfirmed(name: &str) -> Progress {
    Progress::Stalled(Notice::new(
        "ConfirmationRequired",
        format!(
            "deletionPolicy Delete destroys the data without a copy: confirm with kubectl annotate \
             … {}={name}, or set deletionPolicy to Snapshot",
            labels::CONFIRM_DELETE
        ),
    ))
}

/// What speaks against the deletion of a child that holds data: it would destroy it, and nobody
/// confirmed that.
pub(crate) async fn unconfirmed_loss<K: Resource>(
    client: &Client,
    child: &K,
    policy: DeletionPolicy,
) -> Result<Option<Progress>, ReconcileError> {
    if policy != DeletionPolicy::Delete || confirmed(client, child).await? {
        return Ok(None);
    }
    Ok(Some(unconfirmed(&child.name_any())))
}

/// Why the files' half of the set is not complete yet; `None` when nothing is to be waited for.
pub(crate) async fn files_incomplete(
    client: &Client,
    database: &ManagedDatabase,
) -> Result<Option<String>, ReconcileError> {
    if !belongs_to_instance(database) {
        return Ok(None);
    }
    let (namespace, name) = (
        database.namespace().unwrap_or_default(),
        database.name_any(),
    );
    let files: Option<SharedFileSystem> = Api::namespaced(client.clone(), &namespace)
        .get_opt(&name)
        .await
        .map_err(|error| failed("get", "SharedFileSystem", &name, error))?;
    Ok(files.and_then(|files| {
        let spec = &files.spec;
        let copied = files
            .status
            .as_ref()
            .is_some_and(|s| s.final_recovery_point.is_some());
        let never_made = files
            .status
            .as_ref()
            .is_none_or(|status| status.arn.is_none());
        half_incomplete(
            &files,
            spec.deletion_policy,
            spec.management_policy,
            copied || never_made,
        )
        .then(|| format!("the files of the set, SharedFileSystem {name}, have no copy yet"))
    }))
}

/// Why the database's half of the set is not complete yet.
pub(crate) async fn database_incomplete(
    client: &Client,
    files: &SharedFileSystem,
) -> Result<Option<String>, ReconcileError> {
    if !belongs_to_instance(files) {
        return Ok(None);
    }
    let (namespace, name) = (files.namespace().unwrap_or_default(), files.name_any());
    let database: Option<ManagedDatabase> = Api::namespaced(client.clone(), &namespace)
        .get_opt(&name)
        .await
        .map_err(|error| failed("get", "ManagedDatabase", &name, error))?;
    Ok(database.and_then(|database| {
        let spec = &database.spec;
        let copied = database
            .status
            .as_ref()
            .is_some_and(|s| s.final_snapshot.is_some());
        let never_made = database
            .status
            .as_ref()
            .is_none_or(|status| status.arn.is_none());
        let complete = copied || never_made;
        half_incomplete(
            &database,
            spec.deletion_policy,
            spec.management_policy,
            complete,
        )
        .then(|| format!("the database of the set, ManagedDatabase {name}, has no copy yet"))
    }))
}

/// A half that is kept needs no copy.
fn half_incomplete<K: Resource>(
    half: &K,
    policy: DeletionPolicy,
    management: ManagementPolicy,
    complete: bool,
) -> bool {
    let kept =
        policy != DeletionPolicy::Snapshot || crate::report::hold(half, management).is_some();
    !kept && !complete
}
