//! Copies of secrets: from Secrets Manager into Kubernetes Secrets in the form of Service Binding.
//!
//! The value is read from AWS only when the copy is missing, was made from something older or is no
//! longer as we wrote it, and goes nowhere but into the Secret (invariant 7). Whether somebody
//! edited the copy is told by its metadata: a changed key is no longer ours in `managedFields`.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use emr_api::{labels, references::SecretRef};
use emr_cloud::Account;
use emr_model::object_name;
use emr_resource::{names, secret};
use emr_runtime::{
    Key, ReconcileError,
    apply::{apply, owned_keys},
};
use k8s_openapi::{
    ByteString, api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{Api, Resource, ResourceExt};

use crate::Context;

/// What every copy holds beside its own.
const ALWAYS: [&str; 2] = ["type", "password"];
/// And this one, where clients sign in with a user name.
const USER: &str = "username";

/// A Secret to keep.
pub(crate) struct Copy<'a> {
    /// What the Secret's name ends in.
    pub(crate) purpose: &'a str,
    /// The binding's type: `mysql`, `redis`, `openemr`.
    pub(crate) binding: &'a str,
    /// Where it comes from, at the version to hand out.
    pub(crate) source: Cow<'a, secret::Observed>,
    /// Whether the user name is handed out: AUTH knows none.
    pub(crate) user: bool,
    /// What stands beside user name and password: host, port, …
    pub(crate) beside: BTreeMap<&'a str, String>,
}

/// The Secret's name.
pub(crate) fn secret_name<K: Resource>(owner: &K, purpose: &str) -> String {
    object_name(&owner.name_any(), purpose)
}

/// Keeps the Secret as it should be, owned by `owner`. What somebody did to it is put back, and told.
pub(crate) async fn keep<K: Resource<DynamicType = ()>>(
    context: &Context,
    account: &Account,
    owner: &K,
    copy: &Copy<'_>,
) -> Result<SecretRef, ReconcileError> {
    let name = secret_name(owner, copy.purpose);
    let namespace = owner.namespace().unwrap_or_default();
    let hash = revision(copy);
    let api = Api::<Secret>::namespaced(context.client.clone(), &namespace);
    let live = api.get_metadata_opt(&name).await.map_err(|error| {
        ReconcileError::from(emr_runtime::Error::request("get", "Secret", &name, error))
    })?;
    // Of one that was made from what it should be made from.
    let edited = live
        .as_ref()
        .filter(|live| live.annotations().get(labels::SOURCE_HASH) == Some(&hash))
        .map(|live| edits(&live.metadata, owner, copy));
    if owner.meta().deletion_timestamp.is_some() {
        return Ok(SecretRef { name });
    }
    let place = Key::new(&namespace, &name);
    if edited.as_ref().is_some_and(Vec::is_empty) {
        let version = live.and_then(|live| live.resource_version());
        context.kept.note(owner, place, version);
        return Ok(SecretRef { name });
    }
    let value = account.secret_value(&copy.source).await.map_err(|error| {
        ReconcileError::soon(error.reason(), format!("{error}. {}", error.advice()))
    })?;
    let mut data: BTreeMap<String, ByteString> = copy
        .beside
        .iter()
        .map(|(key, value)| ((*key).to_owned(), ByteString(value.clone().into_bytes())))
        .collect();
    let mut put = |key: &str, value: &str| {
        data.insert(key.to_owned(), ByteString(value.as_bytes().to_vec()));
    };
    put("type", copy.binding);
    if copy.user {
        put(USER, &value.username);
    }
    put("password", &value.password);
    let secret = Secret {
        metadata: ObjectMeta {
            name: Some(name.clone()),
            namespace: Some(namespace),
            labels: Some(BTreeMap::from([(
                labels::MANAGED_BY.to_owned(),
                labels::OPERATOR.to_owned(),
            )])),
            annotations: Some(BTreeMap::from([(labels::SOURCE_HASH.to_owned(), hash)])),
            owner_references: owner.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        type_: Some(format!("servicebinding.io/{}", copy.binding)),
        data: Some(data),
        ..Secret::default()
    };
    let applied = apply(&context.client, &secret, None).await?.into_object();
    context.kept.note(owner, place, applied.resource_version());
    if let Some(edited) = edited {
        let note = format!(
            "somebody changed Secret {name}; put back: {}. It is a copy: change the secret in \
             Secrets Manager instead",
            edited.join(", ")
        );
        let about = owner.object_ref(&());
        let events = &context.events;
        events
            .warning(&about, "SecretRepaired", "Repair", &note)
            .await;
    }
    Ok(SecretRef { name })
}

/// What somebody did to the copy, by name and never by value.
fn edits<K: Resource<DynamicType = ()>>(
    live: &ObjectMeta,
    owner: &K,
    copy: &Copy<'_>,
) -> Vec<String> {
    let ours = owned_keys(live, "data");
    let mut wanted: BTreeSet<&str> = copy.beside.keys().copied().chain(ALWAYS).collect();
    if copy.user {
        wanted.insert(USER);
    }
    let mut edits: Vec<String> = wanted
        .into_iter()
        .filter(|key| !ours.contains(*key))
        .map(str::to_owned)
        .collect();
    let label = live
        .labels
        .as_ref()
        .and_then(|all| all.get(labels::MANAGED_BY));
    if label.map(String::as_str) != Some(labels::OPERATOR) {
        edits.push("the label of the operator".to_owned());
    }
    let mut owners = live.owner_references.iter().flatten();
    if !owners.any(|one| Some(&one.uid) == owner.meta().uid.as_ref()) {
        edits.push("the owner".to_owned());
    }
    edits
}

/// What tells this content from every other: what the Secret is annotated with.
pub(crate) fn revision(copy: &Copy<'_>) -> String {
    let version = copy.source.version.as_ref();
    let version = version.map_or("", |version| version.as_str());
    let mut parts = vec![copy.source.arn.as_str(), version, copy.binding];
    for (key, value) in &copy.beside {
        parts.extend([*key, value.as_str()]);
    }
    names::hash(&parts)
}
