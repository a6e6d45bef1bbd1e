//! Copies of secrets: from Secrets Manager into Kubernetes Secrets in the form of Service Binding.
//!
//! The value is read from AWS only when the copy is missing or was made from something older, and
//! goes nowhere but into the Secret (invariant 7).

use std::collections::BTreeMap;

use emr_api::{labels, references::SecretRef};
use emr_cloud::Account;
use emr_model::object_name;
use emr_resource::{names, secret};
use emr_runtime::{ReconcileError, apply};
use k8s_openapi::{
    ByteString, api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{Api, Client, Resource, ResourceExt};

/// A Secret to keep.
pub(crate) struct Copy<'a> {
    /// What the Secret's name ends in.
    pub(crate) purpose: &'a str,
    /// The binding's type: `mysql`, `redis`, `openemr`.
    pub(crate) binding: &'a str,
    /// Where it comes from.
    pub(crate) source: &'a secret::Observed,
    /// What stands beside user name and password: host, port, …
    pub(crate) beside: BTreeMap<&'a str, String>,
}

/// The Secret's name.
pub(crate) fn secret_name<K: Resource>(owner: &K, purpose: &str) -> String {
    object_name(&owner.name_any(), purpose)
}

/// Keeps the Secret as it should be, owned by `owner`.
pub(crate) async fn keep<K: Resource<DynamicType = ()>>(
    client: &Client,
    account: &Account,
    owner: &K,
    copy: &Copy<'_>,
) -> Result<SecretRef, ReconcileError> {
    let name = secret_name(owner, copy.purpose);
    let namespace = owner.namespace().unwrap_or_default();
    let hash = source_hash(copy);
    let api = Api::<Secret>::namespaced(client.clone(), &namespace);
    let live = api.get_metadata_opt(&name).await.map_err(|error| {
        ReconcileError::from(emr_runtime::Error::request("get", "Secret", &name, error))
    })?;
    let made_from = live
        .as_ref()
        .and_then(|live| live.annotations().get(labels::SOURCE_HASH));
    if made_from == Some(&hash) || owner.meta().deletion_timestamp.is_some() {
        return Ok(SecretRef { name });
    }
    let value = account
        .secret_value(&copy.source.name)
        .await
        .map_err(|error| {
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
    put("username", &value.username);
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
    apply(client, &secret, None).await?;
    Ok(SecretRef { name })
}

fn source_hash(copy: &Copy<'_>) -> String {
    let changed = copy
        .source
        .last_changed
        .map(|at| at.to_string())
        .unwrap_or_default();
    let mut parts = vec![copy.source.arn.as_str(), changed.as_str(), copy.binding];
    for (key, value) in &copy.beside {
        parts.extend([*key, value.as_str()]);
    }
    names::hash(&parts)
}
