//! The Secrets that the application's pods hold, and what pods are rolled by.

use std::{borrow::Cow, collections::BTreeMap};

use emr_api::{EmrInstance, labels};
use emr_model::instance::InstanceSeen;
use emr_runtime::{Error, ReconcileError};
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, ResourceExt};

use crate::{
    Context,
    connect::{self, Copy},
    emr_instance::gather::World,
};

/// The application's database user and the first administrator.
pub(super) async fn keep_secrets(
    context: &Context,
    object: &EmrInstance,
    world: &World,
    own: &InstanceSeen,
    binding: &str,
) -> Result<(), ReconcileError> {
    for (purpose, source) in &own.secrets {
        let copy = Copy {
            purpose,
            binding,
            source: Cow::Borrowed(source),
            user: true,
            beside: BTreeMap::new(),
        };
        connect::keep(context, &world.landing.account, object, &copy).await?;
    }
    Ok(())
}

/// The hash of the cache's Secret: pods that hold an older one are rolled.
pub(crate) async fn cache_revision(
    context: &Context,
    object: &EmrInstance,
) -> Result<Option<String>, ReconcileError> {
    let name = connect::secret_name(object, "cache");
    let namespace = object.namespace().unwrap_or_default();
    let api = Api::<Secret>::namespaced(context.client.clone(), &namespace);
    let secret = api
        .get_metadata_opt(&name)
        .await
        .map_err(|error| Error::request("get", "Secret", &name, error))?;
    Ok(secret.and_then(|secret| secret.annotations().get(labels::SOURCE_HASH).cloned()))
}

/// The stores are ready, and the Secret to connect to the cache is gone.
pub(super) fn without_secret(object: &EmrInstance) -> ReconcileError {
    let secret = connect::secret_name(object, "cache");
    ReconcileError::soon(
        "WaitingForSecret",
        format!("Secret {secret} is gone; the CacheCluster puts it back"),
    )
}
